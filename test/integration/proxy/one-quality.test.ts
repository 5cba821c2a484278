import { expect, test } from 'vitest';
import { after, body, playlist, silence, startFakeOrigin, type FakeOrigin } from '../../support/fake-origin.ts';
import { fingerprintOf } from '../../support/http-client.ts';
import { linksIn, mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { openTestChannel } from './test-channel.ts';

const SEGMENT = sampleSegment(1);
const OTHER = sampleSegment(2);

function sourcesAt({ url }: FakeOrigin, path = '/master.m3u8') {
  return [{ url: `${url}${path}`, headers: {} }];
}

function links(text: string): string[] {
  return linksIn(text, 'http://relay/');
}

const LADDER = [
  '#EXTM3U',
  '#EXT-X-DEFINE:NAME="token",VALUE="abc"',
  '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="de",URI="de.m3u8"',
  '#EXT-X-STREAM-INF:BANDWIDTH=5000000,AUDIO="a"',
  'high.m3u8',
  '#EXT-X-STREAM-INF:BANDWIDTH=900000,AUDIO="a"',
  'low.m3u8',
  '',
].join('\n');

test('a TV that gets one quality gets its sound too, and the variables of the playlist that names it', async () => {
  await using origin = await startFakeOrigin({
    '/master.m3u8': playlist(LADDER),
    '/low.m3u8': playlist(mediaPlaylist(['{$token}.ts'], { tags: ['#EXT-X-DEFINE:IMPORT="token"'] })),
    '/de.m3u8': playlist(mediaPlaylist(['de.ts'])),
    '/abc.ts': body(SEGMENT),
    '/de.ts': body(OTHER),
  });
  const channel = openTestChannel({ sources: sourcesAt(origin), options: { quality: { kind: 'lowest' } } });

  const text = await channel.playlist();
  expect(text.replaceAll(/\?k=[\w-]+/g, '')).toBe(LADDER.split('\n').toSpliced(3, 2).join('\n'));
  const playlists = await Promise.all(links(text).map((link) => channel.follow(link)));
  const segments = await Promise.all(playlists.flatMap(links).map((link) => channel.read(link)));
  expect(segments.map(fingerprintOf)).toEqual([OTHER, SEGMENT].map(fingerprintOf));
  expect(origin.requestsTo('/high.m3u8')).toEqual([]);
});

test('an edit of the quality holds from the next start on', async () => {
  await using origin = await startFakeOrigin({ '/master.m3u8': playlist(LADDER) });
  const channel = openTestChannel({ sources: sourcesAt(origin) });
  expect(await channel.playlist()).toMatch(/high\.m3u8[^]*low\.m3u8/);
  channel.edit({ options: { quality: { kind: 'at-most', bitsPerSecond: 1_000_000 } } });
  const text = await channel.playlist();
  expect(text).toContain('low.m3u8');
  expect(text).not.toContain('high.m3u8');
});

test('a lone media playlist is wrapped where that is asked for, with the bandwidth of its segments', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['1.ts', '2.ts', '3.ts', '4.ts'])),
    '/2.ts': body(SEGMENT),
  });
  const channel = openTestChannel({ sources: sourcesAt(origin, '/live.m3u8'), options: { wrap: true } });

  const text = await channel.playlist();
  const bitsPerSecond = (SEGMENT.length * 8) / 2;
  expect(text.replace(/\?k=[\w-]+/, '')).toBe(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=${bitsPerSecond}\nmedia.m3u8\n`);
  const [media = ''] = links(text);
  const segments = links(await channel.follow(media));
  expect(segments).toHaveLength(4);
  await channel.read(segments[1] ?? '');
  expect(origin.requests.map(({ path }) => path)).toEqual(['/live.m3u8', '/2.ts']);
});

test('a wrapped playlist does not wait for a segment that does not come', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['1.ts'])), '/1.ts': silence() });
  const channel = openTestChannel({ sources: sourcesAt(origin, '/live.m3u8'), options: { wrap: true } });
  expect(await channel.playlist()).toMatch(/BANDWIDTH=\d{6,}\n/);
});

test('the playlist in a wrapping turns to the next source, as the channel itself does', async () => {
  await using origin = await startFakeOrigin({
    '/a.m3u8': playlist(mediaPlaylist(['first.ts'])),
    '/b.m3u8': playlist(mediaPlaylist(['backup.ts'])),
    '/first.ts': body(SEGMENT),
  });
  const sources = [...sourcesAt(origin, '/a.m3u8'), ...sourcesAt(origin, '/b.m3u8')];
  const channel = openTestChannel({ sources, options: { wrap: true } });
  const [media = ''] = links(await channel.playlist());
  expect(await channel.follow(media)).toContain('first.ts');
  origin.route('/a.m3u8', (_, response) => void response.writeHead(404).end());
  channel.advanceClock(10_000);
  expect(await channel.follow(media)).toContain('backup.ts');
});

test('what is multivariant already is not wrapped', async () => {
  await using origin = await startFakeOrigin({ '/master.m3u8': playlist(LADDER) });
  const channel = openTestChannel({ sources: sourcesAt(origin), options: { wrap: true } });
  expect((await channel.playlist()).replaceAll(/\?k=[\w-]+/g, '')).toBe(LADDER);
});

test('where the query tells everything apart, two addresses that differ in it are two segments, whenever they come', async () => {
  let load = 0;
  await using origin = await startFakeOrigin({
    '/live.m3u8': (request, response) =>
      playlist(mediaPlaylist([`x.ts?part=${(load += 1)}`], { sequence: load }))(request, response),
    '/x.ts': (request, response) => body(request.url.endsWith('1') ? SEGMENT : OTHER)(request, response),
  });
  const played = async (cacheKey: 'auto' | 'query'): Promise<string[]> => {
    load = 0;
    const channel = openTestChannel({ sources: sourcesAt(origin, '/live.m3u8'), options: { cacheKey } });
    const fingerprints: string[] = [];
    for (let reload = 0; reload < 2; reload += 1) {
      const [link = ''] = links(await channel.playlist());
      fingerprints.push(fingerprintOf(await channel.read(link)));
      channel.advanceClock(1_900);
    }
    return fingerprints;
  };
  expect(await played('query')).toEqual([SEGMENT, OTHER].map(fingerprintOf));
  expect(await played('auto')).toEqual([SEGMENT, SEGMENT].map(fingerprintOf));
});

test.each([
  ['asks for it though the settings do not', { prefetch: true }, false, true],
  ['does not want it though the settings do', { prefetch: false }, true, false],
  ['leaves it to the settings', { prefetch: null }, true, true],
])('new segments are fetched ahead where the channel %s', async (_, options, prefetch, isFetched) => {
  let load = 0;
  await using origin = await startFakeOrigin({
    '/live.m3u8': (request, response) => {
      load += 1;
      return playlist(mediaPlaylist([`${load}.ts`, `${load + 1}.ts`], { sequence: load }))(request, response);
    },
    '/2.ts': after(20, body(SEGMENT)),
    '/3.ts': body(SEGMENT),
  });
  const channel = openTestChannel({ sources: sourcesAt(origin, '/live.m3u8'), options, prefetch });
  await channel.playlist();
  channel.advanceClock(1_900);
  const text = await channel.playlist();
  if (isFetched) await expect.poll(() => origin.requestsTo('/3.ts').length).toBe(1);
  // What was fetched ahead was asked for before this one.
  await channel.read(links(text)[0] ?? '');
  expect(origin.requestsTo('/3.ts')).toHaveLength(isFetched ? 1 : 0);
});
