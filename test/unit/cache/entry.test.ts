import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Entry, type Valve } from '../../../main/cache/entry.ts';
import { ProxyError } from '../../../main/errors.ts';
import { headOf, OPEN_VALVE, patternedBytes, readEntry } from './recordings.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const RESET = new ProxyError('ORIGIN_UNREACHABLE', 'the connection to the provider broke');

function createEntry({ maxBytes = MAX_BYTES } = {}): { entry: Entry; notes: string[] } {
  const notes: string[] = [];
  const entry = new Entry({
    maxBytes,
    onSettled: () => void notes.push('settled'),
    onAbandoned: () => void notes.push('abandoned'),
  });
  return { entry, notes };
}

/** A valve that notes what was done to it. */
function notingValve(): Valve & { notes: string[] } {
  const notes: string[] = [];
  return { notes, pause: () => void notes.push('pause'), resume: () => void notes.push('resume') };
}

describe('an entry being recorded', () => {
  test('gives every reader the same bytes, whenever it joins and however they arrive', () => {
    const chunkLengths = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(chunkLengths, fc.nat(12), fc.boolean(), (lengths, joinAt, isAnnounced) => {
        const body = patternedBytes(lengths.reduce((sum, length) => sum + length, 0));
        const { entry } = createEntry();
        const readers = [readEntry(entry)];
        entry.begin(headOf({ contentLength: isAnnounced ? body.length : undefined }), OPEN_VALVE);
        let position = 0;
        for (const [index, length] of lengths.entries()) {
          if (index === joinAt) readers.push(readEntry(entry));
          entry.append(body.subarray(position, position + length));
          position += length;
          for (const reader of readers) expect(reader.bytes.length).toBe(position);
        }
        entry.finish();
        readers.push(readEntry(entry));
        for (const reader of readers) {
          expect(reader.state).toBe('complete');
          expect(reader.bytes.equals(body)).toBe(true);
        }
        expect(entry.stored?.body.equals(body)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('lets the head through before the first byte, and bytes before the last', async () => {
    const { entry } = createEntry();
    const reader = readEntry(entry);
    const head = headOf({ contentLength: 10 });
    entry.begin(head, OPEN_VALVE);
    expect(await entry.ready).toEqual(head);
    entry.append(Buffer.from('01234'));
    expect(reader).toMatchObject({ state: 'reading', bytes: Buffer.from('01234') });
  });

  test('does not change what a reader holds when it grows', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    const first = patternedBytes(200_000);
    entry.append(first);
    const held = entry.read(0, Infinity);
    entry.append(patternedBytes(1_000_000, 1));
    expect(held.equals(first)).toBe(true);
  });

  test('is not changed by what its caller does with a chunk afterwards', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    const chunk = Buffer.from('abc');
    entry.append(chunk);
    chunk.fill(0);
    expect(entry.read(0, Infinity).toString()).toBe('abc');
  });

  test('hands out any part of what has arrived', () => {
    const { entry } = createEntry();
    entry.begin(headOf({ contentLength: 10 }), OPEN_VALVE);
    entry.append(Buffer.from('01234'));
    expect(entry.read(1, 3).toString()).toBe('12');
    expect(entry.read(3, 9).toString()).toBe('34');
    expect(entry.read(5, 9).toString()).toBe('');
    expect(entry.recorded(1, 4)?.toString()).toBe('123');
    expect(entry.recorded(1, 6)).toBeUndefined();
  });

  test('keeps no memory that its body does not fill', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('a key'));
    entry.finish();
    expect(entry.stored?.body.buffer.byteLength).toBe(5);
  });

  test('says how long it turned out to be', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('12345'));
    entry.finish();
    expect(entry.stored?.head).toEqual(headOf({ contentLength: 5 }));
  });

  test('may be empty', () => {
    const { entry } = createEntry();
    entry.begin(headOf({ contentLength: 0 }), OPEN_VALVE);
    entry.finish();
    expect(readEntry(entry)).toMatchObject({ state: 'complete', bytes: Buffer.alloc(0) });
  });

  test('no longer wakes a reader that has left', () => {
    const { entry } = createEntry();
    let wakes = 0;
    const wake = (): void => void (wakes += 1);
    entry.follow(wake);
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('a'));
    entry.unfollow(wake);
    entry.append(Buffer.from('b'));
    entry.finish();
    expect(wakes).toBe(1);
  });
});

describe('a load that fails', () => {
  test('before the head tells whoever waits, and nobody when nobody waits', async () => {
    const { entry, notes } = createEntry();
    const reader = readEntry(entry);
    entry.fail(RESET);
    await expect(entry.ready).rejects.toBe(RESET);
    await entry.settled;
    expect(reader.state).toBe('failed');
    expect(entry.stored).toBeUndefined();
    expect(notes).toEqual(['settled']);
  });

  test('in the middle leaves every reader without an end, and nothing to keep', async () => {
    const { entry } = createEntry();
    const early = readEntry(entry);
    entry.begin(headOf({ contentLength: 10 }), OPEN_VALVE);
    entry.append(Buffer.from('01234'));
    entry.fail(RESET);
    const late = readEntry(entry);
    await entry.settled;
    for (const reader of [early, late]) expect(reader).toMatchObject({ state: 'failed', bytes: Buffer.from('01234') });
    expect(entry).toMatchObject({ stored: undefined, isComplete: false, hasFailed: true });
  });

  test('settles once, and nothing that comes later changes it', () => {
    const { entry, notes } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('a'));
    entry.fail(RESET);
    entry.append(Buffer.from('b'));
    entry.finish();
    entry.fail(RESET);
    entry.adopt({ head: headOf(), body: Buffer.from('c') });
    expect(entry).toMatchObject({ hasFailed: true, isComplete: false, length: 1, stored: undefined });
    expect(notes).toEqual(['settled']);
  });

  test('by never ending is cut at the limit', async () => {
    const { entry } = createEntry({ maxBytes: 1000 });
    const reader = readEntry(entry);
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(patternedBytes(1000));
    expect(reader.state).toBe('reading');
    entry.append(Buffer.from('x'));
    expect(reader.state).toBe('failed');
    await entry.settled;
    expect(entry.stored).toBeUndefined();
  });
});

describe('a response out of another tier', () => {
  test('is there as if it had arrived', async () => {
    const { entry, notes } = createEntry();
    const reader = readEntry(entry);
    const stored = { head: headOf({ contentLength: 3 }), body: Buffer.from('abc') };
    entry.adopt(stored);
    expect(await entry.ready).toEqual(stored.head);
    expect(reader).toMatchObject({ state: 'complete', bytes: stored.body });
    expect(entry).toMatchObject({ isAdopted: true, stored });
    expect(notes).toEqual(['settled']);
  });

  test('that comes too late is ignored', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('from upstream'));
    entry.adopt({ head: headOf(), body: Buffer.from('abc') });
    entry.finish();
    expect(entry.isAdopted).toBe(false);
    expect(entry.stored?.body.toString()).toBe('from upstream');
  });
});

describe('interest in an entry', () => {
  test('that ends before the load does is reported each time, as long as nobody else is interested', () => {
    const { entry, notes } = createEntry();
    entry.retain();
    entry.retain();
    entry.release();
    expect(entry.isWanted).toBe(true);
    expect(notes).toEqual([]);
    entry.release();
    expect(entry.isWanted).toBe(false);
    entry.retain();
    entry.release();
    expect(notes).toEqual(['abandoned', 'abandoned']);
  });

  test('that ends afterwards is not', () => {
    const { entry, notes } = createEntry();
    entry.retain();
    entry.begin(headOf(), OPEN_VALVE);
    entry.finish();
    entry.release();
    expect(notes).toEqual(['settled']);
  });
});

describe('a body announced as too big to keep', () => {
  const CHUNK = patternedBytes(512 * 1024);
  const TOTAL = 16 * CHUNK.length;

  function createPassage(valve: Valve): Entry {
    const { entry } = createEntry();
    entry.begin(headOf({ contentLength: TOTAL }), valve);
    return entry;
  }

  test('passes through whole, and is not kept', () => {
    const entry = createPassage(OPEN_VALVE);
    const reader = readEntry(entry);
    for (let position = 0; position < TOTAL; position += CHUNK.length) entry.append(CHUNK);
    entry.finish();
    expect(reader.state).toBe('complete');
    expect(reader.bytes.length).toBe(TOTAL);
    expect(reader.bytes.subarray(-CHUNK.length).equals(CHUNK)).toBe(true);
    expect(entry).toMatchObject({ isPassage: true, stored: undefined });
  });

  test('holds the origin back while its reader is slow, and lets it go on when that has caught up', async () => {
    const valve = notingValve();
    const entry = createPassage(valve);
    let appended = 0;
    while (valve.notes.length === 0 && appended < TOTAL) {
      entry.append(CHUNK);
      appended += CHUNK.length;
    }
    expect(valve.notes).toEqual(['pause']);
    expect(appended).toBeLessThanOrEqual(MAX_BYTES);
    expect(entry.read(0, Infinity).length).toBe(appended);
    await Promise.resolve();
    expect(valve.notes).toEqual(['pause', 'resume']);
    entry.append(CHUNK);
    expect(entry.read(appended, Infinity).equals(CHUNK)).toBe(true);
    expect(valve.notes).toEqual(['pause', 'resume']);
  });

  test('hands over what it holds before the bytes that letting the origin go on brings at once', async () => {
    const next = Buffer.from('next');
    const entry = createPassage({ pause: () => undefined, resume: () => entry.append(next) });
    const heard: number[] = [];
    entry.follow(() => heard.push(entry.length));
    for (let appended = 0; appended < TOTAL / 2; appended += CHUNK.length) entry.append(CHUNK);
    const heldBytes = entry.length;
    expect(entry.read(0, Infinity).length).toBe(heldBytes);
    expect(heard.at(-1)).toBe(heldBytes);
    await Promise.resolve();
    expect(entry.read(heldBytes, Infinity)).toEqual(next);
  });

  test('has nothing to compare a second fetch with', () => {
    const entry = createPassage(OPEN_VALVE);
    entry.append(CHUNK);
    expect(entry.recorded(0, 10)).toBeUndefined();
  });

  test('that fails leaves its reader without an end', () => {
    const entry = createPassage(OPEN_VALVE);
    const reader = readEntry(entry);
    entry.append(CHUNK);
    entry.fail(RESET);
    expect(reader).toMatchObject({ state: 'failed' });
    expect(reader.bytes.equals(CHUNK)).toBe(true);
  });
});
