import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEmbeddedStore } from '../../../main/store/embedded-store.ts';

const KIB = 1024;
const LONG_MS = 60_000;

function createStore({ maxBytes = 100 * KIB } = {}) {
  const clock = { ms: 1_000_000 };
  return { clock, store: createEmbeddedStore({ maxBytes, now: () => clock.ms }) };
}

describe('the embedded store', () => {
  test('never holds more bytes than it may, and really lets go of what it gives up', async () => {
    // An empty value reads as none in ioredis-mock; ours begin with their length, and are never empty.
    const sets = fc.array(fc.record({ key: fc.nat(20), bytes: fc.integer({ min: 1, max: 60 * KIB }) }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(sets, async (sequence) => {
        const { store } = createStore();
        for (const { key, bytes } of sequence) {
          await store.set(`key ${key}`, Buffer.alloc(bytes), LONG_MS);
          expect(store.bytes).toBeLessThanOrEqual(100 * KIB);
        }
        let held = 0;
        for (let key = 0; key <= 20; key += 1) {
          const value = await store.get(`key ${key}`);
          held += value?.length ?? 0;
          expect(await store.exists(`key ${key}`)).toBe(value !== undefined);
        }
        expect(held).toBeLessThanOrEqual(store.bytes);
      }),
      { numRuns: 40 },
    );
  });

  test('gives up what was not read for longest', async () => {
    const { store } = createStore();
    for (const key of ['a', 'b', 'c']) await store.set(key, Buffer.alloc(30 * KIB), LONG_MS);
    await store.get('a');
    await store.set('d', Buffer.alloc(30 * KIB), LONG_MS);
    expect(await store.get('b')).toBeUndefined();
    for (const key of ['a', 'c', 'd']) expect(await store.get(key)).toBeDefined();
  });

  test('made smaller, it keeps what was read last and really lets go of the rest', async () => {
    const { store } = createStore();
    for (const key of ['a', 'b', 'c']) await store.set(key, Buffer.alloc(25 * KIB), LONG_MS);
    await store.set('large', Buffer.alloc(15 * KIB), LONG_MS);
    await store.get('a');
    store.resize(30 * KIB);
    expect(await Promise.all(['a', 'b', 'c', 'large'].map((key) => store.exists(key)))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(store.bytes).toBeLessThanOrEqual(30 * KIB);
    store.resize(10 * KIB);
    expect(await store.exists('a')).toBe(false);
  });

  test('does not keep a value that is larger than all it may hold, nor what that was to replace', async () => {
    const { store } = createStore();
    await store.set('a', Buffer.alloc(KIB), LONG_MS);
    await store.set('b', Buffer.alloc(KIB), LONG_MS);
    await store.set('a', Buffer.alloc(101 * KIB), LONG_MS);
    expect(await store.get('a')).toBeUndefined();
    expect(await store.exists('a')).toBe(false);
    expect(await store.get('b')).toBeDefined();
  });

  test('frees what has expired when it is swept, though nobody asks for it', async () => {
    const { clock, store } = createStore();
    await store.set('short', Buffer.alloc(30 * KIB), 5_000);
    await store.set('long', Buffer.alloc(30 * KIB), LONG_MS);
    clock.ms += 5_001;
    expect(await store.exists('short')).toBe(true);
    store.sweep();
    expect(await store.exists('short')).toBe(false);
    expect(store.bytes).toBeLessThan(31 * KIB);
    expect(await store.get('long')).toBeDefined();
  });

  test('stays within a rate times a lifetime while values come and expire, as a live channel brings them', async () => {
    const { clock, store } = createStore({ maxBytes: 10_000 * KIB });
    for (let second = 0; second < 100; second += 1) {
      await store.set(`segment ${second}`, Buffer.alloc(10 * KIB), 5_000);
      clock.ms += 1_000;
      store.sweep();
      expect(store.bytes).toBeLessThan(70 * KIB);
    }
  });

  test('shares nothing with another one in the same process', async () => {
    const [one, other] = [createStore().store, createStore().store];
    await one.set('a', 'value', LONG_MS);
    await one.claim('lock', 'owner', LONG_MS);
    expect(await other.get('a')).toBeUndefined();
    expect(await other.claim('lock', 'owner', LONG_MS)).toBe(true);
  });
});
