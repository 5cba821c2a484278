import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { askAt } from '../../support/control-server.ts';
import { startHeadless, type Headless } from '../../support/headless.ts';
import { needs } from '../../support/requirements.ts';

function controlOf({ control }: Headless) {
  const url = new URL(control ?? 'nothing printed');
  const token = url.searchParams.get('token') ?? '';
  return { url, authorization: `Bearer ${token}`, token };
}

test('the headless entry prints where its window is, for this machine only', async () => {
  await using relay = await startHeadless();
  const { url, token, authorization } = controlOf(relay);
  expect(url.hostname).toBe('127.0.0.1');
  expect(url.port).not.toBe(new URL(relay.relay).port);
  expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  const answer = await askAt(`${url.origin}/api/app.snapshot`, {
    method: 'POST',
    authorization,
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  });
  expect(JSON.parse(answer.text)).toMatchObject({
    ok: true,
    value: { status: 'running', relayPort: Number(new URL(relay.relay).port) },
  });
});

test('each start has a token of its own', async () => {
  await using first = await startHeadless();
  await using second = await startHeadless();
  expect(controlOf(first).token).not.toBe(controlOf(second).token);
});

test('metrics are answered for Prometheus', async () => {
  await using relay = await startHeadless();
  const { url, authorization } = controlOf(relay);
  const { status, headers, text } = await askAt(`${url.origin}/metrics`, { authorization });
  expect(status).toBe(200);
  expect(headers['content-type']).toContain('text/plain');
  expect(text).toContain('# TYPE hearthcast_client_bytes_total counter');
});

test('a window that listens does not keep the relay from stopping', needs('POSIX'), async () => {
  await using relay = await startHeadless();
  const { url, authorization } = controlOf(relay);
  const request = http.get(`${url.origin}/api/events`, { headers: { Authorization: authorization } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume().on('error', () => undefined);
  expect(await relay.stop()).toBe(0);
});

test('a control port in use ends the start with one sentence', async () => {
  await using first = await startHeadless();
  const { port } = controlOf(first).url;
  await expect(startHeadless({ flags: ['--control-port', port] })).rejects.toThrow(
    new RegExp(`Control port ${port} is in use`),
  );
});
