import { expect, test } from 'vitest';
import { body, playlist, ranged, startFakeOrigin } from '../../support/fake-origin.ts';
import { fingerprintOf, get, type Answer } from '../../support/http-client.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);
const LENGTH = SEGMENT.length;

function summary({ status, headers, fingerprint }: Answer): {
  status: number;
  range: string | undefined;
  bytes: string;
} {
  return { status, range: headers['content-range'], bytes: fingerprint };
}

test.each([
  ['bytes=0-9', 0, 9],
  ['bytes=100-', 100, LENGTH - 1],
  ['bytes=-7', LENGTH - 7, LENGTH - 1],
  [`bytes=-${LENGTH + 5}`, 0, LENGTH - 1],
  [`bytes=10-${LENGTH + 50}`, 10, LENGTH - 1],
  [`bytes=${LENGTH - 1}-${LENGTH - 1}`, LENGTH - 1, LENGTH - 1],
])(
  '%s of a segment is 206 with exactly those bytes, whether it was there already or not',
  async (range, start, end) => {
    await using origin = await startFakeOrigin({
      '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
      '/x.ts': body(SEGMENT),
    });
    await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
    const [link = ''] = await relay.links('ch_one');

    for (const outcome of ['miss', 'hit-memory']) {
      const answer = await get(link, { headers: { Range: range } });
      expect(summary(answer)).toEqual({
        status: 206,
        range: `bytes ${start}-${end}/${LENGTH}`,
        bytes: fingerprintOf(SEGMENT.subarray(start, end + 1)),
      });
      expect(answer.headers['content-length']).toBe(String(end - start + 1));
      expect(answer.headers['x-cache']).toBe(outcome);
      const head = await get(link, { method: 'HEAD', headers: { Range: range } });
      expect([head.status, head.headers['content-range'], head.body.length]).toEqual([
        206,
        answer.headers['content-range'],
        0,
      ]);
    }
    expect(origin.requestsTo('/x.ts').map(({ headers }) => headers.range)).toEqual([undefined]);
  },
);

test.each([`bytes=${LENGTH}-`, 'bytes=999999999-', 'bytes=-0'])('%s lies outside: 416', async (range) => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  for (let attempt = 0; attempt < 2; attempt += 1) {
    const answer = await get(link, { headers: { Range: range } });
    expect(answer.status).toBe(416);
    expect(answer.headers['content-range']).toBe(`bytes */${LENGTH}`);
    expect(answer.text).toMatch(/^[^\n]+\nRANGE_NOT_SATISFIABLE\n$/);
  }
});

test.each(['bytes=0-1,5-6', 'bytes=9-3', 'bytes=', 'bytes=a-b', 'lines=0-1'])(
  '%s is no range that has to be honoured: the whole, 200',
  async (range) => {
    await using origin = await startFakeOrigin({
      '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
      '/x.ts': body(SEGMENT),
    });
    await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
    const [link = ''] = await relay.links('ch_one');
    expect(summary(await get(link, { headers: { Range: range } }))).toEqual({
      status: 200,
      range: undefined,
      bytes: fingerprintOf(SEGMENT),
    });
  },
);

test('a range of another version than the TV has is answered with the whole', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT, { ETag: '"new"' }),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  const same = await get(link, { headers: { Range: 'bytes=5-', 'If-Range': '"new"' } });
  expect(summary(same)).toEqual({
    status: 206,
    range: `bytes 5-${LENGTH - 1}/${LENGTH}`,
    bytes: fingerprintOf(SEGMENT.subarray(5)),
  });
  for (const version of ['"old"', 'W/"new"', 'Sun, 06 Nov 1994 08:49:37 GMT']) {
    const other = await get(link, { headers: { Range: 'bytes=5-', 'If-Range': version } });
    expect(summary(other)).toEqual({ status: 200, range: undefined, bytes: fingerprintOf(SEGMENT) });
  }
});

const FILE = Buffer.concat([sampleSegment(10), sampleSegment(11), sampleSegment(12)]);
const BYTE_RANGE_PLAYLIST = [
  '#EXTM3U',
  '#EXT-X-TARGETDURATION:2',
  '#EXT-X-MAP:URI="file.mp4",BYTERANGE="100@0"',
  '#EXT-X-BYTERANGE:1000@100',
  '#EXTINF:2,',
  'file.mp4',
  '#EXT-X-BYTERANGE:2000',
  '#EXTINF:2,',
  'file.mp4',
  '#EXT-X-MAP:URI="file.mp4",BYTERANGE="50@3100"',
  '#EXT-X-BYTERANGE:500@3150',
  '#EXTINF:2,',
  'file.mp4',
  '#EXT-X-ENDLIST',
  '',
].join('\n');
const PARTS = [
  [0, 99] as const,
  [100, 1099] as const,
  [1100, 3099] as const,
  [3100, 3149] as const,
  [3150, 3649] as const,
];

test.each([
  ['honours', ranged(FILE, { ETag: '"file"', 'Content-Type': 'video/mp4' })],
  ['ignores', body(FILE, { 'Content-Type': 'video/mp4' })],
])(
  'initialization sections and segments that are ranges of one file are cached as such; the origin %s ranges',
  async (_how, handler) => {
    await using origin = await startFakeOrigin({ '/vod.m3u8': playlist(BYTE_RANGE_PLAYLIST), '/file.mp4': handler });
    await using relay = await startTestApp({ channels: { one: `${origin.url}/vod.m3u8` } });
    const links = await relay.links('ch_one');
    expect(links).toHaveLength(PARTS.length);

    for (const outcome of ['miss', 'hit-memory']) {
      for (const [index, [start, end]] of PARTS.entries()) {
        const answer = await get(links[index] ?? '', { headers: { Range: `bytes=${start}-${end}` } });
        expect(summary(answer)).toEqual({
          status: 206,
          range: `bytes ${start}-${end}/${FILE.length}`,
          bytes: fingerprintOf(FILE.subarray(start, end + 1)),
        });
        expect(answer.headers['x-cache']).toBe(outcome);
      }
    }
    const asked = origin.requestsTo('/file.mp4').map(({ headers }) => headers.range);
    expect(asked).toEqual(PARTS.map(([start, end]) => `bytes=${start}-${end}`));
  },
);

test('a range of a file that is addressed by ranges, but of another version than the TV has, is answered with the whole', async () => {
  await using origin = await startFakeOrigin({
    '/vod.m3u8': playlist(BYTE_RANGE_PLAYLIST),
    '/file.mp4': ranged(FILE, { ETag: '"file"' }),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/vod.m3u8` } });
  const [, link = ''] = await relay.links('ch_one');

  const ask = async (version: string): Promise<ReturnType<typeof summary>> =>
    summary(await get(link, { headers: { Range: 'bytes=100-1099', 'If-Range': version } }));
  const part = {
    status: 206,
    range: `bytes 100-1099/${FILE.length}`,
    bytes: fingerprintOf(FILE.subarray(100, 1100)),
  };
  expect(await ask('"file"')).toEqual(part);
  for (const version of ['"old"', 'W/"file"', 'Sun, 06 Nov 1994 08:49:37 GMT']) {
    expect(await ask(version)).toEqual({ status: 200, range: undefined, bytes: fingerprintOf(FILE) });
  }
  expect(await ask('"file"')).toEqual(part);
});

test('a weak validator vouches for no part, not even when it is the same', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT, { ETag: 'W/"new"' }),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');
  const answer = await get(link, { headers: { Range: 'bytes=5-', 'If-Range': 'W/"new"' } });
  expect(summary(answer)).toEqual({ status: 200, range: undefined, bytes: fingerprintOf(SEGMENT) });
});

test('of a file that is addressed by ranges, the whole can be had, and what lies outside is 416', async () => {
  await using origin = await startFakeOrigin({ '/vod.m3u8': playlist(BYTE_RANGE_PLAYLIST), '/file.mp4': ranged(FILE) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/vod.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  expect(summary(await get(link))).toEqual({ status: 200, range: undefined, bytes: fingerprintOf(FILE) });
  expect((await get(link, { headers: { Range: `bytes=${FILE.length}-` } })).status).toBe(416);
  const open = await get(link, { headers: { Range: 'bytes=3000-' } });
  expect(summary(open)).toEqual({
    status: 206,
    range: `bytes 3000-${FILE.length - 1}/${FILE.length}`,
    bytes: fingerprintOf(FILE.subarray(3000)),
  });
});

test("a Range on a playlist is ignored: its length is the relay's own", async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'])) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const answer = await get(relay.channelUrl('ch_one'), { headers: { Range: 'bytes=0-3' } });
  expect([answer.status, answer.text.startsWith('#EXTM3U\n#EXT')]).toEqual([200, true]);
});
