import { LRUCache } from 'lru-cache';

/** How starts from the sources of channels went lately. It outlives the channels, which are closed when nobody watches. */
export type SourceRecord = {
  /** A channel was started, or not, from a source. One that failed is parked: the next starts turn to others first. */
  started(channelId: string, url: string, hasPlayed: boolean): void;
  isParked(channelId: string, url: string): boolean;
  /** Share of starts that went well, from 0 to 1, of the last 20 within a day; `undefined` when there was none. */
  successRate(channelId: string, url: string): number | undefined;
  /** The same as far as it should decide anything: too few starts tell nothing. In quarters, so that one failure changes little. */
  standing(channelId: string, url: string): number;
};

type Start = { at: number; hasPlayed: boolean };

type History = { starts: readonly Start[]; parkedUntil: number; parkingMs: number };

const FIRST_PARKING_MS = 30_000;
const LONGEST_PARKING_MS = 15 * 60_000;
const MOST_STARTS = 20;
const FEWEST_STARTS_THAT_TELL = 4;
const STEPS = 4;
/** What failed yesterday may have been repaired, and only a start can tell. */
const REMEMBERED_MS = 24 * 60 * 60_000;
const MOST_SOURCES = 10_000;

export function createSourceRecord({ now }: { now: () => number }): SourceRecord {
  const histories = new LRUCache<string, History>({ max: MOST_SOURCES });
  const keyOf = (channelId: string, url: string): string => `${channelId} ${url}`;

  function recentStarts(key: string): readonly Start[] {
    return (histories.get(key)?.starts ?? []).filter(({ at }) => now() - at < REMEMBERED_MS);
  }

  return {
    started(channelId, url, hasPlayed) {
      const key = keyOf(channelId, url);
      const parkingMs = histories.get(key)?.parkingMs ?? FIRST_PARKING_MS;
      histories.set(key, {
        starts: [...recentStarts(key), { at: now(), hasPlayed }].slice(-MOST_STARTS),
        parkedUntil: hasPlayed ? 0 : now() + parkingMs,
        parkingMs: hasPlayed ? FIRST_PARKING_MS : Math.min(LONGEST_PARKING_MS, parkingMs * 2),
      });
    },

    isParked: (channelId, url) => (histories.get(keyOf(channelId, url))?.parkedUntil ?? 0) > now(),

    successRate: (channelId, url) => shareOf(recentStarts(keyOf(channelId, url))),

    standing(channelId, url) {
      const starts = recentStarts(keyOf(channelId, url));
      if (starts.length < FEWEST_STARTS_THAT_TELL) return 1;
      return Math.round((shareOf(starts) ?? 1) * STEPS) / STEPS;
    },
  };
}

function shareOf(starts: readonly Start[]): number | undefined {
  if (starts.length === 0) return undefined;
  return starts.filter(({ hasPlayed }) => hasPlayed).length / starts.length;
}
