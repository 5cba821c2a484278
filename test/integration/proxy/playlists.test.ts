import { expect, test } from 'vitest';
import { body, chunked, compressed, playlist, redirect, startFakeOrigin } from '../../support/fake-origin.ts';
import { fingerprintOf, get } from '../../support/http-client.ts';
import { linksIn, mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);
const OTHER = sampleSegment(2);

test('segments are found relative to where a chain of redirects ended', async () => {
  await using cdn = await startFakeOrigin({
    '/edge/7/live.m3u8': playlist(mediaPlaylist(['seg.ts', '../shared/seg.ts', '/root.ts'])),
    '/edge/7/seg.ts': body(SEGMENT),
    '/edge/shared/seg.ts': body(OTHER),
    '/root.ts': body(SEGMENT),
  });
  await using origin = await startFakeOrigin({
    '/start.m3u8': redirect('/second', 301),
    '/second': redirect('third?x=1', 307),
    '/third': redirect(`${cdn.url}/edge/7/live.m3u8`),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/start.m3u8` } });

  const answers = await Promise.all((await relay.links('ch_one')).map((link) => get(link)));
  expect(answers.map(({ fingerprint }) => fingerprint)).toEqual([SEGMENT, OTHER, SEGMENT].map(fingerprintOf));
  expect(origin.requests.map(({ url }) => url)).toEqual(['/start.m3u8', '/second', '/third?x=1']);
});

test('a variant without an extension and with a query is a playlist, and its address ends in .m3u8', async () => {
  await using origin = await startFakeOrigin({
    '/v/master': playlist('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\n\n# a comment\n720p?t=a%2Fb&n=.ts\n'),
    '/v/720p': playlist(mediaPlaylist(['x.ts'])),
    '/v/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/v/master` } });

  const [variant = ''] = await relay.links('ch_one');
  expect(new URL(variant).pathname).toBe('/proxy/ch_one/720p.m3u8');
  const answer = await get(variant);
  expect(answer.headers['content-type']).toBe('application/vnd.apple.mpegurl');
  const [segment = ''] = linksIn(answer.text, variant);
  expect((await get(segment)).fingerprint).toBe(fingerprintOf(SEGMENT));
  expect(origin.requestsTo('/v/720p').map(({ url }) => url)).toEqual(['/v/720p?t=a%2Fb&n=.ts']);
});

test('keys are carried whether they are relative, on another host, or called like a segment', async () => {
  const keys = ['1234567890abcdef', 'fedcba0987654321', '0000111122223333'];
  await using keyServer = await startFakeOrigin({ '/drm/k.ts.t': body(keys[1] ?? '') });
  await using origin = await startFakeOrigin({
    '/a/live.m3u8': playlist(
      [
        '#EXTM3U',
        '#EXT-X-TARGETDURATION:2',
        '#EXT-X-KEY:METHOD=AES-128,URI="key.t",IV=0x01',
        '#EXTINF:2,',
        '1.ts',
        `#EXT-X-KEY:METHOD=AES-128,KEYFORMAT="a,URI=b",URI="${keyServer.url}/drm/k.ts.t?id=1"`,
        '#EXTINF:2,',
        '2.ts',
        '#EXT-X-KEY:URI="../key?name=x.m3u8",METHOD=AES-128',
        '#EXTINF:2,',
        '3.ts',
        '',
      ].join('\n'),
    ),
    '/a/key.t': body(keys[0] ?? '', { 'Content-Type': 'text/html' }),
    '/key': body(keys[2] ?? ''),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/a/live.m3u8` } });

  const { text } = await get(relay.channelUrl('ch_one'));
  const tags = text.split('\n').filter((line) => line.startsWith('#EXT-X-KEY'));
  expect(tags.map((tag) => tag.replace(/(?<=[:,]URI=")[^"]*/, '...'))).toEqual([
    '#EXT-X-KEY:METHOD=AES-128,URI="...",IV=0x01',
    '#EXT-X-KEY:METHOD=AES-128,KEYFORMAT="a,URI=b",URI="..."',
    '#EXT-X-KEY:URI="...",METHOD=AES-128',
  ]);
  const links = linksIn(tags.join('\n'), relay.channelUrl('ch_one'));
  const answers = await Promise.all(links.map((link) => get(link)));
  expect(answers.map((answer) => answer.text)).toEqual(keys);
  expect(new Set(answers.map(({ headers }) => headers['content-type']))).toEqual(new Set(['application/octet-stream']));
});

test('everything but the addresses is as the origin sent it: line ends, blank lines, unknown tags, a byte order mark', async () => {
  const sent =
    '\uFEFF#EXTM3U\r\n#EXT-X-TARGETDURATION:2\r\n#EXT-VENDOR.t:"seg.ts",x=.ts\r\n\r\n#EXTINF:2,Müller.ts\r\ns/1.ts\r\n# end.ts';
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(sent) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  const { body: bytes, headers } = await get(relay.channelUrl('ch_one'));
  const restored = bytes.toString('utf8').replace(/^1\.ts\?k=[\w-]+/m, 's/1.ts');
  expect(restored).toBe(sent);
  expect(headers['content-length']).toBe(String(bytes.length));
});

test.each(['gzip', 'deflate', 'br'] as const)(
  'a playlist that comes as %s is read, and goes out plain',
  async (coding) => {
    await using origin = await startFakeOrigin({
      '/live.m3u8': compressed(coding, mediaPlaylist(['x.ts']), { 'Content-Type': 'text/plain' }),
      '/x.ts': body(SEGMENT),
    });
    await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

    const answer = await get(relay.channelUrl('ch_one'), { headers: { 'Accept-Encoding': 'gzip, br' } });
    expect(answer.headers['content-encoding']).toBeUndefined();
    expect(answer.headers['content-type']).toBe('application/vnd.apple.mpegurl');
    const [segment = ''] = linksIn(answer.text, relay.channelUrl('ch_one'));
    expect((await get(segment)).fingerprint).toBe(fingerprintOf(SEGMENT));
  },
);

test('a playlist in small pieces without a length is a playlist', async () => {
  const pieces = Array.from(mediaPlaylist(['x.ts']));
  await using origin = await startFakeOrigin({ '/live.m3u8': chunked(pieces) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  expect(await relay.links('ch_one')).toHaveLength(1);
});

test('a list that names a single playlist is followed, relative to where it was', async () => {
  await using origin = await startFakeOrigin({
    '/ch/list.m3u8': playlist('#EXTM3U\n#EXTINF:-1,Channel\nreal/live.m3u8?t=1\n'),
    '/ch/real/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/ch/real/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/ch/list.m3u8` } });

  const [segment = ''] = await relay.links('ch_one');
  expect((await get(segment)).fingerprint).toBe(fingerprintOf(SEGMENT));
});

test('variables reach the child playlists that import them, and query parameters the player never sees are written out', async () => {
  await using origin = await startFakeOrigin({
    '/master.m3u8': playlist(
      [
        '#EXTM3U',
        '#EXT-X-DEFINE:NAME="host",VALUE="cdn"',
        '#EXT-X-DEFINE:QUERYPARAM="session"',
        '#EXT-X-STREAM-INF:BANDWIDTH=1000',
        '{$host}/v.m3u8?s={$session}',
        '',
      ].join('\n'),
    ),
    '/cdn/v.m3u8': playlist(
      mediaPlaylist(['/{$host}/{$session}/{$s}.ts'], {
        tags: ['#EXT-X-DEFINE:IMPORT="host"', '#EXT-X-DEFINE:IMPORT="session"', '#EXT-X-DEFINE:QUERYPARAM="s"'],
      }),
    ),
    '/cdn/abc/abc.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/master.m3u8?session=abc` } });

  const master = await get(relay.channelUrl('ch_one'));
  expect(master.text).toContain('#EXT-X-DEFINE:NAME="session",VALUE="abc"');
  const [variant = ''] = linksIn(master.text, relay.channelUrl('ch_one'));
  const media = await get(variant);
  expect(media.text).toContain('#EXT-X-DEFINE:NAME="s",VALUE="abc"');
  const [segment = ''] = linksIn(media.text, variant);
  expect((await get(segment)).fingerprint).toBe(fingerprintOf(SEGMENT));
});

test('delivery directives of low latency reach the origin, each question its own, and are shared by those who ask the same', async () => {
  const waiting = Promise.withResolvers<void>();
  const text = mediaPlaylist(['1.ts'], {
    tags: ['#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1', '#EXT-X-PART-INF:PART-TARGET=0.5'],
  });
  await using origin = await startFakeOrigin({
    '/ll.m3u8': async (request, response) => {
      if (request.url.includes('_HLS_msn=9')) await waiting.promise;
      await playlist(text + (request.url.includes('_HLS_msn') ? '#EXT-X-PART:DURATION=0.5,URI="p.1.mp4"\n' : ''))(
        request,
        response,
      );
    },
    '/p.1.mp4': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/ll.m3u8?a=1` } });
  const url = relay.channelUrl('ch_one');

  await get(url);
  const blocked = Promise.all([1, 2, 3].map(() => get(`${url}?_HLS_msn=9&_HLS_part=2&_HLS_skip=YES&other=1`)));
  const answered = await get(`${url}?_HLS_msn=8`);
  waiting.resolve();
  const [part = ''] = linksIn(answered.text, url).slice(1);
  expect((await get(part)).fingerprint).toBe(fingerprintOf(SEGMENT));
  expect((await blocked).map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(
    origin
      .requestsTo('/ll.m3u8')
      .map((request) => request.url)
      .toSorted(),
  ).toEqual(['/ll.m3u8?a=1', '/ll.m3u8?a=1&_HLS_msn=8', '/ll.m3u8?a=1&_HLS_msn=9&_HLS_part=2&_HLS_skip=YES']);
});

test('content steering and asset lists lead through the relay, too', async () => {
  await using origin = await startFakeOrigin({
    '/master.m3u8': playlist(
      '#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI="steer?id=1",PATHWAY-ID="A"\n#EXT-X-STREAM-INF:BANDWIDTH=1,PATHWAY-ID="A"\nv.m3u8\n',
    ),
    '/steer': body(JSON.stringify({ VERSION: 1, TTL: 300, 'RELOAD-URI': 'steer?id=2', 'PATHWAY-PRIORITY': ['A'] })),
    '/v.m3u8': playlist(
      mediaPlaylist(['x.ts'], {
        tags: [
          '#EXT-X-DATERANGE:ID="ad",CLASS="com.apple.hls.interstitial",START-DATE="2026-01-01T00:00:00Z",X-ASSET-LIST="ads.json"',
        ],
      }),
    ),
    '/ads.json': body(JSON.stringify({ ASSETS: [{ URI: 'ads/1.m3u8', DURATION: 15 }] }), {
      'Content-Type': 'text/plain',
    }),
    '/ads/1.m3u8': playlist(mediaPlaylist(['ad.ts'])),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/master.m3u8` } });

  const [steering = '', variant = ''] = await relay.links('ch_one');
  const steered = await get(`${steering}&_HLS_pathway=%22A%22`);
  expect(steered.headers['content-type']).toBe('application/json');
  const manifest = JSON.parse(steered.text) as Record<string, string>;
  expect(manifest['TTL']).toBe(300);
  await get(new URL(manifest['RELOAD-URI'] ?? '', steering).href);
  expect(origin.requestsTo('/steer').map(({ url }) => url)).toEqual([
    '/steer?id=1&_HLS_pathway=%22A%22',
    '/steer?id=2',
  ]);

  const [assetList = ''] = linksIn((await get(variant)).text, variant);
  const { ASSETS } = JSON.parse((await get(assetList)).text) as { ASSETS: { URI: string; DURATION: number }[] };
  expect(ASSETS[0]?.DURATION).toBe(15);
  const asset = await get(new URL(ASSETS[0]?.URI ?? '', assetList).href);
  expect(asset.headers['content-type']).toBe('application/vnd.apple.mpegurl');
});

test('the exact path and query go to the origin, however they are encoded', async () => {
  const paths = ['/a%2Fb/seg%20one.ts?q=%41+b%2Fc&x', '/%E4%B8%AD.ts?u=/v/%7Btoken%7D', '/f.ts;v=1?a=1&a=2'];
  await using origin = await startFakeOrigin((request, response) =>
    (request.path === '/live.m3u8' ? playlist(mediaPlaylist(paths)) : body(SEGMENT))(request, response),
  );
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  for (const link of await relay.links('ch_one')) await get(link);
  expect(origin.requests.slice(1).map(({ url }) => url)).toEqual(paths);
});

test('a segment in disguise gets an address that players accept', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['1.png', 'play.php?f=x.m3u8', 'seg-3', 'seg.ts?playlist=a.m3u8'])),
    '/1.png': body(SEGMENT, { 'Content-Type': 'image/png' }),
    '/seg.ts': body(OTHER, { 'Content-Type': 'application/vnd.apple.mpegurl' }),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  const links = await relay.links('ch_one');
  expect(links.map((link) => new URL(link).pathname.slice('/proxy/ch_one/'.length))).toEqual([
    '1.ts',
    'play.ts',
    'seg-3.ts',
    'seg.ts',
  ]);
  const [disguised = '', , , named = ''] = links;
  for (const [link, content] of [[disguised, SEGMENT] as const, [named, OTHER] as const]) {
    const { headers, fingerprint } = await get(link);
    expect([headers['content-type'], fingerprint]).toEqual(['video/mp2t', fingerprintOf(content)]);
  }
});
