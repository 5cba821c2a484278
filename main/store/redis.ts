import { Redis } from 'ioredis';
import { foreign, type Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { EmbeddedStore } from './embedded-store.ts';
import { createStoreClient, type StoreClient } from './store-client.ts';

/** The store in use: Redis while it is there and well, the embedded one otherwise. */
export type Store = Part & {
  /** The one to ask right now. */
  readonly client: StoreClient;
  /** Other relays may be using it too. */
  readonly isShared: boolean;
  /** Why Redis is not in use; undefined when it is, or nobody wants one. */
  readonly trouble: Sentence | undefined;
  /** `redis`, `embedded`, or `embedded: why not Redis`. */
  readonly state: string;
};

export type StoreDeps = {
  /** Empty: there is no Redis. */
  redisUrl: string;
  embedded: EmbeddedStore;
  log: Logger;
  /** Called each time Redis has become usable. What it throws is logged. */
  onRedis: (client: StoreClient) => Promise<void>;
};

const CONNECT_TIMEOUT_MS = 500;
const COMMAND_TIMEOUT_MS = 400;
const START_PATIENCE_MS = 1_000;
const PROBE_MS = 1_000;
const LONGEST_RETRY_MS = 2_000;
const NOT_ANSWERED = say('redis.notYet');
const CONNECTION_GONE = say('redis.gone');

export function createStore({ redisUrl, embedded, log, onRedis }: StoreDeps): Store {
  const sweeper = { timer: undefined as NodeJS.Timeout | undefined };
  const connection = redisUrl === '' ? undefined : connectRedis({ redisUrl, log, onRedis });

  return {
    name: 'store',
    get client() {
      return connection?.client ?? embedded;
    },
    get isShared() {
      return connection?.client !== undefined;
    },
    get trouble() {
      return connection?.trouble;
    },
    get state() {
      if (connection === undefined) return 'embedded';
      return connection.trouble === undefined ? 'redis' : `embedded: ${connection.trouble.text}`;
    },
    async start() {
      sweeper.timer = setInterval(() => embedded.sweep(), 1_000).unref();
      await connection?.start();
    },
    stop() {
      clearInterval(sweeper.timer);
      connection?.stop();
    },
  };
}

/** A Redis that may come and go. `client` is there only while it answers. */
function connectRedis({ redisUrl, log, onRedis }: Omit<StoreDeps, 'embedded'>) {
  const options = {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (attempt: number) => Math.min(LONGEST_RETRY_MS, 100 * 2 ** attempt),
  };
  const small = new Redis(redisUrl, options);
  const bulk = new Redis(redisUrl, options);
  const client = guarded(createStoreClient({ small, bulk }), onCommandError);
  let isUsable = false;
  let reason = NOT_ANSWERED;
  let probing: NodeJS.Timeout | undefined;
  let greeting: Promise<void> | undefined;
  let isStopped = false;

  function leave(newReason: Sentence): void {
    // That a connection is gone is a consequence: the cause, once known, stays the reason.
    const isKnown = newReason.text === reason.text || (newReason === CONNECTION_GONE && reason !== NOT_ANSWERED);
    const isNews = isUsable || !isKnown;
    isUsable = false;
    if (isStopped) return;
    if (isNews) {
      reason = newReason;
      log.warn(`Redis is not usable (${reason.text}): the embedded store is used until it is back.`);
    }
    probing ??= setInterval(() => void probe(), PROBE_MS).unref();
  }

  /** A frozen server keeps its connections, so only an answer proves that Redis is back. */
  function probe(): Promise<void> {
    if (isUsable || small.status !== 'ready' || bulk.status !== 'ready') return Promise.resolve();
    greeting ??= greet().finally(() => {
      greeting = undefined;
    });
    return greeting;
  }

  async function greet(): Promise<void> {
    try {
      await Promise.all([small.ping(), bulk.ping()]);
      await onRedis(client);
      if (isStopped) return;
      isUsable = true;
      clearInterval(probing);
      probing = undefined;
      log.info('Redis is in use.');
    } catch (error) {
      leave(reasonOf(error));
    }
  }

  function onCommandError(error: unknown): void {
    const refusal = reasonOf(error);
    // A full Redis still answers what it holds; refusing one write is its right. And a key that another client made into
    // something else says nothing of the others.
    if (isUsable && !/^OOM|^MISCONF|^READONLY|WRONGTYPE/.test(refusal.text)) leave(refusal);
  }

  for (const redis of [small, bulk]) {
    redis.on('error', (error) => leave(reasonOf(error)));
    redis.on('close', () => {
      if (isUsable) leave(CONNECTION_GONE);
    });
    redis.on('ready', () => void probe());
  }

  return {
    get client(): StoreClient | undefined {
      return isUsable ? client : undefined;
    },
    get trouble(): Sentence | undefined {
      return isUsable ? undefined : reason;
    },
    async start() {
      const connecting = Promise.allSettled([small.connect(), bulk.connect()]).then(probe);
      await Promise.race([connecting, new Promise((resolve) => setTimeout(resolve, START_PATIENCE_MS).unref())]);
      if (!isUsable) leave(reason);
    },
    stop() {
      isStopped = true;
      isUsable = false;
      clearInterval(probing);
      small.disconnect();
      bulk.disconnect();
    },
  };
}

/** The same client, whose failures are also told to somebody. */
function guarded(client: StoreClient, onError: (error: unknown) => void): StoreClient {
  const watch = async <T>(promise: Promise<T>): Promise<T> => {
    try {
      return await promise;
    } catch (error) {
      onError(error);
      throw error;
    }
  };
  return {
    get: (...args) => watch(client.get(...args)),
    set: (...args) => watch(client.set(...args)),
    delete: (...args) => watch(client.delete(...args)),
    deleteAll: (...args) => watch(client.deleteAll(...args)),
    claim: (...args) => watch(client.claim(...args)),
    renew: (...args) => watch(client.renew(...args)),
    release: (...args) => watch(client.release(...args)),
    exists: (...args) => watch(client.exists(...args)),
    readHash: (...args) => watch(client.readHash(...args)),
    writeHash: (...args) => watch(client.writeHash(...args)),
  };
}

/** What is wrong, without the address or the password. */
function reasonOf(error: unknown): Sentence {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('WRONGPASS') || message.includes('NOAUTH') || message.includes('invalid username-password'))
    return say('redis.password');
  if (message.includes('Protocol error')) return say('redis.notRedis');
  if (message.includes('timed out') || message.includes('ETIMEDOUT')) return say('redis.silent');
  if (message.includes('ECONNREFUSED')) return say('redis.nothing');
  if (message.includes('Connection is closed') || message.includes("isn't writeable")) return CONNECTION_GONE;
  return foreign(message);
}
