import type { Stored } from './entry.ts';
import { decodeStored, encodeStored } from './stored-codec.ts';
import type { Lease, SecondTier } from './tier.ts';

/** What the tier asks of a store; any of it may reject at any time. */
export type ByteStore = {
  get(key: string): Promise<Buffer | undefined>;
  set(key: string, value: Buffer, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** Deletes all keys that begin so. */
  deleteAll(prefix: string): Promise<void>;
  claim(key: string, owner: string, ttlMs: number): Promise<boolean>;
  renew(key: string, owner: string, ttlMs: number): Promise<boolean>;
  release(key: string, owner: string): Promise<void>;
  exists(key: string): Promise<boolean>;
};

export type RedisTierDeps = {
  /** The store in use right now, and whether other relays use it too. */
  store: () => { client: ByteStore; isShared: boolean };
  /** Tells this relay from the others. */
  relayId: string;
  /** A larger body is not worth storing. */
  maxBodyBytes: number;
  now: () => number;
};

const PREFIX = 'hearthcast:response:';
const LOCK_PREFIX = 'hearthcast:loading:';
/** An owner that vanishes is noticed after this. */
const LOCK_TTL_MS = 2_000;
const LOCK_RENEWAL_MS = 600;
const FIRST_POLL_MS = 15;
const LONGEST_POLL_MS = 100;
/** After this a relay loads for itself, whatever the others do. */
const WAIT_FOR_OTHERS_MS = 8_000;
/** In a store inside this process, a large body would only be a second copy of what the memory tier holds. */
const MAX_EMBEDDED_BODY_BYTES = 256 * 1024;
/** A store that has not answered by then has nothing to say. The last resort: a client's own time-outs are tighter. */
const STORE_PATIENCE_MS = 1_000;

/** Responses in Redis, or in the embedded store: the same code. Without a store that answers, everything is a miss. */
export function createRedisTier({ store, relayId, maxBodyBytes, now }: RedisTierDeps): SecondTier {
  async function get(key: string): Promise<Stored | undefined> {
    const value = await inTime(store().client.get(PREFIX + key));
    return value === undefined ? undefined : decodeStored(key, value);
  }

  async function set(key: string, stored: Stored, ttlMs: number): Promise<void> {
    const { client, isShared } = store();
    const limitBytes = isShared ? maxBodyBytes : Math.min(maxBodyBytes, MAX_EMBEDDED_BODY_BYTES);
    if (stored.body.length <= limitBytes) await client.set(PREFIX + key, encodeStored(key, stored), ttlMs);
  }

  /** A claim, and a second look: the owner before us may have finished between our look and our claim. */
  async function claim(key: string): Promise<Stored | Lease | undefined> {
    const { client } = store();
    if (!(await inTime(client.claim(LOCK_PREFIX + key, relayId, LOCK_TTL_MS)))) return undefined;
    const lease = keepClaim(client, key);
    const stored = await get(key).catch(() => undefined);
    if (stored !== undefined) lease.end(undefined, 0);
    return stored ?? lease;
  }

  function keepClaim(client: ByteStore, key: string): Lease {
    const renewal = setInterval(
      () => void tolerate(client.renew(LOCK_PREFIX + key, relayId, LOCK_TTL_MS)),
      LOCK_RENEWAL_MS,
    ).unref();
    return {
      end(stored, ttlMs) {
        clearInterval(renewal);
        const written = stored === undefined ? Promise.resolve() : tolerate(set(key, stored, ttlMs));
        void written.then(() => tolerate(client.release(LOCK_PREFIX + key, relayId)));
      },
    };
  }

  /** Loads without having told anybody. */
  const looseLease = (key: string): Lease => ({
    end(stored, ttlMs) {
      if (stored !== undefined) void tolerate(set(key, stored, ttlMs));
    },
  });

  async function lookUpOrWait(key: string): Promise<Stored | Lease> {
    const givesUpAt = now() + WAIT_FOR_OTHERS_MS;
    let pollMs = FIRST_POLL_MS;
    for (;;) {
      const stored = await get(key);
      if (stored !== undefined) return stored;
      if (!store().isShared || now() > givesUpAt) return looseLease(key);
      const claimed = await claim(key);
      if (claimed !== undefined) return claimed;
      while ((await inTime(store().client.exists(LOCK_PREFIX + key))) && now() <= givesUpAt) {
        await new Promise((resolve) => setTimeout(resolve, pollMs));
        pollMs = Math.min(LONGEST_POLL_MS, pollMs * 1.5);
      }
    }
  }

  return {
    get: (key) => get(key).catch(() => undefined),
    set: (key, stored, ttlMs) => tolerate(set(key, stored, ttlMs)),
    drop: (key) => tolerate(store().client.delete(PREFIX + key)),
    clear: () => tolerate(store().client.deleteAll(PREFIX)),
    lookUp: (key) => lookUpOrWait(key).catch(() => looseLease(key)),
  };
}

/** The store is optional: whoever owns it says when it fails, and the relay goes on. */
async function tolerate(promise: Promise<unknown>): Promise<void> {
  try {
    await inTime(promise);
  } catch {
    // Said by the store.
  }
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('the store did not answer in time')), STORE_PATIENCE_MS);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
