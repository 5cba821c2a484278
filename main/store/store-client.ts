import type { Redis } from 'ioredis';

/** What the app asks of a store, real or embedded. Every promise may reject: whoever asks decides what that means. */
export type StoreClient = {
  /** Nothing for what is no text, empty, or longer than any of ours: what another client wrote need not fit into memory. */
  get(key: string): Promise<Buffer | undefined>;
  set(key: string, value: Buffer | string, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Deletes all keys that begin so. */
  deleteAll(prefix: string): Promise<void>;
  /** Takes a lock that nobody holds. It vanishes after `ttlMs` unless renewed. */
  claim(key: string, owner: string, ttlMs: number): Promise<boolean>;
  /** Keeps a lock of ours for another `ttlMs`; false when it is no longer ours. */
  renew(key: string, owner: string, ttlMs: number): Promise<boolean>;
  release(key: string, owner: string): Promise<void>;
  exists(key: string): Promise<boolean>;
  /** Nothing for a hash of more fields than any of ours. */
  readHash(key: string): Promise<Record<string, string> | undefined>;
  /** Replaces fields of a hash, removes others, and lets it live for another `ttlMs`. */
  writeHash(
    key: string,
    fields: Record<string, string | number>,
    removed: readonly string[],
    ttlMs: number,
  ): Promise<void>;
};

/** The part of ioredis that is used; ioredis-mock has it too. */
export type RedisCommands = Pick<
  Redis,
  'getrangeBuffer' | 'set' | 'del' | 'scan' | 'eval' | 'exists' | 'hlen' | 'hgetall' | 'hset' | 'hdel' | 'pexpire'
>;

const SCAN_COUNT = 500;
/** A body of 16 MiB with its head. */
const MAX_VALUE_BYTES = 17 * 1024 * 1024;
/** What two hundred relays would say of themselves. */
const MAX_HASH_FIELDS = 1_000;
const RENEW_SCRIPT = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) else return 0 end`;
const RELEASE_SCRIPT = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) else return 0 end`;

/**
 * @param small connection for commands that must not wait behind bodies
 * @param bulk connection for bodies
 */
export function createStoreClient({ small, bulk }: { small: RedisCommands; bulk: RedisCommands }): StoreClient {
  return {
    async get(key) {
      const value = await bulk.getrangeBuffer(key, 0, MAX_VALUE_BYTES).catch(nothingIfWrongType);
      return value === undefined || value.length === 0 || value.length > MAX_VALUE_BYTES ? undefined : value;
    },
    async set(key, value, ttlMs) {
      await bulk.set(key, value, 'PX', ttlMs);
    },
    // Where bodies are read, so that a read behind it finds nothing.
    async delete(key) {
      await bulk.del(key);
    },
    async deleteAll(prefix) {
      for (let cursor = ''; cursor !== '0';) {
        const [next, keys] = await bulk.scan(cursor === '' ? '0' : cursor, 'MATCH', `${prefix}*`, 'COUNT', SCAN_COUNT);
        if (keys.length > 0) await bulk.del(...keys);
        cursor = next;
      }
    },
    claim: async (key, owner, ttlMs) => (await small.set(key, owner, 'PX', ttlMs, 'NX')) === 'OK',
    renew: async (key, owner, ttlMs) => (await small.eval(RENEW_SCRIPT, 1, key, owner, ttlMs)) === 1,
    async release(key, owner) {
      await small.eval(RELEASE_SCRIPT, 1, key, owner);
    },
    exists: async (key) => (await small.exists(key)) === 1,
    readHash: async (key) => ((await small.hlen(key)) > MAX_HASH_FIELDS ? undefined : small.hgetall(key)),
    async writeHash(key, fields, removed, ttlMs) {
      await small.hset(key, fields);
      if (removed.length > 0) await small.hdel(key, ...removed);
      await small.pexpire(key, ttlMs);
    },
  };
}

/** A list or a hash under a key of ours says that somebody else put it there, not that the store is of no use. */
function nothingIfWrongType(error: unknown): undefined {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return undefined;
  throw error;
}
