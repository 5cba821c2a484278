import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { body, playlist, startFakeOrigin } from '../../support/fake-origin.ts';
import { exchangeRaw, fingerprintOf, get } from '../../support/http-client.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);

test('headers that are too large are 431, and what is no HTTP is 400', async () => {
  await using relay = await startTestApp({});
  const large = await exchangeRaw(
    relay.port,
    `GET /tv HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(32 * 1024)}\r\n\r\n`,
  );
  expect(large).toMatch(/^HTTP\/1\.1 431 .*\r\nContent-Type: text\/plain.*\r\nConnection: close\r\n/s);
  for (const garbage of [
    '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n',
    'HELLO\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET /tv HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n',
  ]) {
    expect(await exchangeRaw(relay.port, garbage)).toMatch(/^HTTP\/1\.1 400 /);
  }
  expect((await get(`${relay.url}/tv`)).status).toBe(200);
});

test('a client that never ends its headers is cut off, while others are served', async () => {
  await using relay = await startTestApp({});
  const socket = connect({ host: '127.0.0.1', port: relay.port });
  const answer = buffer(socket);
  socket.write('GET /tv HTTP/1.1\r\nHost: x\r\n');
  const drip = setInterval(() => socket.write('X-Slow: 1\r\n'), 500);
  socket.on('error', () => undefined);
  try {
    expect((await get(`${relay.url}/tv`)).status).toBe(200);
    expect((await answer.catch(() => Buffer.alloc(0))).toString()).toMatch(/^(?:HTTP\/1\.1 4\d\d |$)/);
  } finally {
    clearInterval(drip);
    socket.destroy();
  }
});

test('the relay is no tunnel: CONNECT is 405', async () => {
  await using relay = await startTestApp({});
  const answer = await exchangeRaw(
    relay.port,
    'CONNECT provider.example:443 HTTP/1.1\r\nHost: provider.example:443\r\n\r\n',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 405 .*\r\nAllow: GET, HEAD, OPTIONS\r\n/s);
});

test.each(['h2c', 'websocket'])(
  'an offer to upgrade to %s is not taken up, and the request answered all the same',
  async (protocol) => {
    await using relay = await startTestApp({ channels: { one: 'http://provider.example/1.m3u8' } });
    const headers = {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: protocol,
      'HTTP2-Settings': 'AAMAAABkAAQAoAAAAAIAAAAA',
    };
    const answer = await get(`${relay.url}/tv`, { headers });
    expect([answer.status, answer.headers.upgrade]).toEqual([200, undefined]);
    expect(answer.text).toContain('/proxy/ch_one/stream.m3u8');
  },
);

test('tricks with the path lead nowhere', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'])) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const targets = [
    '/proxy/../settings.json',
    '/proxy/ch_one/../../settings.json',
    '/proxy/ch_one/../ch_one/stream.m3u8',
    '/proxy/ch_one/%2e%2e/stream.m3u8',
    '/proxy/%63h_one/stream.m3u8',
    '/proxy/ch_one/stream%2Em3u8',
    '/proxy/ch_one/stream.m3u8/',
    '/proxy//ch_one/stream.m3u8',
    '//proxy/ch_one/stream.m3u8',
    '/proxy/ch_one\\stream.m3u8',
    '/proxy/CH_ONE/stream.m3u8',
    '/proxy/ch_one/http://127.0.0.1/',
    '/proxy/ch_one/stream.m3u8?k=../../etc/passwd',
    '/proxy/ch_one/x.ts?url=http://127.0.0.1/',
    '/tv/',
    'http://127.0.0.1:1/x',
    '*',
  ];
  for (const target of targets) {
    const answer = await exchangeRaw(relay.port, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect([target, answer.split(' ')[1]]).toEqual([target, '404']);
    expect(answer).toMatch(/\nUNKNOWN_RESOURCE\n$/);
  }
  expect(origin.requests).toHaveLength(0);
});

test('hundreds of idle connections take nothing from a TV', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const idle = await Promise.all(
    Array.from({ length: 400 }, () => opened(connect({ host: '127.0.0.1', port: relay.port }))),
  );
  try {
    const [link = ''] = await relay.links('ch_one');
    const answers = await Promise.all(Array.from({ length: 20 }, () => get(link)));
    expect(new Set(answers.map(({ fingerprint }) => fingerprint))).toEqual(new Set([fingerprintOf(SEGMENT)]));
  } finally {
    idle.forEach((socket) => socket.destroy());
  }
});

function opened(socket: Socket): Promise<Socket> {
  socket.on('error', () => undefined);
  return new Promise((resolve, reject) => socket.once('connect', () => resolve(socket)).once('error', reject));
}

test('who is denied gets 403 and a sentence, whatever is asked', async () => {
  await using relay = await startTestApp({ settings: { deny: ['127.0.0.0/8'] } });
  const answer = await exchangeRaw(relay.port, 'GET /tv HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n.*\r\n\r\n[^\n]+\nFORBIDDEN\n$/s);
});

test('the state of the relay is told as JSON', async () => {
  await using relay = await startTestApp({
    channels: { one: 'http://provider.example/1.m3u8', two: 'http://provider.example/2.m3u8' },
  });
  const { headers, text } = await get(`${relay.url}/health`);
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(text)).toMatchObject({
    status: 'ok',
    version: '0.0.0-test',
    channels: 2,
    uptimeSeconds: expect.any(Number),
  });
});

test('the raw line of each request is logged for whoever looks, its first 200 characters', async () => {
  await using relay = await startTestApp({});
  await get(`${relay.url}/nothing?${'q'.repeat(500)}`);
  const line = relay.log.find(({ msg }) => msg.startsWith('GET /nothing?'));
  expect([line?.msg.length, line?.['client'], line?.level]).toEqual([200, '127.0.0.1', 20]);
});

test('nothing that is logged holds an address or a credential of a provider', async () => {
  await using origin = await startFakeOrigin({
    '/live/user/pa55word/1.m3u8': playlist(mediaPlaylist(['gone.ts?token=t0ken'])),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live/user/pa55word/1.m3u8` } });
  const [link = ''] = await relay.links('ch_one');
  await get(link);
  expect(relay.log.some(({ msg }) => msg.includes('404'))).toBe(true);
  expect(JSON.stringify(relay.log)).not.toMatch(/pa55word|t0ken/);
});
