import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createMemoryTier } from '../../main/cache/memory-tier.ts';
import { createRedisTier, type ByteStore } from '../../main/cache/redis-tier.ts';
import { createEmbeddedStore } from '../../main/store/embedded-store.ts';
import { startRedisServer, type RedisServer } from '../support/redis-server.ts';
import { needs } from '../support/requirements.ts';
import { behavesLikeACacheTier, bodyOf, LONG_MS, storedOf } from './cache-tier.ts';
import { connectStoreClient } from './redis-clients.ts';
import { behavesLikeASecondTier } from './second-tier.ts';

const MIB = 1024 * 1024;
const SEGMENT = storedOf(bodyOf(5000));

describe('the memory tier', () => {
  behavesLikeACacheTier(async () => ({
    tier: createMemoryTier({ maxBytes: 16 * MIB, maxEntryBytes: 4 * MIB, now: Date.now }),
    async [Symbol.asyncDispose]() {},
  }));
});

describe('the second tier over the embedded store', () => {
  behavesLikeASecondTier(async () => ({
    client: createEmbeddedStore({ maxBytes: 64 * MIB, now: Date.now }),
    async [Symbol.asyncDispose]() {},
  }));
});

describe('the second tier over a real Redis', needs('redis-server'), () => {
  let server: RedisServer;
  beforeAll(async () => void (server = await startRedisServer()));
  afterAll(() => server[Symbol.asyncDispose]());

  behavesLikeASecondTier(() => connectStoreClient(server.url));
});

describe('a relay that shares its store with nobody', () => {
  test('never waits for others', async () => {
    const client = createEmbeddedStore({ maxBytes: 64 * MIB, now: Date.now });
    const claims: string[] = [];
    const watched: ByteStore = {
      ...client,
      claim: (key, owner, ttlMs) => {
        claims.push(key);
        return client.claim(key, owner, ttlMs);
      },
    };
    const tier = createRedisTier({
      store: () => ({ client: watched, isShared: false }),
      relayId: 'a',
      maxBodyBytes: MIB,
      now: Date.now,
    });
    const [first, second] = await Promise.all([tier.lookUp('key'), tier.lookUp('key')]);
    expect(first).toHaveProperty('end');
    expect(second).toHaveProperty('end');
    expect(claims).toEqual([]);
    if ('end' in first) first.end(SEGMENT, LONG_MS);
    await expect.poll(() => tier.get('key'), { timeout: 10_000 }).toEqual(SEGMENT);
  });
});

describe('a store that is no help', () => {
  afterEach(() => void vi.useRealTimers());

  const always = <T>(answer: () => Promise<T>): ByteStore => {
    const never = answer as () => Promise<never>;
    const locks = { claim: never, renew: never, release: never, exists: never };
    return { get: never, set: never, delete: never, deleteAll: never, ...locks };
  };
  const rejecting = always(() => Promise.reject(new Error('Connection is closed.')));
  const hanging = always(() => new Promise(() => undefined));

  test.each([
    ['rejects everything', rejecting],
    ['answers nothing', hanging],
    ['answers nothing but that it has nothing', { ...hanging, get: () => Promise.resolve(undefined) }],
    ['gives a lock and then answers nothing', { ...hanging, claim: () => Promise.resolve(true) }],
    [
      'says that somebody else loads, and then answers nothing',
      { ...hanging, get: () => Promise.resolve(undefined), claim: () => Promise.resolve(false) },
    ],
    [
      'claims for ever that somebody else loads',
      {
        ...rejecting,
        get: () => Promise.resolve(undefined),
        claim: () => Promise.resolve(false),
        exists: () => Promise.resolve(true),
      },
    ],
  ] satisfies [string, ByteStore][])('because it %s is a miss', async (_, client) => {
    vi.useFakeTimers();
    const store = { client, isShared: true };
    const tier = createRedisTier({ store: () => store, relayId: 'a', maxBodyBytes: MIB, now: Date.now });
    const get = tier.get('key');
    const done = Promise.all([tier.set('key', SEGMENT, LONG_MS), tier.drop('key')]);
    const lookUp = tier.lookUp('key');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await get).toBeUndefined();
    await done;
    const found = await lookUp;
    if ('body' in found) throw new Error('it made something up');
    found.end(SEGMENT, LONG_MS);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('because it throws instead of rejecting is a miss', async () => {
    const throwing = (): never => {
      throw new Error('Connection is closed.');
    };
    const client = always(throwing);
    const store = { client, isShared: true };
    const tier = createRedisTier({ store: () => store, relayId: 'a', maxBodyBytes: MIB, now: Date.now });
    expect(await tier.get('key')).toBeUndefined();
    await tier.set('key', SEGMENT, LONG_MS);
    const found = await tier.lookUp('key');
    if ('end' in found) found.end(SEGMENT, LONG_MS);
  });
});
