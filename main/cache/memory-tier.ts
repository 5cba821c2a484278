import { LRUCache } from 'lru-cache';
import type { Stored } from './entry.ts';
import type { CacheTier } from './tier.ts';

/** The tier in this process: a least-recently-used cache bounded in bytes. */
export type MemoryTier = CacheTier & {
  /** What `get` resolves with, at once. */
  peek(key: string): Stored | undefined;
  /** What `set` does, at once. */
  keep(key: string, stored: Stored, ttlMs: number): void;
  drop(key: string): void;
  clear(): void;
  /** Bytes held. */
  readonly bytes: number;
  readonly entries: number;
  /** Frees what has expired; to be called now and then, since nobody else would notice. */
  sweep(): void;
  /** Holds at most so much from now on: of what is there already, the most recently used. */
  resize(limits: MemoryLimits): void;
};

export type MemoryLimits = { maxBytes: number; maxEntryBytes: number };

/** What an entry costs besides its body. */
const OVERHEAD_BYTES = 1024;

/**
 * @param now a clock in milliseconds; time never stands still for expiry
 */
export function createMemoryTier({ now, ...limits }: MemoryLimits & { now: () => number }): MemoryTier {
  const createCache = ({ maxBytes, maxEntryBytes }: MemoryLimits): LRUCache<string, Stored> =>
    new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: maxEntryBytes + OVERHEAD_BYTES,
      sizeCalculation: ({ body }) => body.length + OVERHEAD_BYTES,
      perf: { now },
      ttlResolution: 0,
    });
  let cache = createCache(limits);

  const keep = (key: string, stored: Stored, ttlMs: number): void => {
    cache.set(key, stored, { ttl: ttlMs });
  };

  return {
    peek: (key) => cache.get(key),
    keep,
    get: (key) => Promise.resolve(cache.get(key)),
    set: (key, stored, ttlMs) => Promise.resolve(keep(key, stored, ttlMs)),
    drop(key) {
      cache.delete(key);
    },
    clear() {
      cache.clear();
    },
    get bytes() {
      return cache.calculatedSize;
    },
    get entries() {
      return cache.size;
    },
    sweep() {
      cache.purgeStale();
    },
    resize(next) {
      const held = cache.dump();
      cache = createCache(next);
      cache.load(held);
    },
  };
}
