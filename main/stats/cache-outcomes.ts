import { NO_OUTCOMES, type CacheOutcomes } from '../../shared/stats.ts';

/** How one request was answered. */
export type Outcome = 'hit-memory' | 'hit-redis' | 'coalesced' | 'miss';

/** Counts how the cache did. */
export type CacheOutcomesCounter = {
  answered(outcome: Outcome): void;
  /** An origin failed and no TV noticed. */
  hidden(): void;
  /** Something is fetched that nobody asked for yet, by its cache key. */
  prefetched(key: string): void;
  /** That fetch came to nothing: it was neither used nor in vain. */
  prefetchFailed(key: string): void;
  /** A TV asks for something, prefetched or not. */
  asked(key: string): void;
  counts(): CacheOutcomes;
};

/** What nobody has asked for after this, nobody will: live playlists have moved on. */
const PREFETCH_PATIENCE_MS = 5 * 60_000;
const MAX_WAITING = 10_000;

const COUNTER_OF = {
  'hit-memory': 'hitMemory',
  'hit-redis': 'hitRedis',
  coalesced: 'coalesced',
  miss: 'miss',
} as const satisfies Record<Outcome, keyof CacheOutcomes>;

export function createCacheOutcomes({ now }: { now: () => number }): CacheOutcomesCounter {
  const counts: CacheOutcomes = { ...NO_OUTCOMES };
  /** When each was prefetched, oldest first. */
  const waiting = new Map<string, number>();

  function giveUpWaiting(): void {
    for (const [key, at] of waiting) {
      if (waiting.size <= MAX_WAITING && now() - at < PREFETCH_PATIENCE_MS) return;
      waiting.delete(key);
      counts.prefetchUnused += 1;
    }
  }

  return {
    answered(outcome) {
      counts[COUNTER_OF[outcome]] += 1;
    },
    hidden() {
      counts.hiddenErrors += 1;
    },
    prefetched(key) {
      waiting.delete(key);
      waiting.set(key, now());
      giveUpWaiting();
    },
    prefetchFailed(key) {
      waiting.delete(key);
    },
    asked(key) {
      if (waiting.delete(key)) counts.prefetchUsed += 1;
    },
    counts() {
      giveUpWaiting();
      return { ...counts };
    },
  };
}
