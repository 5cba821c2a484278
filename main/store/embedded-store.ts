import { randomUUID } from 'node:crypto';
import RedisMock from 'ioredis-mock';
import { LRUCache } from 'lru-cache';
import { createStoreClient, type RedisCommands, type StoreClient } from './store-client.ts';

/** A store inside this process, for when there is no Redis. */
export type EmbeddedStore = StoreClient & {
  /** Frees what has expired. */
  sweep(): void;
  readonly bytes: number;
  /** Holds at most so much from now on: of what is there already, the most recently used. */
  resize(maxBytes: number): void;
};

/** What a key costs besides its value. */
const OVERHEAD_BYTES = 256;

/**
 * ioredis-mock speaks Redis but never frees an expired key that nobody touches, and knows no `maxmemory`. So each key that may
 * grow is also entered in a least-recently-used index bounded in bytes, and what falls out of the index is deleted.
 */
export function createEmbeddedStore({ maxBytes, now }: { maxBytes: number; now: () => number }): EmbeddedStore {
  // Instances with the same host share their data.
  const redis: RedisCommands = new RedisMock({ host: `embedded-${randomUUID()}` });
  const client = createStoreClient({ small: redis, bulk: redis });
  const createIndex = (maxSize: number): LRUCache<string, number> =>
    new LRUCache({
      maxSize,
      maxEntrySize: maxSize,
      sizeCalculation: (bytes) => bytes + OVERHEAD_BYTES,
      perf: { now },
      ttlResolution: 0,
      dispose: (_bytes, key, reason) => {
        if (reason !== 'set') void redis.del(key);
      },
    });
  let index = createIndex(maxBytes);

  return {
    ...client,
    get: (key) => (index.get(key) === undefined ? Promise.resolve(undefined) : client.get(key)),
    async set(key, value, ttlMs) {
      index.set(key, Buffer.byteLength(value), { ttl: ttlMs });
      if (index.has(key)) await client.set(key, value, ttlMs);
      else await redis.del(key);
    },
    delete(key) {
      index.delete(key);
      return Promise.resolve();
    },
    deleteAll(prefix) {
      for (const key of [...index.keys()]) {
        if (key.startsWith(prefix)) index.delete(key);
      }
      return Promise.resolve();
    },
    sweep() {
      index.purgeStale();
    },
    get bytes() {
      return index.calculatedSize;
    },
    resize(next) {
      const held = index.dump();
      index = createIndex(next);
      index.load(held);
      for (const [key] of held) {
        if (!index.has(key)) void redis.del(key);
      }
    },
  };
}
