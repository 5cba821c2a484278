import { Entry, type Recording, type Stored } from './entry.ts';
import type { MemoryTier } from './memory-tier.ts';
import type { Lease, SecondTier } from './tier.ts';

/** How a request was answered, as `X-Cache` says it. */
export type Outcome = 'hit-memory' | 'hit-redis' | 'coalesced' | 'miss';

/** Fills a recording from upstream. The returned function gives it up. */
export type Load = (recording: Recording) => () => void;

/** An answer: there already, or on its way. */
export type Opened = { outcome: 'hit-memory'; stored: Stored } | { outcome: 'coalesced' | 'miss'; entry: Entry };

/** Memory, then the second tier, then upstream; one load per key, whoever asks and however late. */
export type ResponseCache = {
  /** @param ttlMs how long the response may be reused */
  open(key: string, ttlMs: number, load: Load): Opened;
  /** Forgets a response, because its name now stands for another. Readers under way keep theirs. */
  drop(key: string): void;
  /** Forgets everything, in both tiers. */
  clear(): Promise<void>;
  /** Whether a request for the key would be answered without going upstream. */
  has(key: string): boolean;
};

/** A load that nobody waits for goes on this long, since players often come back at once. */
const ABANDONED_GRACE_MS = 1_000;

/** @param underway what is being loaded, by key; another cache over the same memory may share it */
export function createResponseCache({
  memory,
  secondTier,
  maxEntryBytes,
  underway = new Map<string, Entry>(),
}: {
  memory: MemoryTier;
  secondTier: SecondTier;
  maxEntryBytes: number;
  underway?: Map<string, Entry>;
}): ResponseCache {
  function start(key: string, ttlMs: number, load: Load): Entry {
    let lease: Lease | undefined;
    let stopLoading: (() => void) | undefined;
    let grace: NodeJS.Timeout | undefined;
    const entry = new Entry({
      maxBytes: maxEntryBytes,
      onSettled: () => {
        clearTimeout(grace);
        if (entry.hasFailed) stopLoading?.();
        // One that was dropped meanwhile is no longer what its key stands for.
        const isCurrent = underway.get(key) === entry;
        const kept = isCurrent ? entry.stored : undefined;
        if (isCurrent) underway.delete(key);
        if (kept !== undefined) memory.keep(key, kept, ttlMs);
        lease?.end(kept, ttlMs);
      },
      onAbandoned: () => {
        clearTimeout(grace);
        grace = setTimeout(() => {
          if (!entry.isWanted) entry.abandon();
        }, ABANDONED_GRACE_MS);
      },
    });
    underway.set(key, entry);
    void secondTier.lookUp(key).then((found) => {
      if ('body' in found) return entry.adopt(found);
      lease = found;
      if (entry.hasFailed) return lease.end(undefined, ttlMs);
      stopLoading = load(entry);
      return undefined;
    });
    return entry;
  }

  return {
    open(key, ttlMs, load) {
      // No await between looking and starting: coalescing depends on it.
      const stored = memory.peek(key);
      if (stored !== undefined) return { outcome: 'hit-memory', stored };
      const entry = underway.get(key);
      if (entry !== undefined && !entry.isPassage) return { outcome: 'coalesced', entry };
      return { outcome: 'miss', entry: start(key, ttlMs, load) };
    },
    drop(key) {
      memory.drop(key);
      underway.delete(key);
      void secondTier.drop(key);
    },
    clear() {
      memory.clear();
      return secondTier.clear();
    },
    has: (key) => underway.has(key) || memory.peek(key) !== undefined,
  };
}
