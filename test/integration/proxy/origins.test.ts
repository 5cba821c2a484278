import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { body, playlist, redirect, startFakeOrigin, type FakeOrigin } from '../../support/fake-origin.ts';
import { get } from '../../support/http-client.ts';
import { linksIn, mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);

/** The same server under another name is another host, with other cookies and credentials. */
function underOtherName({ port }: FakeOrigin): string {
  return `http://localhost:${port}`;
}

test('what a list says of a channel goes with its playlists, segments and keys; other channels have their own', async () => {
  await using origin = await startFakeOrigin({
    '/master.m3u8': playlist('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv.m3u8\n'),
    '/v.m3u8': playlist(mediaPlaylist(['x.ts'], { tags: ['#EXT-X-KEY:METHOD=AES-128,URI="k"'] })),
    '/k': body('0123456789abcdef'),
    '/x.ts': body(SEGMENT),
    '/plain.m3u8': playlist(mediaPlaylist(['x.ts'])),
  });
  await using relay = await startTestApp({
    list: [
      '#EXTM3U',
      '#EXTINF:-1 tvg-id="dressed",Dressed',
      '#EXTVLCOPT:http-user-agent=Player/7 (TV)',
      '#EXTVLCOPT:http-referrer=https://portal.example/watch?a=1',
      `${origin.url}/master.m3u8|X-Token=abc%20def&Cookie=sid%3D1&Origin=https://portal.example`,
      '#EXTINF:-1 tvg-id="plain",Plain',
      `${origin.url}/plain.m3u8`,
      '',
    ].join('\n'),
    settings: { userAgent: 'Relay/1' },
  });

  const [variant = ''] = await relay.links('ch_dressed');
  const [key = '', segment = ''] = linksIn((await get(variant)).text, variant);
  await get(key);
  await get(segment);
  expect(origin.requests.map(({ path }) => path)).toEqual(['/master.m3u8', '/v.m3u8', '/k', '/x.ts']);
  for (const { headers } of origin.requests) {
    expect(headers).toMatchObject({
      'user-agent': 'Player/7 (TV)',
      referer: 'https://portal.example/watch?a=1',
      'x-token': 'abc def',
      cookie: 'sid=1',
      origin: 'https://portal.example',
    });
  }

  await relay.links('ch_plain');
  const [plain] = origin.requestsTo('/plain.m3u8');
  expect(plain?.headers['user-agent']).toBe('Relay/1');
  for (const name of ['referer', 'x-token', 'cookie', 'origin']) expect(plain?.headers).not.toHaveProperty(name);
});

test('nothing that a TV sends of itself reaches the origin', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const headers = {
    'User-Agent': 'Television/1',
    Cookie: 'tv=1',
    Referer: 'http://tv/',
    'X-Forwarded-For': '10.0.0.1',
    Authorization: 'Basic x',
  };

  await get(relay.channelUrl('ch_one'), { headers });
  const [link = ''] = await relay.links('ch_one');
  await get(link, { headers });
  for (const request of origin.requests) {
    expect(JSON.stringify(request.headers)).not.toMatch(/Television|tv=1|http:\/\/tv|10\.0\.0\.1|Basic x/);
    expect(request.headers.host).toBe(`127.0.0.1:${origin.port}`);
  }
});

test('cookies that a playlist or a redirect sets go with the segments of that host, and to no other', async () => {
  await using origin = await startFakeOrigin({
    '/start.m3u8': redirect('/live.m3u8', 302, { 'Set-Cookie': ['hop=1; Path=/', 'gone=1; Max-Age=0'] }),
  });
  origin.route(
    '/live.m3u8',
    playlist(mediaPlaylist(['/x.ts', `${underOtherName(origin)}/y.ts`]), {
      'Set-Cookie': ['session=abc; HttpOnly', 'deep=1; Path=/deep'],
    }),
  );
  for (const path of ['/x.ts', '/y.ts']) origin.route(path, body(SEGMENT));
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/start.m3u8|Cookie=own%3D1`, two: `${origin.url}/live.m3u8` },
  });

  for (const link of await relay.links('ch_one')) await get(link);
  const cookiesTo = (path: string): string | undefined => origin.requestsTo(path)[0]?.headers.cookie;
  expect(cookiesTo('/start.m3u8')).toBe('own=1');
  expect(cookiesTo('/live.m3u8')).toBe('own=1; hop=1');
  expect(cookiesTo('/x.ts')?.split('; ').toSorted()).toEqual(['hop=1', 'own=1', 'session=abc']);
  expect(cookiesTo('/y.ts')).not.toMatch(/hop|session/);

  await relay.links('ch_two');
  expect(origin.requestsTo('/live.m3u8')[1]?.headers.cookie).toBeUndefined();
});

test('credentials of an address go to its own host only, and are nowhere in what a TV sees', async () => {
  await using origin = await startFakeOrigin({});
  origin.route('/live.m3u8', playlist(mediaPlaylist(['rel.ts', '/root.ts', `${underOtherName(origin)}/foreign.ts`])));
  origin.route('/hop.m3u8', redirect(`${underOtherName(origin)}/live.m3u8`));
  for (const path of ['/rel.ts', '/root.ts', '/foreign.ts']) origin.route(path, body(SEGMENT));
  const withCredentials = origin.url.replace('http://', 'http://user:p%40ss@');
  await using relay = await startTestApp({
    channels: { one: `${withCredentials}/live.m3u8`, two: `${withCredentials}/hop.m3u8` },
  });
  const expected = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;

  const { text } = await get(relay.channelUrl('ch_one'));
  expect(text).not.toMatch(/user|p%40ss|127\.0\.0\.1|localhost/);
  for (const link of linksIn(text, relay.channelUrl('ch_one'))) await get(link);
  const authorizationTo = (path: string): string | undefined => origin.requestsTo(path).at(-1)?.headers.authorization;
  expect(['/live.m3u8', '/rel.ts', '/root.ts', '/foreign.ts'].map(authorizationTo)).toEqual([
    expected,
    expected,
    expected,
    undefined,
  ]);

  await relay.links('ch_two');
  expect(['/hop.m3u8', '/live.m3u8'].map(authorizationTo)).toEqual([expected, undefined]);
});

test('credentials stay with their host when it names itself in full', async () => {
  await using origin = await startFakeOrigin({});
  origin.route('/hop.m3u8', redirect(`${origin.url}/live.m3u8`));
  origin.route('/live.m3u8', playlist(mediaPlaylist([`${origin.url}/x.ts`])));
  origin.route('/x.ts', body(SEGMENT));
  await using relay = await startTestApp({
    channels: { one: `${origin.url.replace('http://', 'http://user:pass@')}/hop.m3u8` },
  });

  const [link = ''] = await relay.links('ch_one');
  await get(link);
  const expected = `Basic ${Buffer.from('user:pass').toString('base64')}`;
  expect(origin.requests.map(({ headers }) => headers.authorization)).toEqual([expected, expected, expected]);
});

test('a provider whose certificate nobody vouches for is not talked to', async () => {
  const pem = await readFile(new URL('../../fixtures/tls/self-signed.pem', import.meta.url));
  const relays: TestApp[] = [];
  let requests = 0;
  await using impostor = createServer({ key: pem, cert: pem }, (_, response) => {
    requests += 1;
    response.end(mediaPlaylist(['x.ts']));
  });
  impostor.on('connection', () => relays[0]?.advanceClock(15_000));
  await once(impostor.listen({ host: '127.0.0.1', port: 0 }), 'listening');
  const { port } = impostor.address() as AddressInfo;
  await using relay = await startTestApp({ channels: { one: `https://localhost:${port}/live.m3u8` } });
  relays.push(relay);

  const { status, text } = await get(relay.channelUrl('ch_one'));
  expect([status, text]).toEqual([502, "The provider's certificate is not valid.\nORIGIN_UNREACHABLE\n"]);
  expect(requests).toBe(0);
});
