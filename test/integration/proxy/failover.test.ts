import { expect, test } from 'vitest';
import {
  body,
  hangUp,
  inTurn,
  playlist,
  startFakeOrigin,
  status,
  type FakeHandler,
  type FakeOrigin,
} from '../../support/fake-origin.ts';
import { fingerprintOf } from '../../support/http-client.ts';
import { linksIn, mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { openTestChannel } from './test-channel.ts';

const SEGMENT = sampleSegment(1);
const FIRST_PARKING_MS = 30_000;
/** By then a TV that has got nothing has given up: the next request is a new start. */
const NEW_START_MS = 30_000;
/** The playlist of a live channel has something new by then. */
const RELOAD_MS = 2_000;

const LIVE = playlist(mediaPlaylist(['first.ts']));
const BACKUP = playlist(mediaPlaylist(['backup.ts']));

function sourceOf({ url }: FakeOrigin, path: string, headers: Record<string, string> = {}) {
  return { url: `${url}${path}`, headers };
}

/** The names of what a playlist leads to. */
function namesIn(text: string): string[] {
  return linksIn(text, 'http://relay/').map((link) => new URL(link).pathname);
}

test.each<[string, FakeHandler]>([
  ['does not have the channel', status(404)],
  ['refuses it', status(403)],
  ['has a problem', status(503)],
  ['sends a web page', body('<!DOCTYPE html><html>login</html>')],
  ['breaks the connection', hangUp()],
  ['lists qualities that are not there', playlist('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nnothing.m3u8\n')],
])('a channel whose first source %s plays from the second', async (_, handler) => {
  await using origin = await startFakeOrigin({ '/a.m3u8': handler, '/b.m3u8': BACKUP });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  expect(namesIn(await channel.playlist())).toEqual(['/backup.ts']);
});

test('segments and keys go with the headers of the source that named them, whichever plays now', async () => {
  await using first = await startFakeOrigin({
    '/a.m3u8': inTurn(LIVE, status(503)),
    '/first.ts': body(SEGMENT),
  });
  await using second = await startFakeOrigin({
    '/b.m3u8': playlist(mediaPlaylist(['backup.ts'], { tags: ['#EXT-X-KEY:METHOD=AES-128,URI="key"'] })),
    '/backup.ts': body(SEGMENT),
    '/key': body('0123456789abcdef'),
  });
  const channel = openTestChannel({
    sources: [
      sourceOf(first, '/a.m3u8', { 'User-Agent': 'A/1' }),
      sourceOf(second, '/b.m3u8', { 'User-Agent': 'B/1' }),
    ],
  });

  const links = linksIn(await channel.playlist(), 'http://relay/');
  channel.advanceClock(NEW_START_MS);
  links.push(...linksIn(await channel.playlist(), 'http://relay/'));
  const bodies = await Promise.all(links.map((link) => channel.read(link)));
  expect(bodies.map(fingerprintOf)).toEqual([SEGMENT, Buffer.from('0123456789abcdef'), SEGMENT].map(fingerprintOf));
  const agentsAt = (origin: FakeOrigin) => new Set(origin.requests.map(({ headers }) => headers['user-agent']));
  expect(agentsAt(first)).toEqual(new Set(['A/1']));
  expect(agentsAt(second)).toEqual(new Set(['B/1']));
});

test('a source that failed is left alone for a while, longer each time, and then tried again', async () => {
  await using origin = await startFakeOrigin({ '/a.m3u8': status(404), '/b.m3u8': BACKUP });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  const asksOfFirst = async (): Promise<number> => {
    await channel.playlist();
    return origin.requestsTo('/a.m3u8').length;
  };

  expect(await asksOfFirst()).toBe(1);
  channel.advanceClock(FIRST_PARKING_MS - 5_000);
  expect(await asksOfFirst()).toBe(1);
  channel.advanceClock(10_000);
  expect(await asksOfFirst()).toBe(2);
  channel.advanceClock(FIRST_PARKING_MS + 10_000);
  expect(await asksOfFirst()).toBe(2);

  origin.route('/a.m3u8', LIVE);
  channel.advanceClock(FIRST_PARKING_MS);
  expect(namesIn(await channel.playlist())).toEqual(['/first.ts']);
});

test('a source that fails while another plays is not even asked', async () => {
  await using origin = await startFakeOrigin({ '/a.m3u8': LIVE, '/b.m3u8': status(404) });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  for (let reload = 0; reload < 5; reload += 1) {
    expect(namesIn(await channel.playlist())).toEqual(['/first.ts']);
    channel.advanceClock(2_000);
  }
  expect(origin.requestsTo('/b.m3u8')).toEqual([]);
});

test('a backup that plays goes on playing when the first source is back', async () => {
  await using origin = await startFakeOrigin({ '/a.m3u8': inTurn(status(404), LIVE), '/b.m3u8': BACKUP });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  for (let reload = 0; reload < 30; reload += 1) {
    origin.route('/b.m3u8', livePlaylist('b', reload));
    expect(namesIn(await channel.playlist())[0]).toBe(`/b${reload}.ts`);
    channel.advanceClock(RELOAD_MS);
  }
});

test('a short failure of the playing source is no reason to change it', async () => {
  await using origin = await startFakeOrigin({
    '/a.m3u8': inTurn(LIVE, status(503), status(503), LIVE),
    '/b.m3u8': BACKUP,
  });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  await channel.playlist();
  channel.advanceClock(2_000);
  expect(namesIn(await channel.playlist())).toEqual(['/first.ts']);
  expect(origin.requestsTo('/b.m3u8')).toEqual([]);
});

test('when all sources fail, the failure of the preferred one is told, and all are tried again at the next start', async () => {
  await using origin = await startFakeOrigin({ '/a.m3u8': status(403), '/b.m3u8': inTurn(status(404), BACKUP) });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  await expect(channel.playlist()).rejects.toMatchObject({ code: 'ORIGIN_STATUS', originStatus: 403 });
  channel.advanceClock(1_000);
  expect(namesIn(await channel.playlist())).toEqual(['/backup.ts']);
});

test('of equal sources the more reliable one is tried first, once enough starts tell; priority goes before', async () => {
  await using origin = await startFakeOrigin({ '/a.m3u8': status(404), '/b.m3u8': BACKUP });
  const sources = [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] as const;
  const channel = openTestChannel({ sources });
  const hour = 60 * 60_000;
  for (let start = 0; start < 4; start += 1) {
    await channel.playlist();
    channel.advanceClock(hour);
  }
  expect(sources.map(({ url }) => channel.successRate(url))).toEqual([0, 1]);
  expect(origin.requestsTo('/a.m3u8')).toHaveLength(4);

  origin.route('/a.m3u8', LIVE);
  expect(namesIn(await channel.playlist())).toEqual(['/backup.ts']);
  channel.edit({
    sources: [
      { ...sources[0], priority: 0 },
      { ...sources[1], priority: 1 },
    ],
  });
  expect(namesIn(await channel.playlist())).toEqual(['/first.ts']);
});

test('what went wrong a day ago is forgotten', async () => {
  await using origin = await startFakeOrigin({ '/a.m3u8': status(404), '/b.m3u8': BACKUP });
  const source = sourceOf(origin, '/a.m3u8');
  const channel = openTestChannel({ sources: [source, sourceOf(origin, '/b.m3u8')] });
  await channel.playlist();
  expect(channel.successRate(source.url)).toBe(0);
  channel.advanceClock(25 * 60 * 60_000);
  expect(channel.successRate(source.url)).toBeUndefined();
});

/** Of a live source, after so many segments: three in a playlist. */
function livePlaylist(name: string, age: number, tags: readonly string[] = []): FakeHandler {
  return playlist(
    mediaPlaylist(
      [0, 1, 2].map((index) => `${name}${age + index}.ts`),
      { sequence: age, tags },
    ),
  );
}

/** Its segments by number, with what stands between them. */
function shownIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => /^(?:#EXT-X-(?:MEDIA-SEQUENCE|DISCONTINUITY)|[^#])/.test(line));
  return lines.map((line) => (line.startsWith('#') ? line.replace('#EXT-X-', '') : line.replace(/\?.*/, '')));
}

test('when the playing source goes away, the next one goes on behind what TVs have, under numbers that go on', async () => {
  await using origin = await startFakeOrigin({
    '/a.m3u8': inTurn(livePlaylist('a', 10), livePlaylist('a', 11), status(404)),
    '/b.m3u8': inTurn(livePlaylist('b', 500), livePlaylist('b', 501), livePlaylist('b', 504)),
  });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  const evening: string[][] = [];
  for (let reload = 0; reload < 5; reload += 1) {
    evening.push(shownIn(await channel.playlist()));
    channel.advanceClock(RELOAD_MS);
  }
  expect(evening).toEqual([
    ['MEDIA-SEQUENCE:10', 'a10.ts', 'a11.ts', 'a12.ts'],
    ['MEDIA-SEQUENCE:11', 'a11.ts', 'a12.ts', 'a13.ts'],
    [
      ...['MEDIA-SEQUENCE:11', 'DISCONTINUITY-SEQUENCE:0', 'a11.ts', 'a12.ts', 'a13.ts'],
      ...['DISCONTINUITY', 'b500.ts', 'b501.ts', 'b502.ts'],
    ],
    ['MEDIA-SEQUENCE:15', 'DISCONTINUITY-SEQUENCE:1', 'b501.ts', 'b502.ts', 'b503.ts'],
    ['MEDIA-SEQUENCE:18', 'DISCONTINUITY-SEQUENCE:1', 'b504.ts', 'b505.ts', 'b506.ts'],
  ]);
  expect(channel.successRate(`${origin.url}/a.m3u8`)).toBe(0.5);
});

test('a source whose playlist no longer advances is left for another, and not gone back to', async () => {
  await using origin = await startFakeOrigin({ '/a.m3u8': livePlaylist('a', 10), '/b.m3u8': livePlaylist('b', 500) });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  const shown: string[] = [];
  for (let reload = 0; reload < 12; reload += 1) {
    shown.push(namesIn(await channel.playlist()).at(-1) ?? '');
    origin.route('/b.m3u8', livePlaylist('b', 500 + reload));
    channel.advanceClock(RELOAD_MS);
  }
  const first = shown.findIndex((name) => name.startsWith('/b'));
  expect(first).toBeGreaterThan(4);
  expect(shown.slice(0, first)).toEqual(Array(first).fill('/a12.ts'));
  expect(shown.slice(first).every((name) => name.startsWith('/b'))).toBe(true);
});

test('a source whose segments are longer than it says is not taken for stuck', async () => {
  const long = ['#EXTM3U', '#EXT-X-TARGETDURATION:2', '#EXT-X-MEDIA-SEQUENCE:1', '#EXTINF:10,', 'long.ts', ''].join(
    '\n',
  );
  await using origin = await startFakeOrigin({ '/a.m3u8': playlist(long), '/b.m3u8': BACKUP });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  for (let reload = 0; reload < 14; reload += 1) {
    expect(namesIn(await channel.playlist())).toEqual(['/long.ts']);
    channel.advanceClock(RELOAD_MS);
  }
  expect(origin.requestsTo('/b.m3u8')).toEqual([]);
});

test('without another source that plays, a stuck one is shown as it is', async () => {
  await using origin = await startFakeOrigin({ '/a.m3u8': livePlaylist('a', 10), '/b.m3u8': status(404) });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  for (let reload = 0; reload < 12; reload += 1) {
    expect(namesIn(await channel.playlist())[0]).toBe('/a10.ts');
    channel.advanceClock(RELOAD_MS);
  }
  // Asked once, and then left alone for a while.
  expect(origin.requestsTo('/b.m3u8')).toHaveLength(1);
});

test('a source that begins to count anew after it has taken over goes on all the same', async () => {
  await using origin = await startFakeOrigin({
    '/a.m3u8': inTurn(livePlaylist('a', 10), status(404)),
    '/b.m3u8': inTurn(livePlaylist('b', 500), livePlaylist('c', 0)),
  });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  const evening: string[][] = [];
  for (let reload = 0; reload < 3; reload += 1) {
    evening.push(shownIn(await channel.playlist()));
    channel.advanceClock(RELOAD_MS);
  }
  expect(evening.slice(1)).toEqual([
    [
      ...['MEDIA-SEQUENCE:10', 'DISCONTINUITY-SEQUENCE:0', 'a10.ts', 'a11.ts', 'a12.ts'],
      ...['DISCONTINUITY', 'b500.ts', 'b501.ts', 'b502.ts'],
    ],
    [
      ...['MEDIA-SEQUENCE:13', 'DISCONTINUITY-SEQUENCE:1', 'b500.ts', 'b501.ts', 'b502.ts'],
      ...['DISCONTINUITY', 'c0.ts', 'c1.ts', 'c2.ts'],
    ],
  ]);
});

test('TVs that waited while every source failed go on from what they have when one is back', async () => {
  await using origin = await startFakeOrigin({
    '/a.m3u8': inTurn(livePlaylist('a', 10), status(404)),
    '/b.m3u8': inTurn(status(404), livePlaylist('b', 500)),
  });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  await channel.playlist();
  channel.advanceClock(10_000);
  await expect(channel.playlist()).rejects.toMatchObject({ code: 'ORIGIN_NOT_FOUND' });
  channel.advanceClock(10_000);
  expect(shownIn(await channel.playlist())).toEqual([
    ...['MEDIA-SEQUENCE:10', 'DISCONTINUITY-SEQUENCE:0', 'a10.ts', 'a11.ts', 'a12.ts'],
    ...['DISCONTINUITY', 'b500.ts', 'b501.ts', 'b502.ts'],
  ]);
});

test('a source that lists segments which cannot be had is left for another', async () => {
  await using origin = await startFakeOrigin({ '/a.m3u8': livePlaylist('a', 10), '/b.m3u8': livePlaylist('b', 500) });
  const channel = openTestChannel({ sources: [sourceOf(origin, '/a.m3u8'), sourceOf(origin, '/b.m3u8')] });
  const shown: string[] = [];
  for (let reload = 0; reload < 5; reload += 1) {
    origin.route('/a.m3u8', livePlaylist('a', 10 + reload));
    const newest = linksIn(await channel.playlist(), 'http://relay/').at(-1) ?? '';
    shown.push(new URL(newest).pathname);
    await channel.read(newest).catch(() => undefined);
    channel.advanceClock(RELOAD_MS);
  }
  expect(shown).toEqual(['/a12.ts', '/a13.ts', '/a14.ts', '/b502.ts', '/b502.ts']);
});
