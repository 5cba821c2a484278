import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createOriginClient } from '../../../main/origin/origin-client.ts';
import { createDiagnosis, type SourceToCheck } from '../../../main/diagnosis/diagnosis.ts';
import type { Diagnosis } from '../../../shared/contract.ts';
import {
  body,
  inTurn,
  playlist,
  ranged,
  redirect,
  silence,
  startFakeOrigin,
  status,
  type FakeHandler,
  type FakeOrigin,
} from '../../support/fake-origin.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';

const SEGMENT = sampleSegment(1);
const SECRET = 'pa55word';
const NEVER = new AbortController().signal;
const BODYLESS = Buffer.alloc(0);

/** A diagnosis whose pauses are over at once, by a clock that only they and the test move. */
function createBench({ userAgent = 'Relay/1' } = {}) {
  let clock = 1_800_000_000_000;
  const origin = createOriginClient({ connectionsPerHost: 8, now: () => clock });
  onTestFinished(() => origin.close());
  const diagnosis = createDiagnosis({
    origin,
    now: () => clock,
    wallClock: () => clock,
    random: () => 0.5,
    async pause(ms, signal) {
      signal.throwIfAborted();
      clock += ms;
    },
    userAgent,
    lanHosts: [],
  });
  return {
    ...diagnosis,
    now: () => clock,
    letPass: (ms: number) => void (clock += ms),
    /** What is found out about one address. */
    check: async (url: string, headers: Record<string, string> = {}) =>
      inWords(await diagnosis.diagnose({ source: { url, headers }, index: 0 }, { signal: NEVER })),
  };
}

/** A diagnosis as English people read it. */
function inWords({ sentence, findings, ...diagnosis }: Diagnosis) {
  return { ...diagnosis, sentence: sentence.text, findings: findings.map(({ text }) => text) };
}

/** A live playlist whose number grows with each load. */
function advancing(uris: readonly string[], options: Parameters<typeof mediaPlaylist>[1] = {}): FakeHandler {
  let sequence = options.sequence ?? 0;
  return (request, response) => playlist(mediaPlaylist(uris, { ...options, sequence: sequence++ }))(request, response);
}

/** Answers only a player that calls itself so; turns others away. */
function onlyFor(player: RegExp, handler: FakeHandler, refusal: FakeHandler = status(403)): FakeHandler {
  return (request, response) =>
    (player.test(request.headers['user-agent'] ?? '') ? handler : refusal)(request, response);
}

function playersOf({ requests }: FakeOrigin): (string | undefined)[] {
  return requests.map(({ headers }) => headers['user-agent']?.replace(/[/ ].*/, ''));
}

const LOGIN_PAGE = body('<!DOCTYPE html><html><title>Please log in</title></html>', { 'Content-Type': 'text/html' });

const LIVE = { '/live.m3u8': advancing(['1.ts']), '/1.ts': body(SEGMENT) };

test('a channel with several qualities and keys is described in words', async () => {
  await using origin = await startFakeOrigin({
    '/master.m3u8': playlist(
      [
        '#EXTM3U',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="de",URI="de.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360,AUDIO="a"',
        'low.m3u8',
        '#EXT-X-STREAM-INF:BANDWIDTH=5200000,RESOLUTION=1920x1080,CODECS="avc1.640028,mp4a.40.2",AUDIO="a"',
        'high.m3u8',
        '',
      ].join('\n'),
    ),
    '/high.m3u8': advancing(['1.ts', '2.ts'], {
      targetSeconds: 6,
      tags: ['#EXT-X-KEY:METHOD=AES-128,URI="key"'],
    }),
    '/key': body(Buffer.alloc(16, 7)),
    '/2.ts': body(SEGMENT),
  });
  const bench = createBench();

  const diagnosis = await bench.check(`${origin.url}/master.m3u8`);
  expect(diagnosis).toEqual({
    verdict: 'plays',
    sentence: 'Plays: 2 variants up to 1920x1080, AES-128, MPEG-TS.',
    findings: [
      'Answered in 0 ms.',
      'Multivariant playlist with 2 variants: 640x360 800 kbit/s; 1920x1080 5.2 Mbit/s (avc1.640028,mp4a.40.2).',
      'Separate audio: 1 rendition.',
      'A live playlist of 2 segments of about 6 s (target duration 6 s).',
      'Encrypted with AES-128.',
      'The key loads.',
      'Container: MPEG-TS.',
      expect.stringMatching(
        /^The newest segment took 0 ms to load and plays for 6 s at \d+ kbit\/s: [\d,]+ times as fast/,
      ),
      'The playlist advanced within 6 s.',
    ],
    checkedAt: bench.now(),
    betterHeaders: null,
    source: 0,
  });
  expect(origin.requests.map(({ path }) => path)).toEqual([
    '/master.m3u8',
    '/high.m3u8',
    '/key',
    '/2.ts',
    '/high.m3u8',
  ]);
});

test('a playlist that stands still is waited for three target durations, at the pace of a player', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['1.ts'], { targetSeconds: 6 })),
    '/1.ts': body(SEGMENT),
  });
  const { verdict, sentence } = await createBench().check(`${origin.url}/live.m3u8`);
  expect([verdict, sentence]).toEqual(['broken', 'The playlist has not advanced for 18 s.']);
  expect(origin.requestsTo('/live.m3u8')).toHaveLength(4);
});

test('nobody waits longer than 40 s for a playlist that stands still', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['1.ts'], { targetSeconds: 60 })),
    '/1.ts': body(SEGMENT),
  });
  const { sentence } = await createBench().check(`${origin.url}/live.m3u8`);
  expect(sentence).toBe('The playlist has not advanced for 40 s.');
});

test('an origin that does not count but sends new segments is not standing still', async () => {
  let load = 0;
  await using origin = await startFakeOrigin({
    '/live.m3u8': (request, response) => playlist(mediaPlaylist([`${(load += 1)}.ts`]))(request, response),
    '/1.ts': body(SEGMENT),
  });
  expect((await createBench().check(`${origin.url}/live.m3u8`)).verdict).toBe('plays');
});

test('a recording is not waited for', async () => {
  await using origin = await startFakeOrigin({
    '/film.m3u8': playlist(mediaPlaylist(['1.ts', '2.ts'], { isComplete: true })),
    '/2.ts': body(SEGMENT),
  });
  const { sentence } = await createBench().check(`${origin.url}/film.m3u8`);
  expect(sentence).toBe('Plays: one quality, MPEG-TS, a recording.');
  expect(origin.requests).toHaveLength(2);
});

test('a provider that lets in one player only is found out, with the headers that make it play', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': onlyFor(/^Kodi/, advancing(['1.ts'])),
    '/1.ts': onlyFor(/^Kodi/, body(SEGMENT)),
  });
  const diagnosis = await createBench().check(`${origin.url}/live.m3u8`, { 'X-Token': 'abc' });
  expect(diagnosis).toMatchObject({
    verdict: 'broken',
    sentence: "403 with this User-Agent, plays with Kodi's.",
    betterHeaders: { 'X-Token': 'abc', 'User-Agent': expect.stringMatching(/^Kodi/) as string },
  });
  expect(playersOf(origin)).toEqual(['Relay', 'VLC', 'Kodi', 'Kodi', 'Kodi']);
  expect(origin.requests.every(({ headers }) => headers['x-token'] === 'abc')).toBe(true);
});

test('a provider that lets in visitors of its own site only gets Referer and Origin', async () => {
  await using origin = await startFakeOrigin({});
  const ofItsOwn =
    (handler: FakeHandler): FakeHandler =>
    (request, response) =>
      (request.headers.referer === `${origin.url}/` ? handler : status(403))(request, response);
  origin.route('/live.m3u8', advancing(['1.ts']));
  origin.route('/1.ts', ofItsOwn(body(SEGMENT)));
  const { sentence, betterHeaders } = await createBench().check(`${origin.url}/live.m3u8`);
  expect(sentence).toBe("403 with this User-Agent, plays with a browser's that comes from the provider's own site.");
  expect(betterHeaders).toMatchObject({ Referer: `${origin.url}/`, Origin: origin.url });
});

test('a provider that refuses every player is asked once as each, and the player that it knows already not again', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': status(403) });
  const diagnosis = await createBench({ userAgent: 'VLC/3.0.21 LibVLC/3.0.21' }).check(`${origin.url}/live.m3u8`);
  expect(diagnosis).toMatchObject({
    verdict: 'broken',
    sentence: '403, the provider refuses this player or this account.',
    betterHeaders: null,
  });
  expect(playersOf(origin)).toEqual(['VLC', 'Kodi', 'Mozilla', 'Mozilla']);
});

test('a web page in the place of a playlist may be an expired login, or the answer to a wrong player', async () => {
  await using origin = await startFakeOrigin({
    '/expired.m3u8': LOGIN_PAGE,
    '/picky.m3u8': onlyFor(/^VLC/, advancing(['1.ts']), LOGIN_PAGE),
    '/1.ts': body(SEGMENT),
  });
  const bench = createBench();
  const expired = await bench.check(`${origin.url}/expired.m3u8`);
  expect([expired.verdict, expired.sentence]).toEqual(['broken', 'This is an HTML page: login expired?']);
  expect(expired.findings[1]).toBe(
    'The source answered with a web page ("Please log in"), perhaps a login, instead of a playlist (status 200, text/html).',
  );
  expect((await bench.check(`${origin.url}/picky.m3u8`)).sentence).toBe(
    "An HTML page with this User-Agent, plays with VLC's.",
  );
});

test('an endless MPEG-TS stream is recognised by its beginning', async () => {
  await using origin = await startFakeOrigin({
    '/1.ts': (_request, response) => void response.writeHead(200, { 'Content-Type': 'video/mp2t' }).write(SEGMENT),
  });
  const { verdict, sentence } = await createBench().check(`${origin.url}/1.ts`);
  expect(verdict).toBe('broken');
  expect(sentence).toBe('This is an endless MPEG-TS stream, not HLS: most providers have the same channel as .m3u8.');
});

test('what is neither is described', async () => {
  await using origin = await startFakeOrigin({ '/a': body('{"error":"No such user"}'), '/b': body('') });
  const bench = createBench();
  expect((await bench.check(`${origin.url}/a`)).sentence).toBe(
    'The source answered with JSON ("No such user") instead of a playlist (status 200).',
  );
  expect((await bench.check(`${origin.url}/b`)).sentence).toMatch(/^The source answered with an empty body/);
});

test('redirects are counted, and another host is named', async () => {
  await using cdn = await startFakeOrigin(LIVE);
  await using origin = await startFakeOrigin({
    '/a.m3u8': redirect('/b.m3u8'),
    '/b.m3u8': redirect(`${cdn.url}/live.m3u8`),
  });
  const { verdict, findings } = await createBench().check(`${origin.url}/a.m3u8`);
  expect(verdict).toBe('plays');
  expect(findings[0]).toBe(`Answered in 0 ms after 2 redirects, from another host: 127.0.0.1:${cdn.port}.`);
});

test('a list that only names the playlist is followed', async () => {
  await using origin = await startFakeOrigin({ ...LIVE, '/list.m3u': playlist('#EXTM3U\n#EXTINF:-1,x\nlive.m3u8\n') });
  const { verdict, findings } = await createBench().check(`${origin.url}/list.m3u`);
  expect(verdict).toBe('plays');
  expect(findings).toContain('A list that names the real playlist.');
});

test('a newest segment that takes longer to load than to play is too slow', async () => {
  const bench = createBench();
  const slowly: FakeHandler = (request, response) => {
    bench.letPass(9_000);
    return body(SEGMENT)(request, response);
  };
  await using origin = await startFakeOrigin({
    '/live.m3u8': advancing(['1.ts'], { targetSeconds: 6 }),
    '/1.ts': slowly,
  });
  const { verdict, sentence } = await bench.check(`${origin.url}/live.m3u8`);
  expect([verdict, sentence]).toEqual(['warning', 'Too slow to play: 6 s of it took 9 s to load.']);
});

test('a segment that does not come to an end is given up', async () => {
  const bench = createBench();
  const drip = async (_request: unknown, response: ServerResponse): Promise<void> => {
    response.writeHead(200, { 'Content-Type': 'video/mp2t' });
    while (!response.destroyed) {
      bench.letPass(5_000);
      response.write(SEGMENT);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await using origin = await startFakeOrigin({ '/live.m3u8': advancing(['1.ts']), '/1.ts': drip });
  const { verdict, sentence } = await bench.check(`${origin.url}/live.m3u8`);
  expect(verdict).toBe('warning');
  expect(sentence).toMatch(/^Too slow to play: 2 s of it took over 2\d s to load\.$/);
});

test.each<[string, FakeHandler, string]>([
  ['that is gone', status(404), 'The newest segment does not load: 404, the provider does not have this.'],
  ['that is empty', body(BODYLESS), 'The newest segment is empty.'],
])('a newest segment %s is a broken channel', async (_, handler, sentence) => {
  await using origin = await startFakeOrigin({ '/live.m3u8': advancing(['1.ts']), '/1.ts': handler });
  expect(await createBench().check(`${origin.url}/live.m3u8`)).toMatchObject({ verdict: 'broken', sentence });
});

test.each<[string, FakeHandler, string]>([
  ['is refused', status(410), 'The key does not load: 410, the provider does not have this any more.'],
  ['is a login', LOGIN_PAGE, 'The key is an HTML page: login expired?'],
  ['is no key', body('abc'), 'The key is 3 bytes long instead of 16.'],
])('a key that %s is a broken channel', async (_, handler, sentence) => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': advancing(['1.ts'], { tags: ['#EXT-X-KEY:METHOD=AES-128,URI="key"'] }),
    '/1.ts': body(SEGMENT),
    '/key': handler,
  });
  expect(await createBench().check(`${origin.url}/live.m3u8`)).toMatchObject({ verdict: 'broken', sentence });
});

test('a channel that is encrypted for DRM is no channel for every TV', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': advancing(['1.ts'], {
      tags: ['#EXT-X-KEY:METHOD=SAMPLE-AES-CTR,KEYFORMAT="urn:uuid:edef8ba9",URI="data:text/plain;base64,AA=="'],
    }),
    '/1.ts': body(SEGMENT),
  });
  expect(await createBench().check(`${origin.url}/live.m3u8`)).toMatchObject({
    verdict: 'warning',
    sentence: 'Encrypted with SAMPLE-AES-CTR for DRM: plays only where a licence is.',
  });
});

test('of a segment that is part of a file only that part is loaded', async () => {
  const file = Buffer.concat([sampleSegment(1), SEGMENT]);
  const half = SEGMENT.length;
  await using origin = await startFakeOrigin({
    '/film.m3u8': playlist(
      `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:${half}@${half}\nfilm.ts\n#EXT-X-ENDLIST\n`,
    ),
    '/film.ts': ranged(file),
  });
  expect((await createBench().check(`${origin.url}/film.m3u8`)).verdict).toBe('plays');
  expect(origin.requestsTo('/film.ts')[0]?.headers.range).toBe(`bytes=${half}-${2 * half - 1}`);
});

test('after 429 other headers are not tried, and the provider is left alone for as long as it asks', async () => {
  await using origin = await startFakeOrigin({ ...LIVE, '/busy.m3u8': status(429, '', { 'Retry-After': '50' }) });
  const bench = createBench();
  const startedAt = bench.now();
  expect(await bench.check(`${origin.url}/busy.m3u8`)).toMatchObject({
    verdict: 'warning',
    sentence: '429, the provider limits how often it may be asked.',
    betterHeaders: null,
  });
  expect(origin.requests).toHaveLength(1);
  await bench.check(`${origin.url}/live.m3u8`);
  expect(bench.now() - startedAt).toBeGreaterThanOrEqual(50_000);
});

test('the search for better headers ends when the provider has had enough', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': inTurn(status(403), status(403), status(429)) });
  expect(await createBench().check(`${origin.url}/live.m3u8`)).toMatchObject({
    verdict: 'broken',
    betterHeaders: null,
  });
  expect(playersOf(origin)).toEqual(['Relay', 'VLC', 'Kodi']);
});

test('credentials of an address are used, and are nowhere in what is said', async () => {
  await using origin = await startFakeOrigin({});
  origin.route(`/live/user/${SECRET}/1.m3u8`, redirect(`/hls/${SECRET}/live.m3u8?token=${SECRET}`));
  origin.route(`/hls/${SECRET}/live.m3u8`, advancing([`1.ts?token=${SECRET}`]));
  origin.route(`/hls/${SECRET}/1.ts`, status(404));
  const address = origin.url.replace('http://', `http://user:${SECRET}@`);
  const bench = createBench();
  const diagnoses = [
    await bench.check(`${address}/live/user/${SECRET}/1.m3u8`),
    await bench.check(`${address}/nothing/${SECRET}.m3u8`),
    await bench.check(`http://user:${SECRET}@127.0.0.1:1/${SECRET}.m3u8`),
  ];
  expect(origin.requests[0]?.headers.authorization).toMatch(/^Basic /);
  expect(JSON.stringify(diagnoses)).not.toContain(SECRET);
  expect(diagnoses[2]?.sentence).toBe('Connections are refused by 127.0.0.1:1.');
  for (const { sentence, findings } of diagnoses)
    for (const text of [sentence, ...findings]) expect(text).toMatch(/^[A-Z0-9].*[.?]$/s);
});

/** Counts how many requests are being answered at the same time. */
function countOpen(counts: { open: number; most: number }, handler: FakeHandler): FakeHandler {
  return async (request, response) => {
    counts.open += 1;
    counts.most = Math.max(counts.most, counts.open);
    await new Promise((resolve) => setTimeout(resolve, 5));
    counts.open -= 1;
    await handler(request, response);
  };
}

test('a host is never asked twice at the same time, and rests between two checks; hosts do not wait for each other', async () => {
  const one = { open: 0, most: 0 };
  await using origin = await startFakeOrigin(countOpen(one, status(404)));
  let arrive: () => void = () => undefined;
  const arrival = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  // Answers only once the other host has been asked, so it would never end if hosts waited for each other.
  await using other = await startFakeOrigin(async (request, response) => {
    await arrival;
    await status(404)(request, response);
  });
  origin.route('/3.m3u8', (request, response) => {
    arrive();
    return status(404)(request, response);
  });
  const bench = createBench();
  const startedAt = bench.now();
  const items: SourceToCheck[] = [`${other.url}/0.m3u8`, ...[1, 2, 3].map((name) => `${origin.url}/${name}.m3u8`)].map(
    (url, index) => ({ source: { url, headers: {} }, index }),
  );
  const progress: string[] = [];

  const counts = await bench.diagnoseMany(items, {
    signal: NEVER,
    onProgress: ({ done, total, diagnosis }) => progress.push(`${done}/${total} ${diagnosis.verdict}`),
  });
  expect(counts).toEqual({ checked: 4, broken: 4 });
  expect(progress).toEqual(['1/4 broken', '2/4 broken', '3/4 broken', '4/4 broken']);
  expect(one.most).toBe(1);
  expect(bench.now() - startedAt).toBeGreaterThanOrEqual(4_000);
});

test('a check that is cancelled ends at once, and takes its connection with it', async () => {
  await using origin = await startFakeOrigin({ '/1.m3u8': silence() });
  const controller = new AbortController();
  const bench = createBench();
  const item = { source: { url: `${origin.url}/1.m3u8`, headers: {} }, index: 0 };
  const running = bench.diagnoseMany([item, { ...item, index: 1 }], {
    signal: controller.signal,
    onProgress: () => expect.unreachable(),
  });
  const waiting = bench.diagnose(item, { signal: controller.signal });
  await expect.poll(() => origin.requests.length).toBe(1);
  controller.abort();
  await expect(running).rejects.toThrow(/abort/i);
  await expect(waiting).rejects.toThrow(/abort/i);
  await expect.poll(() => origin.openConnections()).toBe(0);
  expect(origin.requests).toHaveLength(1);
});

test('who waits for another check of the same host may give up waiting', async () => {
  await using origin = await startFakeOrigin({ '/1.m3u8': silence() });
  const [running, waiting] = [new AbortController(), new AbortController()];
  const bench = createBench();
  const item = { source: { url: `${origin.url}/1.m3u8`, headers: {} }, index: 0 };
  const first = bench.diagnose(item, { signal: running.signal });
  const second = bench.diagnose(item, { signal: waiting.signal });
  waiting.abort();
  await expect(second).rejects.toThrow(/abort/i);
  running.abort();
  await expect(first).rejects.toThrow(/abort/i);
});
