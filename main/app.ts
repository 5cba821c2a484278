import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Settings } from '../shared/settings.ts';
import { createMemoryTier } from './cache/memory-tier.ts';
import { createRedisTier } from './cache/redis-tier.ts';
import { createResponseCache } from './cache/response-cache.ts';
import { writeM3u } from './channels/list-export.ts';
import { createListSource } from './channels/list-source.ts';
import { createChannelRepository, type ChannelRepository } from './channels/repository.ts';
import { startAll, stopAll, type Part } from './lifecycle.ts';
import type { Logger } from './log.ts';
import { rankLanAddresses } from './network/lan-address.ts';
import { fetchList } from './origin/fetch-list.ts';
import { createOriginClient } from './origin/origin-client.ts';
import { createAccess } from './proxy/access.ts';
import { createChannelPool } from './proxy/channel-pool.ts';
import { renderHomePage } from './proxy/home-page.ts';
import { channelPath } from './proxy/route.ts';
import { createSealer, type Sealer } from './proxy/sealed-url.ts';
import { createProxyServer } from './proxy/server.ts';
import { createStreamLimit } from './proxy/stream-limit.ts';
import { createEmbeddedStore } from './store/embedded-store.ts';
import { createStore } from './store/redis.ts';
import type { StoreClient } from './store/store-client.ts';
import { createBandwidthStore } from './stats/bandwidth-store.ts';
import { createTraffic, type Traffic } from './stats/traffic.ts';
import { createViewers } from './stats/viewers.ts';

/** What an app is given by whoever runs it. */
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

/** The whole relay, without a window. */
export type App = AsyncDisposable & {
  start(): Promise<void>;
  /** Lets running responses finish for up to 2 s. @throws AggregateError when a part did not stop cleanly */
  stop(): Promise<void>;
  readonly channels: ChannelRepository;
  readonly traffic: Traffic;
  /** Where this machine reaches it, and where TVs do, best first. */
  readonly urls: { relay: string; playlist: string; lan: string[] };
};

const STOP_DEADLINE_MS = 5_000;
const SWEEP_MS = 5_000;
const MIB = 1024 * 1024;
/** Small enough that TVs do not notice a list of 50,000 being written. */
const LIST_PAGE_SIZE = 500;
const MAX_STORED_BODY_BYTES = 16 * MIB;
const TEN_YEARS_MS = 315_360_000_000;

/** Makes an app of settings that hold for its whole life. Nothing is opened before `start`. */
export function createApp(settings: Settings, environment: Environment): App {
  const { log, now, random, version } = environment;
  const maxEntryBytes = Math.min(64, settings.memoryCacheMiB / 4) * MIB;
  const memory = createMemoryTier({ maxBytes: settings.memoryCacheMiB * MIB, maxEntryBytes, now });
  const relayId = randomUUID();
  const sealer = createSealer(Buffer.from(settings.sealingKey, 'base64url'));
  const store = createStore({
    redisUrl: settings.redisUrl,
    embedded: createEmbeddedStore({ maxBytes: settings.embeddedStoreMiB * MIB, now }),
    log,
    onRedis: (client) => shareSealingKey(client, settings.sealingKey, sealer),
  });
  const secondTier = createRedisTier({ store: () => store, relayId, maxBodyBytes: MAX_STORED_BODY_BYTES, now });
  const cache = createResponseCache({ memory, secondTier, maxEntryBytes });
  const origin = createOriginClient({ connectionsPerHost: settings.connectionsPerHost, now });
  const traffic = createTraffic();
  const channels = createChannelRepository({ file: path.join(environment.dataFolder, 'channels.sqlite'), log, now });
  const pool = createChannelPool({
    find: (id) => channels.get(id),
    origin,
    cache,
    sealer,
    traffic,
    log,
    now,
    random,
    userAgent: settings.userAgent,
    prefetch: settings.prefetch,
    lanHosts: settings.lanHosts,
  });
  const viewers = createViewers({ now });
  const streamLimit = createStreamLimit({
    streamsPerHost: settings.streamsPerHost,
    watchedBesides: viewers.watchedBesides,
    hostOf: (channelId) => hostOf(channels.get(channelId)?.sources[0]?.url),
  });
  const startedAt = now();
  const server = createProxyServer({
    host: settings.host,
    port: settings.port,
    access: createAccess(settings),
    channels: pool,
    sealer,
    traffic,
    viewers,
    streamLimit,
    log,
    writeList: (baseUrl) =>
      writeM3u({ pages: channels.pages(LIST_PAGE_SIZE), urlOf: ({ id }) => baseUrl + channelPath(id) }),
    homePage: (baseUrl) => renderHomePage({ baseUrl, channelCount: channels.count() }),
    health: () => ({
      status: 'ok',
      version,
      uptimeSeconds: Math.round((now() - startedAt) / 1000),
      channels: channels.count(),
      store: store.state,
    }),
  });
  const parts: Part[] = [
    channels,
    store,
    { name: 'origin client', stop: () => origin.close() },
    createBandwidthStore({ store: () => store.client, totals: () => traffic.snapshot().total, relayId, now }),
    createSweeper(() => {
      memory.sweep();
      viewers.sweep();
      pool.sweep();
    }),
    server,
    startedTogether(
      'lists',
      environment.lists.map((list) =>
        createListSource({
          origin: list,
          channels,
          log,
          fetchList: (url) =>
            fetchList(
              {
                origin,
                userAgent: settings.userAgent,
                lanHosts: settings.lanHosts,
                now,
                random,
                onHidden: () => undefined,
              },
              url,
            ),
        }),
      ),
    ),
  ];

  const stop = (): Promise<void> => stopAll(parts, STOP_DEADLINE_MS);
  return {
    start: () => startAll(parts, STOP_DEADLINE_MS),
    stop,
    [Symbol.asyncDispose]: stop,
    channels,
    traffic,
    get urls() {
      const relay = `http://127.0.0.1:${server.port}`;
      return {
        relay,
        playlist: `${relay}/playlist.m3u`,
        lan: rankLanAddresses().map(({ address }) => `http://${address}:${server.port}`),
      };
    },
  };
}

function startedTogether(name: string, parts: readonly Part[]): Part {
  return {
    name,
    async start() {
      await Promise.all(parts.map((part) => part.start?.()));
    },
    async stop() {
      await Promise.all(parts.map((part) => part.stop?.()));
    },
  };
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
