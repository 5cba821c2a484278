import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Redis } from 'ioredis';
import pino from 'pino';
import { describe, test } from 'vitest';
import { createRedisTier } from '../../main/cache/redis-tier.ts';
import { createEmbeddedStore } from '../../main/store/embedded-store.ts';
import { createStore, type Store } from '../../main/store/redis.ts';
import type { StoreClient } from '../../main/store/store-client.ts';
import { findFreePort, startRedisServer } from '../support/redis-server.ts';
import { needs } from '../support/requirements.ts';
import { bodyOf, LONG_MS, storedOf } from './cache-tier.ts';

/** Reconnecting takes up to two seconds, a probe one, and the machine may be busy. */
const EVENTUALLY = { timeout: 15_000, interval: 50 };
const SEGMENT = storedOf(bodyOf(5000));

type OpenedStore = AsyncDisposable & {
  store: Store;
  embedded: StoreClient;
  /** Everything that was logged, as `level: message`. */
  logged: readonly string[];
  /** How often it was told that Redis is usable. */
  readonly greetings: number;
  startMs: number;
};

/** Starts a store as the relay does. */
async function openStore(redisUrl: string, onRedis?: (client: StoreClient) => Promise<void>): Promise<OpenedStore> {
  const logged: string[] = [];
  const log = pino(
    { level: 'debug', formatters: { level: (label) => ({ label }) } },
    {
      write(line) {
        const { label, msg } = JSON.parse(line) as { label: string; msg: string };
        logged.push(`${label}: ${msg}`);
      },
    },
  );
  const embedded = createEmbeddedStore({ maxBytes: 16 * 1024 * 1024, now: Date.now });
  let greetings = 0;
  const store = createStore({
    redisUrl,
    embedded,
    log,
    onRedis: async (client) => {
      await onRedis?.(client);
      greetings += 1;
    },
  });
  const startedAt = performance.now();
  await store.start?.();
  return {
    store,
    embedded,
    logged,
    get greetings() {
      return greetings;
    },
    startMs: performance.now() - startedAt,
    [Symbol.asyncDispose]: async () => store.stop?.(),
  };
}

/** The relay's second tier over a store that may change under it. */
function tierOf(store: Store) {
  return createRedisTier({ store: () => store, relayId: 'a', maxBodyBytes: 1_000_000, now: Date.now });
}

/** That a relay with this store goes on: nothing rejects, nothing hangs, what is missing is loaded. */
async function expectToPlayOn(store: Store): Promise<void> {
  const tier = tierOf(store);
  const found = await tier.lookUp(crypto.randomUUID());
  if ('body' in found) throw new Error('it made something up');
  found.end(SEGMENT, LONG_MS);
  await tier.set(crypto.randomUUID(), SEGMENT, LONG_MS);
}

/** Something that listens on a loopback port, and is not Redis. */
async function listen(server: Server): Promise<AsyncDisposable & { url: string }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sockets = new Set<{ destroy: () => void }>();
  server.on('connection', (socket) => sockets.add(socket));
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe.concurrent('without a Redis', () => {
  test('the embedded store is in use, shared with nobody', async ({ expect }) => {
    await using opened = await openStore('');
    expect(opened.store).toMatchObject({ isShared: false, state: 'embedded' });
    expect(opened.store.client).toBe(opened.embedded);
    expect(opened.logged).toEqual([]);
    await expectToPlayOn(opened.store);
  });

  test.for(['127.0.0.1', 'localhost'])(
    'that was configured on %s, it says so once, and goes on',
    async (host, { expect }) => {
      await using opened = await openStore(`redis://:secret@${host}:${await findFreePort()}`);
      expect(opened.store).toMatchObject({ isShared: false, state: 'embedded: nothing listens there' });
      expect(opened.store.client).toBe(opened.embedded);
      await expectToPlayOn(opened.store);
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      expect(opened.logged).toHaveLength(1);
      expect(opened.logged[0]).toMatch(/^warn: .*nothing listens there/);
      expect(opened.logged.join()).not.toContain('secret');
    },
  );
});

describe.concurrent('where something else listens', () => {
  const services: [string, () => Server][] = [
    ['a web server', () => createHttpServer((_request, response) => response.end('hello'))],
    ['a server that hangs up', () => createServer((socket) => socket.end())],
    ['a server that says hello first', () => createServer((socket) => socket.end('220 mail.example ESMTP\r\n'))],
    ['a server that says nothing', () => createServer(() => undefined)],
  ];

  test.for(services)(
    '(%s) the relay starts soon and plays on, and the log does not fill up',
    async ([, create], { expect }) => {
      await using service = await listen(create());
      await using opened = await openStore(service.url);
      expect(opened.startMs).toBeLessThan(5_000);
      expect(opened.store.isShared).toBe(false);
      expect(opened.store.state).toMatch(/^embedded: ./);
      await expectToPlayOn(opened.store);
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      expect(opened.store.client).toBe(opened.embedded);
      expect(opened.greetings).toBe(0);
      expect(opened.logged.length).toBeLessThanOrEqual(3);
    },
  );
});

describe.concurrent('with a real Redis', needs('redis-server'), () => {
  test('that is in use from the start', async ({ expect }) => {
    await using server = await startRedisServer();
    await using opened = await openStore(server.url);
    expect(opened.store).toMatchObject({ isShared: true, state: 'redis' });
    expect(opened.greetings).toBe(1);
    expect(opened.logged).toEqual([expect.stringMatching(/^info: .*in use/)]);
    await tierOf(opened.store).set('key', SEGMENT, LONG_MS);
    await using other = await openStore(server.url);
    expect(await tierOf(other.store).get('key')).toEqual(SEGMENT);
  });

  test('that comes up later it is used from then on', async ({ expect }) => {
    const port = await findFreePort();
    await using opened = await openStore(`redis://127.0.0.1:${port}`);
    expect(opened.store.isShared).toBe(false);
    await using servers = new AsyncDisposableStack();
    servers.use(await startRedisServer({ port }));
    await expect.poll(() => opened.store.state, EVENTUALLY).toBe('redis');
    await tierOf(opened.store).set('key', SEGMENT, LONG_MS);
    expect(await tierOf(opened.store).get('key')).toEqual(SEGMENT);
    expect(opened.greetings).toBe(1);
  });

  test('that goes away playing goes on without, and with it when it is back', async ({ expect }) => {
    const port = await findFreePort();
    await using opened = await openStore(`redis://127.0.0.1:${port}`);
    for (const round of [1, 2]) {
      await using servers = new AsyncDisposableStack();
      servers.use(await startRedisServer({ port }));
      await expect.poll(() => opened.store.state, EVENTUALLY).toBe('redis');
      expect(opened.greetings).toBe(round);
    }
    await expect.poll(() => opened.store.isShared, EVENTUALLY).toBe(false);
    expect(opened.store.client).toBe(opened.embedded);
    await expectToPlayOn(opened.store);
    expect(opened.logged.filter((line) => line.startsWith('info:'))).toHaveLength(2);
  });

  test('that freezes playing goes on without, and with it when it thaws', async ({ expect }) => {
    await using server = await startRedisServer();
    await using opened = await openStore(server.url);
    await tierOf(opened.store).set('key', SEGMENT, LONG_MS);
    server.freeze();
    await expectToPlayOn(opened.store);
    await expect.poll(() => opened.store.state, EVENTUALLY).toBe('embedded: it does not answer in time');
    await expectToPlayOn(opened.store);
    server.thaw();
    await expect.poll(() => opened.store.state, EVENTUALLY).toBe('redis');
    expect(await tierOf(opened.store).get('key')).toEqual(SEGMENT);
  });

  test.for([
    ['with the wrong password', 'redis://:wrong@'],
    ['without the password', 'redis://'],
  ] as const)('%s it is not used, and the reason is said without it', async ([, prefix], { expect }) => {
    await using server = await startRedisServer({ password: 'right-secret' });
    await using opened = await openStore(server.url.replace('redis://', prefix));
    await expect.poll(() => opened.store.state, EVENTUALLY).toBe('embedded: wrong password');
    await expectToPlayOn(opened.store);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(opened.store.isShared).toBe(false);
    expect(opened.logged.length).toBeLessThanOrEqual(3);
    expect(opened.logged.join()).not.toMatch(/right-secret|redis:\/\//);
  });

  test('with the right password it is used', async ({ expect }) => {
    await using server = await startRedisServer({ password: 'right-secret' });
    await using opened = await openStore(server.url.replace('redis://', 'redis://:right-secret@'));
    expect(opened.store.state).toBe('redis');
  });

  test('that is full it is read and not written, until there is room again', async ({ expect }) => {
    await using server = await startRedisServer();
    await using opened = await openStore(server.url);
    await using admin = await connectAdmin(server.url);
    const tier = tierOf(opened.store);
    await tier.set('before', SEGMENT, LONG_MS);
    await admin.redis.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction');

    await expectToPlayOn(opened.store);
    await tier.set('meanwhile', SEGMENT, LONG_MS);
    expect(await tier.get('before')).toEqual(SEGMENT);
    expect(await tier.get('meanwhile')).toBeUndefined();

    await admin.redis.config('SET', 'maxmemory', '0');
    await expect.poll(() => opened.store.state, EVENTUALLY).toBe('redis');
    await tier.set('after', SEGMENT, LONG_MS);
    expect(await tier.get('after')).toEqual(SEGMENT);
  });

  test('that is full at the start it is used as soon as there is room', async ({ expect }) => {
    await using server = await startRedisServer();
    await using admin = await connectAdmin(server.url);
    await admin.redis.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction');
    await using opened = await openStore(
      server.url,
      async (client) => void (await client.claim('key', 'relay', LONG_MS)),
    );
    expect(opened.store.isShared).toBe(false);
    await expectToPlayOn(opened.store);
    await admin.redis.config('SET', 'maxmemory', '0');
    await expect.poll(() => opened.store.state, EVENTUALLY).toBe('redis');
  });

  test('that was stopped on purpose it is left alone', async ({ expect }) => {
    await using server = await startRedisServer();
    const opened = await openStore(server.url);
    await opened[Symbol.asyncDispose]();
    await using admin = await connectAdmin(server.url);
    await expect.poll(() => countClients(admin.redis), EVENTUALLY).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(await countClients(admin.redis)).toBe(1);
    expect(opened.store.client).toBe(opened.embedded);
    expect(opened.logged).toEqual([expect.stringMatching(/^info: .*in use/)]);
  });
});

async function connectAdmin(url: string): Promise<AsyncDisposable & { redis: Redis }> {
  const redis = new Redis(url, { lazyConnect: true });
  await redis.connect();
  return { redis, [Symbol.asyncDispose]: async () => redis.disconnect() };
}

async function countClients(redis: Redis): Promise<number> {
  return String(await redis.client('LIST'))
    .split('\n')
    .filter((line) => line !== '').length;
}
