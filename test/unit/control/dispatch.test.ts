import pino from 'pino';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createDispatch, type Handlers } from '../../../main/control/dispatch.ts';
import { ProxyError } from '../../../main/errors.ts';
import { silentLogger } from '../../../main/log.ts';
import { scriptedHandlers } from '../../support/scripted-handlers.ts';
import { say } from '../../../shared/sentences.ts';

const caller = { who: 'a test' };

function dispatchTo(scripted: Partial<Handlers>) {
  return createDispatch({ handlers: scriptedHandlers(scripted), log: silentLogger });
}

test('a handler gets checked input with the defaults filled in, and who asks', async () => {
  const seen: unknown[] = [];
  const dispatch = dispatchTo({
    'viewers.query': (input, by) => {
      seen.push(input, by);
      return { total: 0, rows: [] };
    },
  });
  expect(await dispatch('viewers.query', { limit: 7 }, caller)).toEqual({ ok: true, value: { total: 0, rows: [] } });
  expect(seen).toEqual([{ offset: 0, limit: 7 }, caller]);
});

test('a command that wants nothing may be sent without input', async () => {
  const dispatch = dispatchTo({ 'cache.clear': () => ({}) });
  expect(await dispatch('cache.clear', undefined, caller)).toEqual({ ok: true, value: {} });
});

test('a handler may take its time', async () => {
  const dispatch = dispatchTo({ 'cache.clear': () => new Promise((resolve) => setImmediate(resolve, {})) });
  expect(await dispatch('cache.clear', {}, caller)).toEqual({ ok: true, value: {} });
});

test.each([['channels.qeury'], ['toString'], ['__proto__'], [''], [7], [null], [['cache.clear']], [{}]])(
  'what is no command (%j) is said to be none',
  async (name) => {
    expect(await dispatchTo({})(name, {}, caller)).toMatchObject({ ok: false, error: { code: 'UNKNOWN_COMMAND' } });
  },
);

test('bad input never reaches the handler, and its field is named', async () => {
  let isReached = false;
  const dispatch = dispatchTo({
    'settings.save': () => {
      isReached = true;
      throw new Error('reached');
    },
  });
  expect(await dispatch('settings.save', { settings: { port: 70_000 } }, caller)).toEqual({
    ok: false,
    error: {
      code: 'BAD_INPUT',
      sentence: say('input.field', { field: [say('field.port')], complaint: say('input.most', { maximum: 65_535 }) }),
      field: 'port',
    },
  });
  expect(isReached).toBe(false);
});

test('an expected failure crosses with its code and its sentence', async () => {
  const dispatch = dispatchTo({
    'channels.get': () => {
      throw new ProxyError('UNKNOWN_CHANNEL', say('channel.unknownHere'));
    },
  });
  expect(await dispatch('channels.get', { id: 'ch_a' }, caller)).toEqual({
    ok: false,
    error: { code: 'UNKNOWN_CHANNEL', sentence: say('channel.unknownHere') },
  });
});

test('a port in use is a matter of the field that names it', async () => {
  const dispatch = dispatchTo({
    'settings.save': () => Promise.reject(new ProxyError('PORT_IN_USE', say('relay.portInUse', { port: 80 }))),
  });
  expect(await dispatch('settings.save', { settings: { port: 80 } }, caller)).toMatchObject({
    error: { code: 'PORT_IN_USE', field: 'port' },
  });
});

test('a handler that finds the input wrong itself is answered like a schema that does', async () => {
  const dispatch = dispatchTo({
    'backup.restore': () => {
      z.object({ channels: z.array(z.string()) }).parse({ channels: 3 });
      return { channels: 0 };
    },
  });
  expect(await dispatch('backup.restore', { text: '{}' }, caller)).toEqual({
    ok: false,
    error: {
      code: 'BAD_INPUT',
      sentence: say('input.field', { field: ['channels'], complaint: say('input.kind', { kind: say('input.aList') }) }),
      field: 'channels',
    },
  });
});

test('a cancelled command says so', async () => {
  const dispatch = dispatchTo({ 'lists.refresh': () => Promise.reject(AbortSignal.abort().reason as Error) });
  expect(await dispatch('lists.refresh', { id: 1, taskId: 't' }, caller)).toMatchObject({
    ok: false,
    error: { code: 'CANCELLED' },
  });
});

test('a bug is logged whole and told as no more than a bug', async () => {
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
  const handlers = scriptedHandlers({
    'redis.test': () => {
      throw new TypeError('password of redis://me:secret@home is undefined');
    },
  });
  const reply = await createDispatch({ handlers, log })('redis.test', { url: 'redis://home' }, caller);
  expect(reply).toEqual({ ok: false, error: { code: 'BUG', sentence: say('relay.bug') } });
  expect(JSON.stringify(reply)).not.toContain('secret');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('TypeError');
  expect(lines[0]).toContain('redis.test');
});

test('a forgotten handler does not compile', () => {
  const { 'cache.clear': _forgotten, ...handlers } = scriptedHandlers({});
  // @ts-expect-error: the property 'cache.clear' is missing.
  expect(createDispatch({ handlers, log: silentLogger })).toBeTypeOf('function');
});

test('a handler whose answer is not what the contract says does not compile', () => {
  // @ts-expect-error: the contract wants `total` and `rows`.
  const handlers: Partial<Handlers> = { 'viewers.query': () => ({ total: 'none' }) };
  expect(handlers).toBeDefined();
});
