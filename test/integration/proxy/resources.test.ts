import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import { body, chunked, playlist, startFakeOrigin, status } from '../../support/fake-origin.ts';
import { exchangeRaw, fingerprintOf, get, type Answer } from '../../support/http-client.ts';
import { linksIn, mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);

test('a segment is the very bytes of the origin, with its length, the first time and ever after', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT, { 'Content-Type': 'video/MP2T', ETag: '"one"' }),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  const answers = [await get(link), await get(link)];
  for (const { status: code, headers, fingerprint } of answers) {
    expect([code, fingerprint]).toEqual([200, fingerprintOf(SEGMENT)]);
    expect(headers).toMatchObject({
      'content-type': 'video/MP2T',
      'content-length': String(SEGMENT.length),
      etag: '"one"',
      'accept-ranges': 'bytes',
    });
    expect(headers['cache-control']).toMatch(/^max-age=\d+$/);
  }
  expect(answers.map(({ headers }) => headers['x-cache'])).toEqual(['miss', 'hit-memory']);
  expect(origin.requestsTo('/x.ts')).toHaveLength(1);
});

test.each([
  ['/x.ts', undefined, 'video/mp2t'],
  ['/x.ts', 'text/plain', 'video/mp2t'],
  ['/x.ts', 'application/octet-stream', 'video/mp2t'],
  ['/x.ts', 'text/html', 'video/mp2t'],
  ['/x.m4s', 'binary/octet-stream', 'video/iso.segment'],
  ['/x.mp4', undefined, 'video/mp4'],
  ['/x.aac', 'audio/aac', 'audio/aac'],
  ['/x.aac', undefined, 'audio/aac'],
  ['/x.vtt', 'text/plain; charset=utf-8', 'text/vtt'],
  ['/x.vtt', 'text/vtt; charset=utf-8', 'text/vtt; charset=utf-8'],
])('%s that the origin calls %s is %s for the TV', async (path, originType, tvType) => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist([path])),
    [path]: body('content', originType === undefined ? {} : { 'Content-Type': originType }),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  const [link = ''] = await relay.links('ch_one');
  expect((await get(link)).headers['content-type']).toBe(tvType);
});

test('a HEAD is answered with the headers of a GET and without a body, on every route', async () => {
  await using origin = await startFakeOrigin({
    '/master.m3u8': playlist(
      '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n#EXT-X-SESSION-DATA:DATA-ID="d",URI="d.json"\n',
    ),
    '/v.m3u8': playlist(mediaPlaylist(['x.ts'], { tags: ['#EXT-X-KEY:METHOD=AES-128,URI="k"'] })),
    '/d.json': body('{"a":1}', { 'Content-Type': 'application/json' }),
    '/k': body('0123456789abcdef'),
    '/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/master.m3u8` } });
  const [variant = '', data = ''] = await relay.links('ch_one');
  const [key = '', segment = ''] = linksIn((await get(variant)).text, variant);
  const routes = ['/', '/tv', '/playlist.m3u', '/health', '/nothing', '/proxy/ch_none/stream.m3u8'].map(
    (path) => relay.url + path,
  );

  for (const url of [...routes, relay.channelUrl('ch_one'), variant, data, key, segment]) {
    const headFirst = await get(url, { method: 'HEAD' });
    const got = await get(url);
    const head = await get(url, { method: 'HEAD' });
    expect([url, headFirst.status, headFirst.body.length, head.status, head.body.length]).toEqual([
      url,
      got.status,
      0,
      got.status,
      0,
    ]);
    expect([url, comparable(head)]).toEqual([url, comparable(got)]);
    expect([url, headFirst.headers['content-type']]).toEqual([url, got.headers['content-type']]);
  }
});

/** What cannot be the same twice is left out, and framing that only a body has. */
function comparable({ headers }: Answer): Record<string, unknown> {
  const { date: _date, 'x-cache': _outcome, 'transfer-encoding': _framing, ...rest } = headers;
  return rest;
}

test('pages of any origin may play it: CORS on answers and errors, and for preflights', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  for (const url of [link, relay.channelUrl('ch_one'), `${relay.url}/nothing`]) {
    const answer = await get(url, { headers: { Origin: 'http://player.example' } });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['access-control-expose-headers']).toBe('Content-Length, Content-Range, X-Cache');
    const preflight = await get(url, {
      method: 'OPTIONS',
      headers: {
        Origin: 'http://player.example',
        'Access-Control-Request-Method': 'GET',
        'Access-Control-Request-Headers': 'range',
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-allow-headers': expect.stringContaining('Range'),
    });
  }
});

test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is 405 and says what is allowed', async (method) => {
  await using relay = await startTestApp({});
  const answer = await get(`${relay.url}/tv`, { method });
  expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
  expect(answer.text).toMatch(/^[^\n]+\nMETHOD_NOT_ALLOWED\n$/);
});

test('a TV keeps its connection when it wants to, also after errors, and loses it when it says close', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts', 'gone.ts'])),
    '/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = '', gone = ''] = await relay.links('ch_one');

  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (const url of [relay.channelUrl('ch_one'), link, gone, link, `${relay.url}/nothing`]) {
      expect((await get(url, { agent })).headers.connection).toBe('keep-alive');
    }
    expect(Object.values(agent.freeSockets).flat()).toHaveLength(1);
  } finally {
    agent.destroy();
  }

  const { pathname, search } = new URL(link);
  const raw = await exchangeRaw(
    relay.port,
    `GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  expect(raw).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(raw).toMatch(/\r\nConnection: close\r\n/);
  expect(fingerprintOf(bodyOf(raw))).toBe(fingerprintOf(SEGMENT));
});

/** Of an answer that ends with its connection. */
function bodyOf(raw: string): Buffer {
  return Buffer.from(raw.slice(raw.indexOf('\r\n\r\n') + 4), 'latin1');
}

test('a TV that speaks HTTP/1.0 gets the segment and the end of the connection', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': chunked([SEGMENT]),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const { pathname, search } = new URL((await relay.links('ch_one'))[0] ?? '');

  const raw = await exchangeRaw(relay.port, `GET ${pathname}${search} HTTP/1.0\r\n\r\n`);
  const head = raw.slice(0, raw.indexOf('\r\n\r\n'));
  expect(head).not.toMatch(/chunked/i);
  expect(fingerprintOf(bodyOf(raw))).toBe(fingerprintOf(SEGMENT));
});

test('requests sent one behind the other on one connection are answered in their order', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body('one segment'),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const { pathname, search } = new URL((await relay.links('ch_one'))[0] ?? '');

  const raw = await exchangeRaw(
    relay.port,
    `GET ${pathname}${search} HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
  );
  expect(raw.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404']);
  expect(raw.indexOf('one segment')).toBeLessThan(raw.indexOf('HTTP/1.1 404'));
});

test('a body that the origin compressed on its own passes as it is, and says so', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.vtt'])),
    '/x.vtt': body(Buffer.from([31, 139, 8, 0]), { 'Content-Encoding': 'gzip', 'Content-Type': 'text/vtt' }),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  const [link = ''] = await relay.links('ch_one');
  const answer = await get(link);
  expect([answer.headers['content-encoding'], answer.body]).toEqual(['gzip', Buffer.from([31, 139, 8, 0])]);
  expect(origin.requestsTo('/x.vtt')[0]?.headers['accept-encoding']).toBe('identity');
});

test('an empty segment is an empty answer, not an error', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts', 'y.ts'])),
    '/x.ts': body(''),
    '/y.ts': status(204),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  const [empty = ''] = await relay.links('ch_one');
  const answer = await get(empty);
  expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '0', 0]);
});
