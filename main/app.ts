import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandOutput, LanAddress, SelfTest } from '../shared/contract.ts';
import { say } from '../shared/sentences.ts';
import type { Settings } from '../shared/settings.ts';
import type { Snapshot } from '../shared/stats.ts';
import { problemsOf, type AppState } from './app-state.ts';
import { createRedisTier } from './cache/redis-tier.ts';
import { createResponseCache } from './cache/response-cache.ts';
import type { ChannelService } from './channels/channel-service.ts';
import { writeM3u } from './channels/list-export.ts';
import type { ChannelRepository } from './channels/repository.ts';
import { createDiagnosis, type Diagnoser } from './diagnosis/diagnosis.ts';
import { createHealthSchedule, type ScheduledCheck } from './diagnosis/health-schedule.ts';
import { ProxyError } from './errors.ts';
import { memoryLimits, type Foundation } from './foundation.ts';
import type { Guide } from './guide/guide.ts';
import { startAll, stopAll, type Part } from './lifecycle.ts';
import { silentLogger } from './log.ts';
import { createLanAddresses } from './network/lan-address.ts';
import { createAnnouncer } from './network/mdns.ts';
import { runSelfTest } from './network/self-test.ts';
import { createAccess } from './proxy/access.ts';
import { createChannelPool, type ChannelPool } from './proxy/channel-pool.ts';
import { createFront } from './proxy/front.ts';
import { renderHomePage } from './proxy/home-page.ts';
import { channelPath, guidePath } from './proxy/route.ts';
import type { Sealer } from './proxy/sealed-url.ts';
import { createStreamLimit } from './proxy/stream-limit.ts';
import { createEmbeddedStore } from './store/embedded-store.ts';
import { createStore } from './store/redis.ts';
import type { StoreClient } from './store/store-client.ts';
import { createBandwidthStore } from './stats/bandwidth-store.ts';
import type { History } from './stats/history.ts';
import type { Traffic } from './stats/traffic.ts';
import type { Viewers } from './stats/viewers.ts';

/** The whole relay, without a window. */
export type App = {
  /** Takes the place of the app before it, if there is one, at the last moment. @throws ProxyError; that one then serves on */
  start(): Promise<void>;
  /** Responses that it has begun go on, as long as its foundation stands. @throws AggregateError when a part did not stop cleanly */
  stop(): Promise<void>;
  /** A paused relay turns TVs away, and pulls nothing from any provider. */
  pause(paused: boolean): void;
  state(): AppState;
  /** A snapshot in the text format of Prometheus. */
  metrics(snapshot: Snapshot): Promise<{ contentType: string; text: string }>;
  clearCache(): Promise<void>;
  selfTest(): Promise<SelfTest>;
  /** The addresses of this machine, best for TVs first. */
  lanAddresses(): LanAddress[];
  /** The port that TVs connect to, once started. */
  readonly port: number;
  readonly channels: ChannelRepository;
  /** What the window does with channels and lists. */
  readonly channelService: ChannelService;
  readonly guide: Guide;
  /** The path of the programme guide below a relay's address. */
  readonly guidePath: string;
  readonly diagnosis: Diagnoser;
  readonly traffic: Traffic;
  readonly history: History;
  readonly viewers: Viewers;
  /** Where this machine reaches it, and where TVs do, best first. */
  readonly urls: { relay: string; playlist: string; lan: string[] };
};

const STOP_DEADLINE_MS = 5_000;
const MIB = 1024 * 1024;
/** Small enough that TVs do not notice a list of 50,000 being written. */
const LIST_PAGE_SIZE = 500;
const MAX_STORED_BODY_BYTES = 16 * MIB;
const TEN_YEARS_MS = 315_360_000_000;
const ADDRESSES_EVERY_MS = 5_000;
const SMALLEST_STORE_BYTES = MIB;

/**
 * Makes an app of settings that hold for its whole life. Nothing is opened before `start`.
 * @param foundation started already; perhaps another app stands on it, whose place this one takes when it starts
 */
export function createApp(settings: Settings, foundation: Foundation): App {
  const { environment, relayId, startedAt, steady, server, visitors, sealer, memory, embedded } = foundation;
  const { channels, channelService, guide, traffic, outcomes, history, viewers, sourceRecord } = foundation;
  const { log, now, random, version } = environment;
  const store = createStore({
    redisUrl: settings.redisUrl,
    embedded,
    log,
    onRedis: (client) => shareSealingKey(client, settings.sealingKey, sealer),
  });
  const cache = createResponseCache({
    memory,
    underway: foundation.underway,
    secondTier: createRedisTier({ store: () => store, relayId, maxBodyBytes: MAX_STORED_BODY_BYTES, now: steady }),
    maxEntryBytes: memoryLimits(settings).maxEntryBytes,
  });
  const origin = foundation.origins.for(settings);
  const pool = createChannelPool({
    find: (id) => channels.get(id),
    memories: foundation.channelMemories,
    origin,
    cache,
    sealer,
    traffic,
    outcomes,
    sourceRecord,
    log,
    now: steady,
    random,
    userAgent: settings.userAgent,
    prefetch: settings.prefetch,
    lanHosts: settings.lanHosts,
  });
  const streamLimit = createStreamLimit({
    streamsPerHost: settings.streamsPerHost,
    watchedBesides: (viewer) => viewers.watchedBesides(viewer),
    hostOf: (channelId) => hostOf(channels.get(channelId)?.sources[0]?.url),
  });
  const lanAddresses = createLanAddresses({
    port: () => server.port,
    preferred: settings.lanAddress,
    onChange(addresses) {
      log.info(
        { addresses: addresses.map(({ address }) => address) },
        'TVs reach this computer under these addresses.',
      );
      void announcer.moved();
    },
    intervalMs: ADDRESSES_EVERY_MS,
  });
  let isPaused = false;
  const front = createFront({
    access: createAccess(settings),
    channels: pausable(pool, () => isPaused),
    sealer,
    traffic,
    outcomes,
    viewers,
    streamLimit,
    log,
    writeList: (baseUrl) =>
      writeM3u({
        pages: channels.pages(LIST_PAGE_SIZE),
        urlOf: ({ id }) => baseUrl + channelPath(id, settings.accessKey),
        guideUrl: guide.isNamed ? baseUrl + guidePath(settings.accessKey) : undefined,
      }),
    openGuide: () => guide.open(),
    homePage: (baseUrl, acceptLanguage) => renderHomePage({ baseUrl, channelCount: channels.count(), acceptLanguage }),
    health: () => ({
      status: 'ok',
      version,
      uptimeSeconds: Math.round((steady() - startedAt) / 1000),
      channels: channels.count(),
      store: store.state,
      instance: relayId,
    }),
  });
  const listDeps = {
    origin,
    userAgent: settings.userAgent,
    lanHosts: settings.lanHosts,
    now: steady,
    random,
    onHidden: () => undefined,
  };
  const diagnosis = createDiagnosis({
    ...listDeps,
    wallClock: now,
    pause: async (ms, signal) => {
      await sleep(ms, undefined, { signal });
    },
  });
  const nightlyCheck = createHealthSchedule({
    diagnosis,
    listChecks: () => channelsToCheck(channels, random),
    onDiagnosis: (channelId, { verdict, sentence }) => {
      channelService.recordHealth(channelId, verdict, sentence).catch((error: unknown) => {
        log.warn({ err: error }, 'A diagnosis could not be kept.');
      });
    },
    isIdle: () => viewers.active().length === 0,
    log,
    now,
    steady,
  });
  const announcer = createAnnouncer({
    port: () => server.port,
    addresses: () => lanAddresses.reachable(),
    log,
  });
  const parts: Part[] = [
    { name: 'sealing key', start: () => foundation.sealWith(settings.sealingKey) },
    store,
    createBandwidthStore({ store: () => store.client, totals: () => traffic.snapshot().total, relayId, now, steady }),
    lanAddresses,
    { name: 'front', start: () => server.serve(front, settings) },
    // From here on nothing fails, and what was before is over.
    { name: 'cache sizes', start: () => foundation.resize(settings) },
    {
      name: 'list settings',
      start: () => {
        const relayUrl = (): string => lanAddresses.urls()[0] ?? `http://127.0.0.1:${server.port}`;
        foundation.fetchListsBy({ fetching: listDeps, accessKey: settings.accessKey, relayUrl });
      },
    },
    ...(settings.nightlyCheck ? [nightlyCheck] : []),
    ...(settings.announce && !isLoopback(settings.host) ? [announcer] : []),
  ];

  return {
    start: () => startAll(parts, STOP_DEADLINE_MS),
    stop: () => stopAll(parts, STOP_DEADLINE_MS),
    pause(paused) {
      isPaused = paused;
    },
    state() {
      const lanUrls = lanAddresses.urls();
      const figures = traffic.figures();
      const active = viewers.active();
      const watched = countBy(active, ({ channelId }) => channelId);
      return {
        relayPort: server.port,
        lanUrls,
        channelCount: channels.count(),
        channelsRevision: channels.revision(),
        traffic: figures.total,
        channels: [...new Set([...figures.channels.keys(), ...watched.keys()])].map((id) => ({
          id,
          name: channels.get(id)?.name ?? id,
          viewers: watched.get(id) ?? 0,
          traffic: figures.channels.get(id) ?? traffic.figuresOf(id),
        })),
        viewers: active,
        cache: {
          memoryBytes: memory.bytes,
          memoryLimitBytes: memoryLimits(settings).maxBytes,
          memoryEntries: memory.entries,
          store: store.state,
          storeBytes: store.isShared ? null : embedded.bytes,
          outcomes: outcomes.counts(),
        },
        problems: problemsOf({
          lanUrls,
          redisTrouble: store.trouble,
          refusedClients: visitors.refusedClients,
        }),
        refusedClients: visitors.refusedClients,
      };
    },
    async metrics(snapshot) {
      // Seldom asked for, and its library would slow every start.
      const { METRICS_CONTENT_TYPE, renderMetrics } = await import('./stats/metrics.ts');
      return { contentType: METRICS_CONTENT_TYPE, text: await renderMetrics(snapshot, traffic.snapshot().channels) };
    },
    clearCache: () => cache.clear(),
    selfTest: () =>
      runSelfTest({
        host: settings.host,
        port: server.port,
        instance: relayId,
        addresses: lanAddresses.current(),
        devicesSeen: visitors.devicesSeen,
        platform: process.platform,
      }),
    lanAddresses: () => lanAddresses.current(),
    get port() {
      return server.port;
    },
    channels,
    channelService,
    guide,
    guidePath: guidePath(settings.accessKey),
    diagnosis,
    traffic,
    history,
    viewers,
    get urls() {
      const relay = `http://127.0.0.1:${server.port}`;
      return {
        relay,
        playlist: `${relay}/playlist.m3u`,
        lan: lanAddresses.urls(),
      };
    },
  };
}

/** Tries a Redis as the relay would use it. */
export async function testRedis(url: string, now: () => number): Promise<CommandOutput<'redis.test'>> {
  if (!/^rediss?:\/\/\S+$/.test(url)) {
    return { ok: false, sentence: say('redis.address') };
  }
  const embedded = createEmbeddedStore({ maxBytes: SMALLEST_STORE_BYTES, now });
  const store = createStore({ redisUrl: url, embedded, log: silentLogger, onRedis: () => Promise.resolve() });
  await store.start?.();
  const { trouble } = store;
  await store.stop?.();
  if (trouble === undefined) return { ok: true, sentence: say('redis.usable') };
  return { ok: false, sentence: say('redis.unusable', { reason: trouble }) };
}

function pausable(pool: ChannelPool, isPaused: () => boolean): ChannelPool {
  return {
    ...pool,
    open(channelId) {
      if (isPaused()) throw new ProxyError('STOPPING', say('relay.paused'));
      return pool.open(channelId);
    },
  };
}

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/** Nobody else could use a name for it. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Shuffled, so that those which one night does not reach have their turn in another. */
function channelsToCheck(channels: ChannelRepository, random: () => number): ScheduledCheck[] {
  return [...channels.pagesWithSource(LIST_PAGE_SIZE)]
    .flat()
    .filter(({ channel }) => channel.enabled)
    .map(({ channel, source }) => ({ check: { channelId: channel.id, source, index: 0 }, turn: random() }))
    .toSorted((one, other) => one.turn - other.turn)
    .map(({ check }) => check);
}

/** Relays on one Redis seal alike, so that a TV may go on with another: the first one's key is everybody's. */
async function shareSealingKey(client: StoreClient, ownKey: string, sealer: Sealer): Promise<void> {
  await client.claim('hearthcast:sealing-key', ownKey, TEN_YEARS_MS);
  const shared = (await client.get('hearthcast:sealing-key'))?.toString();
  if (shared !== undefined && /^[\w-]{43}$/.test(shared)) sealer.adopt(Buffer.from(shared, 'base64url'));
}

function hostOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : URL.parse(url)?.host;
}
