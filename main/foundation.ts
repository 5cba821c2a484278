import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Settings } from '../shared/settings.ts';
import type { Entry } from './cache/entry.ts';
import { createMemoryTier, type MemoryLimits, type MemoryTier } from './cache/memory-tier.ts';
import { createChannelService, type ChannelService } from './channels/channel-service.ts';
import { guideUrlsOf, guideWantsOf } from './channels/guide-wants.ts';
import { createListSource } from './channels/list-source.ts';
import { createChannelRepository, type ChannelRepository } from './channels/repository.ts';
import { createGuide, type Guide } from './guide/guide.ts';
import { startAll, stopAll, type Part } from './lifecycle.ts';
import type { Logger } from './log.ts';
import { ownAddresses } from './network/lan-address.ts';
import { fetchList, fetchListIfChanged, type ListDeps } from './origin/fetch-list.ts';
import { fetchStream } from './origin/fetch-stream.ts';
import { createOriginClients, type OriginClients } from './origin/origin-clients.ts';
import { createChannelMemories, type ChannelMemories } from './proxy/channel-memory.ts';
import { channelPath, guidePath } from './proxy/route.ts';
import { createSealer, type Sealer } from './proxy/sealed-url.ts';
import { createProxyServer, type ProxyServer } from './proxy/server.ts';
import { createSourceRecord, type SourceRecord } from './proxy/source-record.ts';
import { createVisitors, type Visitors } from './proxy/visitors.ts';
import { createSteadyClock } from './steady-clock.ts';
import { createCacheOutcomes, type CacheOutcomesCounter } from './stats/cache-outcomes.ts';
import { createStatsDatabase } from './stats/database.ts';
import { createDeviceStore } from './stats/device-store.ts';
import { createHistory, type History } from './stats/history.ts';
import { createSampler } from './stats/sampler.ts';
import { createTraffic, type Traffic } from './stats/traffic.ts';
import { createViewers, type Viewers } from './stats/viewers.ts';
import { createEmbeddedStore, type EmbeddedStore } from './store/embedded-store.ts';

/** What a relay is given by whoever runs it. */
export type Environment = {
  /** Channel lists that it takes over and keeps up with: absolute paths, or http(s) URLs. */
  lists: readonly string[];
  /** Where the channels and the log are kept. */
  dataFolder: string;
  version: string;
  log: Logger;
  now: () => number;
  random: () => number;
};

/** What the lists and their guides, and the window's work on them, need of the settings in force. */
export type ListSettings = {
  /** How lists and guides are fetched. */
  fetching: ListDeps;
  accessKey: string;
  /** The address that TVs reach this relay at, without a slash at the end. */
  relayUrl: () => string;
};

/** What an app stands on: all that outlives its settings. Made once; when settings change, another app takes its place on it. */
export type Foundation = {
  environment: Environment;
  /** Tells this relay from others. */
  relayId: string;
  /** How long something has lasted is told by this clock: it is never set back. In milliseconds. */
  steady: () => number;
  /** By that clock. */
  startedAt: number;

  server: ProxyServer;
  visitors: Visitors;
  sealer: Sealer;
  memory: MemoryTier;
  /** Responses that are being loaded, by cache key. */
  underway: Map<string, Entry>;
  embedded: EmbeddedStore;
  origins: OriginClients;
  channels: ChannelRepository;
  channelService: ChannelService;
  guide: Guide;
  channelMemories: ChannelMemories;
  sourceRecord: SourceRecord;
  traffic: Traffic;
  outcomes: CacheOutcomesCounter;
  history: History;
  viewers: Viewers;

  /** Seals links with this key from now on, if it is another than before; links sealed until now go on opening. */
  sealWith(sealingKey: string): void;
  /** Holds as much as these settings allow. */
  resize(settings: CacheSizes): void;
  /** Lists and guides are fetched by these settings from now on. */
  fetchListsBy(settings: ListSettings): void;

  start(): Promise<void>;
  /** Keeping up with the lists and guides; to be started when the first app serves. */
  lists: Required<Part>;
  /** Lets running responses finish for up to 2 s. @throws AggregateError when a part did not stop cleanly */
  stop(): Promise<void>;
};

type CacheSizes = Pick<Settings, 'memoryCacheMiB' | 'embeddedStoreMiB'>;

const STOP_DEADLINE_MS = 5_000;
const SWEEP_MS = 5_000;
const MIB = 1024 * 1024;
/** A guide as it is sent. */
const MAX_GUIDE_BYTES = 256 * MIB;

/**
 * Opens nothing before `start`.
 * @param settings those of the first app
 */
export function createFoundation(settings: Settings, environment: Environment): Foundation {
  const { log, now, dataFolder } = environment;
  const steady = createSteadyClock(now);
  const uptime = (): number => performance.now();
  const sealer = createSealer(toKey(settings.sealingKey));
  const memory = createMemoryTier({ ...memoryLimits(settings), now: steady });
  const embedded = createEmbeddedStore({ maxBytes: settings.embeddedStoreMiB * MIB, now: steady });
  const origins = createOriginClients({ now: steady });
  const traffic = createTraffic();
  const statsDatabase = createStatsDatabase({ file: path.join(dataFolder, 'stats.sqlite'), log, now });
  const history = createHistory({ database: statsDatabase, log });
  const channels = createChannelRepository({ file: path.join(dataFolder, 'channels.sqlite'), log, now });
  const channelMemories = createChannelMemories({ now: steady });
  const sourceRecord = createSourceRecord({ now: steady });
  const viewers = createViewers({
    devices: createDeviceStore({ database: statsDatabase, log }),
    channelName: (channelId) => channels.get(channelId)?.name ?? channelId,
    now,
    steady,
    uptime,
  });
  const visitors = createVisitors({ ownAddresses, now });
  const server = createProxyServer({ visitors, log });

  let sealingKey = settings.sealingKey;
  let listSettings: ListSettings | undefined;
  function inForce(): ListSettings {
    if (listSettings === undefined) throw new Error('no app has started yet');
    return listSettings;
  }

  const guide = createGuide({
    folder: path.join(dataFolder, 'guide'),
    urls: () => guideUrlsOf(channels),
    revision: () => channels.revision(),
    wants: () => guideWantsOf(channels),
    load: async (url, signal) => fetchStream(inForce().fetching, { url, maxBytes: MAX_GUIDE_BYTES, signal }),
    log,
    now,
  });
  const channelService = createChannelService({
    channels,
    fetchList: async (url, known) => fetchListIfChanged(inForce().fetching, url, known),
    playlistPath: (channelId) => channelPath(channelId, inForce().accessKey),
    guidePath: () => (guide.isNamed ? guidePath(inForce().accessKey) : undefined),
    relayUrl: () => inForce().relayUrl(),
    successRate: (channelId, url) => sourceRecord.successRate(channelId, url),
    log,
    now,
  });
  const listSources = environment.lists.map((origin) =>
    createListSource({ origin, channels, log, fetchList: async (url) => fetchList(inForce().fetching, url) }),
  );
  const lists = {
    name: 'lists',
    async start() {
      await channelService.start?.();
      await guide.start?.();
      await Promise.all(listSources.map(async (source) => source.start?.()));
    },
    async stop() {
      await Promise.all(listSources.map(async (source) => source.stop?.()));
      await guide.stop?.();
      await channelService.stop?.();
    },
  };
  const parts: Part[] = [
    channels,
    statsDatabase,
    history,
    viewers,
    createSampler({ traffic, viewers, history, now, uptime, onSample: () => undefined }),
    { name: 'origin clients', stop: () => origins.close() },
    createSweeper(() => {
      memory.sweep();
      viewers.sweep();
      channelMemories.sweep();
    }),
    server,
  ];

  return {
    environment,
    relayId: randomUUID(),
    steady,
    startedAt: steady(),
    server,
    visitors,
    sealer,
    memory,
    underway: new Map(),
    embedded,
    origins,
    channels,
    channelService,
    guide,
    channelMemories,
    sourceRecord,
    traffic,
    outcomes: createCacheOutcomes({ now: steady }),
    history,
    viewers,

    sealWith(key) {
      if (key === sealingKey) return;
      sealingKey = key;
      sealer.adopt(toKey(key));
    },
    resize(sizes) {
      memory.resize(memoryLimits(sizes));
      embedded.resize(sizes.embeddedStoreMiB * MIB);
    },
    fetchListsBy(next) {
      listSettings = next;
    },

    start: () => startAll(parts, STOP_DEADLINE_MS),
    lists,
    stop: () => stopAll([...parts, lists], STOP_DEADLINE_MS),
  };
}

/** No single response may take more than a quarter of the memory, or 64 MiB. */
export function memoryLimits({ memoryCacheMiB }: Pick<Settings, 'memoryCacheMiB'>): MemoryLimits {
  return { maxBytes: memoryCacheMiB * MIB, maxEntryBytes: Math.min(64, memoryCacheMiB / 4) * MIB };
}

function toKey(sealingKey: string): Buffer {
  return Buffer.from(sealingKey, 'base64url');
}

function createSweeper(sweep: () => void): Part {
  let timer: NodeJS.Timeout | undefined;
  return {
    name: 'sweeper',
    start() {
      timer = setInterval(sweep, SWEEP_MS).unref();
    },
    stop() {
      clearInterval(timer);
    },
  };
}
