import { expect, test } from 'vitest';
import { createCookies } from '../../../main/origin/cookies.ts';
import { fetchDocument } from '../../../main/origin/document.ts';
import type { Identity } from '../../../main/origin/origin-client.ts';
import { createOriginClient } from '../../../main/origin/origin-client.ts';
import { startFakeOrigin } from '../../support/fake-origin.ts';
import { startHttpProxy } from '../../support/http-proxy.ts';

const PUBLIC: Identity = { headers: {}, cookies: createCookies(), reach: 'public', onBytes: () => undefined };

test('with an upstream proxy set, everything public goes through it', async () => {
  await using origin = await startFakeOrigin((_request, response) => void response.end('from the provider'));
  await using proxy = await startHttpProxy(origin.port);
  const client = createOriginClient({ connectionsPerHost: 4, upstreamProxy: proxy.url, now: Date.now });

  const { body } = await load(client, 'http://provider.example/list.m3u8');

  expect(body.toString()).toBe('from the provider');
  expect(proxy.asked).toEqual(['http://provider.example/list.m3u8']);
  await client.close();
});

test('an upstream proxy is not asked for addresses inside the home', async () => {
  await using proxy = await startHttpProxy(1);
  const client = createOriginClient({ connectionsPerHost: 4, upstreamProxy: proxy.url, now: Date.now });

  await expect(load(client, 'http://127.0.0.1/secret')).rejects.toMatchObject({ code: 'ORIGIN_ADDRESS' });
  await expect(load(client, 'http://192.168.1.1/')).rejects.toMatchObject({ code: 'ORIGIN_ADDRESS' });

  expect(proxy.asked).toEqual([]);
  await client.close();
});

function load(origin: ReturnType<typeof createOriginClient>, url: string) {
  const deps = { origin, now: Date.now, random: Math.random, onHidden: () => undefined };
  return fetchDocument(deps, { url, identity: PUBLIC, maxBytes: 1000, attemptTimeoutMs: 5000, patienceMs: 0 });
}
