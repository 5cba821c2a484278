import { expect, test } from 'vitest';
import { createRelay, RelayError, type Bridge } from '../../../renderer/api.ts';
import { emptySnapshot } from '../../support/snapshot.ts';
import { say } from '../../../shared/sentences.ts';

/** Electron's side of the bridge: answers what it is told to, and remembers what it was asked. */
function createBridge(answer: (command: string, input: unknown) => unknown) {
  const asked: [string, unknown][] = [];
  const listeners = new Set<(event: string, value: unknown) => void>();
  const bridge: Bridge = {
    call: (command, input) => {
      asked.push([command, input]);
      return Promise.resolve(answer(command, input));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const tell = (event: string, value: unknown): void => listeners.forEach((listener) => listener(event, value));
  return { bridge, asked, tell, listeners };
}

const location = { hostname: 'nas.local' } as Location;

test('inside Electron commands go over the bridge and their answers are checked', async () => {
  const { bridge, asked } = createBridge(() => ({ ok: true, value: { removed: 2 } }));
  const relay = createRelay({ hearthcast: bridge, location });
  await expect(relay.call('channels.remove', { selection: { kind: 'ids', ids: ['ch_a', 'ch_b'] } })).resolves.toEqual({
    removed: 2,
  });
  expect(asked).toEqual([['channels.remove', { selection: { kind: 'ids', ids: ['ch_a', 'ch_b'] } }]]);
  expect(relay).toMatchObject({ isDesktop: true, host: '127.0.0.1' });
});

test('a failure arrives with its code and the field it is about', async () => {
  const sentence = say('relay.portInUse', { port: 80 });
  const error = { code: 'PORT_IN_USE', sentence, field: 'port' };
  const { bridge } = createBridge(() => ({ ok: false, error }));
  const relay = createRelay({ hearthcast: bridge, location });
  const failure = relay.call('settings.save', { settings: { port: 80 } });
  await expect(failure).rejects.toBeInstanceOf(RelayError);
  await expect(failure).rejects.toMatchObject({ ...error, message: sentence.text });
});

test('an answer of another shape than the contract says is refused', async () => {
  const { bridge } = createBridge(() => ({ ok: true, value: { removed: 'two' } }));
  const relay = createRelay({ hearthcast: bridge, location });
  await expect(relay.call('channels.remove', { selection: { kind: 'ids', ids: ['ch_a'] } })).rejects.toThrow(
    'expected number',
  );
});

test('what changes channels raises the revision, what only reads does not', async () => {
  const { bridge } = createBridge((command) => ({
    ok: true,
    value: command === 'channels.remove' ? { removed: 1 } : { total: 0, rows: [] },
  }));
  const relay = createRelay({ hearthcast: bridge, location });
  await relay.call('channels.query', {});
  expect(relay.revision.get()).toBe(0);
  await relay.call('channels.remove', { selection: { kind: 'ids', ids: ['ch_a'] } });
  expect(relay.revision.get()).toBe(1);
});

test('events reach who listens for them until they stop, and unknown ones reach nobody', () => {
  const { bridge, tell, listeners } = createBridge(() => undefined);
  const relay = createRelay({ hearthcast: bridge, location });
  const close = relay.open();
  const seen: number[] = [];
  const stop = relay.on('snapshot', ({ at }) => seen.push(at));
  tell('snapshot', { ...emptySnapshot, at: 1 });
  tell('weather', { at: 2 });
  stop();
  tell('snapshot', { ...emptySnapshot, at: 3 });
  expect(seen).toEqual([1]);
  expect(relay.connection.get()).toBe('online');
  close();
  expect(listeners.size).toBe(0);
});
