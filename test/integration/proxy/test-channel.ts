import { onTestFinished } from 'vitest';
import { createMemoryTier } from '../../../main/cache/memory-tier.ts';
import { createResponseCache } from '../../../main/cache/response-cache.ts';
import type { SecondTier } from '../../../main/cache/tier.ts';
import { silentLogger } from '../../../main/log.ts';
import { createOriginClient } from '../../../main/origin/origin-client.ts';
import { createChannelMemories } from '../../../main/proxy/channel-memory.ts';
import { createChannelPool } from '../../../main/proxy/channel-pool.ts';
import { createSealer } from '../../../main/proxy/sealed-url.ts';
import { createSourceRecord } from '../../../main/proxy/source-record.ts';
import { createCacheOutcomes } from '../../../main/stats/cache-outcomes.ts';
import { createTraffic } from '../../../main/stats/traffic.ts';
import { ChannelOptions, type RankedSource } from '../../../shared/channel.ts';

type ChannelSetUp = {
  sources: readonly RankedSource[];
  options?: Partial<ChannelOptions>;
  /** As the settings say. */
  prefetch?: boolean;
};

/** A channel as TVs see it, without the server around it, on a clock that the test moves. */
export type TestChannel = {
  /** Its own playlist. Rejects when it does not play. */
  playlist(): Promise<string>;
  /** What a playlist link of it leads to. */
  follow(link: string): Promise<string>;
  /** What any other link of it leads to. */
  read(link: string): Promise<Buffer>;
  advanceClock(ms: number): void;
  successRate(url: string): number | undefined;
  /** Changes what a person can change of it. */
  edit(change: Partial<ChannelSetUp>): void;
};

const ID = 'ch_one';
const MIB = 1024 * 1024;

/** A second tier that has nothing and keeps nothing. */
const NOTHING_BEHIND: SecondTier = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
  drop: () => Promise.resolve(),
  clear: () => Promise.resolve(),
  lookUp: () => Promise.resolve({ end: () => undefined }),
};

/** Opens a channel for the running test. */
export function openTestChannel({ prefetch = false, ...setUp }: ChannelSetUp): TestChannel {
  let current: ChannelSetUp = setUp;
  let skewMs = 0;
  const now = (): number => Date.now() + skewMs;
  const origin = createOriginClient({ connectionsPerHost: 8, now });
  onTestFinished(() => origin.close());
  const sealer = createSealer(Buffer.alloc(32, 1));
  const sourceRecord = createSourceRecord({ now });
  const pool = createChannelPool({
    find: (id) => recordOf(id, current),
    memories: createChannelMemories({ now }),
    sourceRecord,
    origin,
    sealer,
    cache: createResponseCache({
      memory: createMemoryTier({ maxBytes: 16 * MIB, maxEntryBytes: MIB, now }),
      secondTier: NOTHING_BEHIND,
      maxEntryBytes: MIB,
    }),
    traffic: createTraffic(),
    outcomes: createCacheOutcomes({ now }),
    log: silentLogger,
    now,
    random: () => 0.5,
    userAgent: 'Relay/1',
    prefetch,
    lanHosts: [],
  });

  function resourceAt(link: string) {
    const sealed = new URL(link, 'http://relay/').searchParams.get('k') ?? '';
    return sealer.open(ID, sealed);
  }

  return {
    playlist: async () => toText((await pool.open(ID).playlist('')).body),
    follow: async (link) => toText((await pool.open(ID).childPlaylist(resourceAt(link), '')).body),
    async read(link) {
      const opened = pool.open(ID).resource(resourceAt(link), undefined);
      if ('stored' in opened) return opened.stored.body;
      await opened.entry.ready;
      await opened.entry.settled;
      return opened.entry.stored?.body ?? Buffer.alloc(0);
    },
    advanceClock: (ms) => void (skewMs += ms),
    successRate: (url) => sourceRecord.successRate(ID, url),
    edit(change) {
      current = { ...current, ...change };
    },
  };
}

function recordOf(id: string, { sources, options = {} }: ChannelSetUp) {
  const named = { id, name: 'One', number: null, group: '', logo: '', tvgId: '', enabled: true, attributes: {} };
  return { ...named, options: ChannelOptions.parse(options), sources: [...sources] };
}

function toText(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
