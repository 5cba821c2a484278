import { afterAll, beforeAll, describe } from 'vitest';
import { createEmbeddedStore } from '../../main/store/embedded-store.ts';
import { startRedisServer, type RedisServer } from '../support/redis-server.ts';
import { needs } from '../support/requirements.ts';
import { connectStoreClient } from './redis-clients.ts';
import { behavesLikeAStoreClient } from './store-client.ts';

describe('the embedded store', () => {
  behavesLikeAStoreClient(async () => ({
    client: createEmbeddedStore({ maxBytes: 64 * 1024 * 1024, now: Date.now }),
    async [Symbol.asyncDispose]() {},
  }));
});

describe('a real Redis', needs('redis-server'), () => {
  let server: RedisServer;
  beforeAll(async () => void (server = await startRedisServer()));
  afterAll(() => server[Symbol.asyncDispose]());

  behavesLikeAStoreClient(() => connectStoreClient(server.url));
});
