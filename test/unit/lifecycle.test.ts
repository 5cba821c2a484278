import { afterEach, describe, expect, test, vi } from 'vitest';
import { startAll, stopAll, type Part } from '../../main/lifecycle.ts';

const DEADLINE_MS = 5_000;

/** A part that notes what becomes of it. */
function notingPart(name: string, notes: string[], overrides: Partial<Part> = {}): Part {
  return {
    name,
    start: () => void notes.push(`start ${name}`),
    stop: () => void notes.push(`stop ${name}`),
    ...overrides,
  };
}

function failing(message: string): () => Promise<never> {
  return () => Promise.reject(new Error(message));
}

afterEach(() => void vi.useRealTimers());

describe('starting', () => {
  test('goes in order, each part after the one before is there', async () => {
    const notes: string[] = [];
    const slow = notingPart('slow', notes, {
      start: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        notes.push('start slow');
      },
    });
    await startAll(
      [notingPart('first', notes), slow, { name: 'nothing to do' }, notingPart('last', notes)],
      DEADLINE_MS,
    );
    expect(notes).toEqual(['start first', 'start slow', 'start last']);
  });

  test.each([
    ['rejects', failing('port in use')],
    [
      'throws',
      () => {
        throw new Error('port in use');
      },
    ],
  ])('is undone in reverse when a part %s, and its error is the one seen', async (_, start) => {
    const notes: string[] = [];
    const parts = [
      notingPart('a', notes),
      notingPart('b', notes),
      notingPart('c', notes, { start }),
      notingPart('d', notes),
    ];
    await expect(startAll(parts, DEADLINE_MS)).rejects.toThrow('port in use');
    expect(notes).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  test('that is undone says why it failed, whatever else goes wrong while undoing it', async () => {
    const notes: string[] = [];
    const parts = [
      notingPart('a', notes),
      notingPart('b', notes, { stop: failing('cannot stop') }),
      notingPart('c', notes, { start: failing('port in use') }),
    ];
    await expect(startAll(parts, DEADLINE_MS)).rejects.toThrow('port in use');
    expect(notes).toContain('stop a');
  });
});

describe('stopping', () => {
  test('goes in reverse, each part after the one behind it is closed', async () => {
    const notes: string[] = [];
    const slow = notingPart('slow', notes, {
      stop: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        notes.push('stop slow');
      },
    });
    await stopAll(
      [notingPart('first', notes), { name: 'nothing to do' }, slow, notingPart('last', notes)],
      DEADLINE_MS,
    );
    expect(notes).toEqual(['stop last', 'stop slow', 'stop first']);
  });

  test('reaches every part, and gathers what went wrong in one error', async () => {
    const notes: string[] = [];
    const parts = [
      notingPart('a', notes),
      notingPart('b', notes, { stop: failing('b is stuck') }),
      notingPart('c', notes, {
        stop: () => {
          throw new Error('c is broken');
        },
      }),
    ];
    const error = await stopAll(parts, DEADLINE_MS).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toMatchObject([{ message: 'c is broken' }, { message: 'b is stuck' }]);
    expect(notes).toEqual(['stop a']);
  });

  test('does not wait longer than the deadline for a part that never ends, and still closes the others', async () => {
    vi.useFakeTimers();
    const notes: string[] = [];
    const parts = [notingPart('a', notes), notingPart('endless', notes, { stop: () => new Promise(() => undefined) })];
    const stopped = stopAll(parts, DEADLINE_MS).catch((reason: unknown) => reason);
    await vi.advanceTimersByTimeAsync(DEADLINE_MS - 1);
    expect(notes).toEqual([]);
    await vi.advanceTimersByTimeAsync(2);
    const error = await stopped;
    expect(notes).toEqual(['stop a']);
    expect(String((error as AggregateError).errors[0])).toContain('endless did not stop within 5000 ms');
  });

  test('leaves no timer behind', async () => {
    vi.useFakeTimers();
    await stopAll([{ name: 'quick', stop: () => Promise.resolve() }], DEADLINE_MS);
    expect(vi.getTimerCount()).toBe(0);
  });
});
