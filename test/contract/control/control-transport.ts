import { describe, expect, test, vi } from 'vitest';
import { events as eventSchemas, type EventName, type Progress, type Reply } from '../../../shared/contract.ts';
import { foreign } from '../../../shared/sentence.ts';
import { say } from '../../../shared/sentences.ts';
import { createDispatch, type Dispatch, type Handlers } from '../../../main/control/dispatch.ts';
import { createEvents, type Events } from '../../../main/control/events.ts';
import { createTasks } from '../../../main/control/tasks.ts';
import { ProxyError } from '../../../main/errors.ts';
import { silentLogger } from '../../../main/log.ts';
import { scriptedHandlers } from '../../support/scripted-handlers.ts';
import { emptySnapshot } from '../../support/snapshot.ts';

/** The window's end of a transport. */
export type ControlClient = AsyncDisposable & {
  call: (name: string, input?: unknown) => Promise<Reply<unknown>>;
  /** Hears every event until `stopListening`. */
  listen: (listener: (name: string, value: unknown) => void) => Promise<void>;
  stopListening: () => Promise<void>;
};

/** Opens a transport for what answers and tells. */
export type Connect = (relay: { dispatch: Dispatch; events: Events }) => Promise<ControlClient>;

const WAIT = { timeout: 10_000 };

/** What every transport of the contract does alike. */
export function behavesLikeAControlTransport(connect: Connect): void {
  async function start(handlers: Partial<Handlers> = {}) {
    const state = { listeners: 0 };
    const events = createEvents({
      snapshot: () => ({ ...emptySnapshot, at: Date.now() }),
      followLog(listener) {
        state.listeners += 1;
        listener({ id: 1, at: 1, level: 'warn', text: 'Redis is not usable', detail: '{}' });
        return () => void (state.listeners -= 1);
      },
      log: silentLogger,
    });
    const dispatch = createDispatch({ handlers: scriptedHandlers(handlers), log: silentLogger });
    const client = await connect({ dispatch, events });
    return { client, events, state, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
  }

  describe('a command', () => {
    test('is answered with what its handler answers, every character of it', async () => {
      const name = 'Ünïcode 频道 \u2028 "quoted" \\ 🛰';
      await using relay = await start({ 'channels.groups': () => [{ name, count: 3 }] });
      expect(await relay.client.call('channels.groups')).toEqual({ ok: true, value: [{ name, count: 3 }] });
    });

    test('reaches its handler with the defaults filled in and a word on who asks', async () => {
      const seen: unknown[] = [];
      await using relay = await start({
        'log.query': (input, { who }) => {
          seen.push(input, who);
          return { rows: [] };
        },
      });
      await relay.client.call('log.query', { text: 'redis' });
      expect(seen).toEqual([
        { level: 'info', text: 'redis', from: null, to: null, before: null, limit: 200 },
        expect.stringMatching(/\w/),
      ]);
    });

    test('that fails is answered with code, sentence and field', async () => {
      await using relay = await start({
        'settings.save': () => Promise.reject(new ProxyError('PORT_IN_USE', say('relay.portInUse', { port: 80 }))),
      });
      expect(await relay.client.call('settings.save', { settings: { port: 80 } })).toEqual({
        ok: false,
        error: { code: 'PORT_IN_USE', sentence: say('relay.portInUse', { port: 80 }), field: 'port' },
      });
    });

    test('with bad input is answered with the field that is wrong', async () => {
      await using relay = await start();
      expect(await relay.client.call('viewers.rename', { id: 'x', name: 3 })).toEqual({
        ok: false,
        error: {
          code: 'BAD_INPUT',
          sentence: say('input.field', {
            field: [say('field.name')],
            complaint: say('input.kind', { kind: say('input.aText') }),
          }),
          field: 'name',
        },
      });
    });

    test('that nobody knows is answered too', async () => {
      await using relay = await start();
      expect(await relay.client.call('channels.explode', {})).toMatchObject({
        ok: false,
        error: { code: 'UNKNOWN_COMMAND' },
      });
    });

    test('that runs into a bug tells nothing about it', async () => {
      await using relay = await start({
        'cache.clear': () => {
          throw new Error('the secret of /home/me');
        },
      });
      const reply = await relay.client.call('cache.clear');
      expect(reply).toMatchObject({ ok: false, error: { code: 'BUG' } });
      expect(JSON.stringify(reply)).not.toContain('secret');
    });

    test('waits for no other', async () => {
      const { promise, resolve } = Promise.withResolvers<Record<string, never>>();
      await using relay = await start({ 'cache.clear': () => promise, 'channels.groups': () => [] });
      const slow = relay.client.call('cache.clear');
      expect(await relay.client.call('channels.groups')).toMatchObject({ ok: true });
      resolve({});
      expect(await slow).toMatchObject({ ok: true });
    });

    test('may name 20,000 channels', async () => {
      const ids = Array.from({ length: 20_000 }, (_, index) => `ch_a-channel-with-a-long-name-${index}`);
      await using relay = await start({
        'channels.remove': ({ selection }) => ({ removed: selection.kind === 'ids' ? selection.ids.length : 0 }),
      });
      const selection = { kind: 'ids', ids } as const;
      expect(await relay.client.call('channels.remove', { selection })).toEqual({
        ok: true,
        value: { removed: 20_000 },
      });
    });
  });

  describe('events', () => {
    test('arrive as the contract says, the state of the relay first', async () => {
      await using relay = await start();
      const heard: [string, unknown][] = [];
      await relay.client.listen((name, value) => heard.push([name, value]));
      const progress: Progress = { taskId: 't', done: 1, total: null, text: foreign('Alpha') };
      await vi.waitFor(() => expect(heard.some(([name]) => name === 'snapshot')).toBe(true), WAIT);
      relay.events.tellProgress(progress);
      await vi.waitFor(() => expect(heard).toContainEqual(['progress', progress]), WAIT);
      expect(heard.map(([name]) => name)).toContain('log');
      for (const [name, value] of heard) {
        expect(eventSchemas[name as EventName].safeParse(value).success).toBe(true);
      }
    });

    test('go on every second', async () => {
      await using relay = await start();
      const heardAt = new Set<number>();
      await relay.client.listen(
        (name, value) => void (name === 'snapshot' && heardAt.add((value as { at: number }).at)),
      );
      await vi.waitFor(() => expect(heardAt.size).toBeGreaterThanOrEqual(3), WAIT);
    });

    test('cost nothing when nobody listens any more', async () => {
      await using relay = await start();
      await relay.client.listen(() => undefined);
      await vi.waitFor(() => expect(relay.state.listeners).toBe(1), WAIT);
      await relay.client.stopListening();
      await vi.waitFor(() => expect(relay.state.listeners).toBe(0), WAIT);
    });

    test('tell how far a task is, and a command cancels it', async () => {
      const window: { tell?: (progress: Progress) => void } = {};
      const tasks = createTasks({ tell: (progress) => window.tell?.(progress), steady: Date.now });
      await using relay = await start({
        'health.checkMany': ({ taskId }) =>
          tasks.run(taskId, async ({ signal, onProgress }) => {
            onProgress(1, 2, foreign('Checking Alpha'));
            await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
            return { checked: 1, broken: 0 };
          }),
        'tasks.cancel': ({ taskId }) => {
          tasks.cancel(taskId);
          return {};
        },
      });
      window.tell = relay.events.tellProgress;
      const heard: unknown[] = [];
      await relay.client.listen((name, value) => void (name === 'progress' && heard.push(value)));
      const selection = { kind: 'ids', ids: ['ch_a', 'ch_b'] } as const;
      const checking = relay.client.call('health.checkMany', { selection, taskId: 'check' });
      await vi.waitFor(() => expect(heard).toMatchObject([{ taskId: 'check', done: 1, total: 2 }]), WAIT);
      expect(await relay.client.call('tasks.cancel', { taskId: 'check' })).toEqual({ ok: true, value: {} });
      expect(await checking).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
    });
  });
}
