import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createCookies } from '../../../main/origin/cookies.ts';
import { fetchDocument } from '../../../main/origin/document.ts';
import type { Identity } from '../../../main/origin/origin-client.ts';
import { createOriginClient } from '../../../main/origin/origin-client.ts';
import { startFakeOrigin } from '../../support/fake-origin.ts';

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

/** A forwarding proxy (RFC 9112 3.2.2) that sends every request to one port, whatever host it names. */
async function startHttpProxy(targetPort: number) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const { pathname, search } = new URL(request.url ?? '');
    const onward = httpRequest({ port: targetPort, host: '127.0.0.1', path: pathname + search }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
