import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeSegment } from '../../support/content.ts';
import {
  after,
  body,
  diesAfter,
  hangUp,
  inTurn,
  playlist,
  ranged,
  silence,
  stallsAfter,
  startFakeOrigin,
  status,
  type FakeHandler,
  type FakeOrigin,
} from '../../support/fake-origin.ts';
import { fingerprintOf, get } from '../../support/http-client.ts';
import { startOrigin } from '../../support/origin.ts';
import { channelUrl } from '../../support/origin-settings.ts';
import { linksIn, mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);
const OTHER = sampleSegment(2);
const BROKEN_AT = 5_000;
const TAGGED = { ETag: '"one"' };

/** A channel of one segment of a second, which the origin answers so. */
async function startWith(
  handler: FakeHandler,
): Promise<AsyncDisposable & { origin: FakeOrigin; relay: TestApp; link: string }> {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(
    await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'], { targetSeconds: 1 })), '/x.ts': handler }),
  );
  const relay = stack.use(await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } }));
  const [link = ''] = await relay.links('ch_one');
  const owned = stack.move();
  return { origin, relay, link, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test.each<[what: string, FakeHandler]>([
  ['is answered 503', status(503, 'busy')],
  ['is reset before its first byte', hangUp()],
  ['gets no answer', silence()],
  ['is answered 429 with a time to wait', status(429, '', { 'Retry-After': '0' })],
])('a segment fetch that %s is made again; the TV just waits', async (_what, failing) => {
  await using stream = await startWith(inTurn(failing, body(SEGMENT)));
  const answer = await get(stream.link);
  expect([answer.status, answer.fingerprint]).toEqual([200, fingerprintOf(SEGMENT)]);
  expect(stream.origin.requestsTo('/x.ts')).toHaveLength(2);
});

test.each<[what: string, FakeHandler]>([
  ['breaks', diesAfter(BROKEN_AT, SEGMENT, TAGGED)],
  ['stalls', stallsAfter(BROKEN_AT, SEGMENT, { headers: TAGGED })],
])('a body that %s is continued from there, for TVs that came early and late', async (_what, failing) => {
  await using stream = await startWith(inTurn(failing, after(100, ranged(SEGMENT, TAGGED))));
  const early = get(stream.link);
  await expect.poll(() => stream.origin.requestsTo('/x.ts').length).toBeGreaterThan(0);
  const answers = await Promise.all([early, get(stream.link), get(stream.link, { headers: { Range: 'bytes=4000-' } })]);
  expect(answers.map(({ fingerprint }) => fingerprint)).toEqual(
    [SEGMENT, SEGMENT, SEGMENT.subarray(4000)].map(fingerprintOf),
  );

  const [, second] = stream.origin.requestsTo('/x.ts');
  const [, from = ''] = /^bytes=(\d+)-/.exec(second?.headers.range ?? '') ?? [];
  expect(Number(from)).toBeGreaterThan(0);
  expect(Number(from)).toBeLessThanOrEqual(BROKEN_AT);
  expect(second?.headers['if-range']).toBe('"one"');
  expect(stream.origin.requestsTo('/x.ts')).toHaveLength(2);
});

test('a body that breaks again and again is put together from all its pieces', async () => {
  const piecemeal: FakeHandler = async (request, response) => {
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const length = SEGMENT.length - from;
    const range = { 'Content-Range': `bytes ${from}-${SEGMENT.length - 1}/${SEGMENT.length}` };
    response.writeHead(from === 0 ? 200 : 206, { 'Content-Length': length, ...(from > 0 && range) });
    await new Promise((resolve) => response.write(SEGMENT.subarray(from, from + 6_000), resolve));
    if (length <= 6_000) response.end();
    else setTimeout(() => response.socket?.resetAndDestroy(), 20);
  };
  await using stream = await startWith(piecemeal);
  const answer = await get(stream.link);
  expect([answer.status, answer.fingerprint]).toEqual([200, fingerprintOf(SEGMENT)]);
});

/** Whether a whole answer came; its bytes are not worth a look. */
function outcomeOf(link: string): Promise<string> {
  return get(link).then(
    ({ status: code, fingerprint }) => `${code}, ${fingerprint}`,
    () => 'broken',
  );
}

/** Answers a range whatever its condition. */
function unconditionally(handler: FakeHandler): FakeHandler {
  return ({ headers: { 'if-range': _condition, ...headers }, ...request }, response) =>
    handler({ ...request, headers }, response);
}

test('an origin that ignores ranges sends all of it again: what is held is compared, and only the rest goes on', async () => {
  await using stream = await startWith(inTurn(diesAfter(BROKEN_AT, SEGMENT), body(SEGMENT)));
  const answer = await get(stream.link);
  expect([answer.status, answer.fingerprint]).toEqual([200, fingerprintOf(SEGMENT)]);
});

test.each<[what: string, FakeHandler]>([
  ['the whole of it is something else', body(OTHER)],
  ['a part of it has another tag', unconditionally(ranged(SEGMENT, { ETag: '"two"' }))],
  ['its length is another', body(Buffer.concat([SEGMENT, OTHER]))],
  ['what is held does not come again', ranged(OTHER, TAGGED)],
])(
  'when what continues a body is not the same thing (%s), the TV sees a broken connection and nothing is kept',
  async (_what, continuation) => {
    await using stream = await startWith(inTurn(diesAfter(BROKEN_AT, SEGMENT, TAGGED), continuation));
    expect(await outcomeOf(stream.link)).toBe('broken');

    stream.origin.route('/x.ts', body(OTHER));
    const answer = await get(stream.link);
    expect([answer.headers['x-cache'], answer.fingerprint]).toEqual(['miss', fingerprintOf(OTHER)]);
  },
);

test('a body without a length that is cut is not taken for the whole', async () => {
  const cut: FakeHandler = async (_, response) => {
    response.writeHead(200);
    await new Promise((resolve) => response.write(SEGMENT.subarray(0, BROKEN_AT), resolve));
    setTimeout(() => response.socket?.resetAndDestroy(), 20);
  };
  await using stream = await startWith(inTurn(cut, status(404)));
  expect(await outcomeOf(stream.link)).toBe('broken');

  stream.origin.route('/x.ts', inTurn(cut, body(SEGMENT)));
  const answer = await get(stream.link);
  expect([answer.headers['x-cache'], answer.fingerprint]).toEqual(['miss', fingerprintOf(SEGMENT)]);
});

test('a connection that closes before the announced length is not taken for the whole', async () => {
  const short: FakeHandler = (_, response) => {
    response.writeHead(200, { 'Content-Length': SEGMENT.length, Connection: 'close' });
    response.write(SEGMENT.subarray(0, BROKEN_AT));
    setTimeout(() => response.socket?.end(), 20);
  };
  await using stream = await startWith(inTurn(short, ranged(SEGMENT)));
  expect((await get(stream.link)).fingerprint).toBe(fingerprintOf(SEGMENT));
});

test('a segment that fails as long as anybody has patience is 502, to all who wait', async () => {
  const relays: TestApp[] = [];
  await using stream = await startWith((request, response) => {
    relays[0]?.advanceClock(5_000);
    return status(503)(request, response);
  });
  relays.push(stream.relay);
  const answers = await Promise.all([get(stream.link), get(stream.link)]);
  expect(answers.map((answer) => answer.status)).toEqual([502, 502]);
  expect(stream.origin.requestsTo('/x.ts').length).toBeLessThan(5);
});

/* Expired addresses */

/** A playlist whose addresses hold a token, of which only the newest is good. */
function signing(uris: readonly string[]): {
  sign: FakeHandler;
  guard: (handler: FakeHandler) => FakeHandler;
  expire: () => void;
} {
  let token = 1;
  return {
    sign: (request, response) => playlist(mediaPlaylist(uris.map((uri) => `${uri}?token=${token}`)))(request, response),
    guard: (handler) => (request, response) =>
      (request.url.endsWith(`token=${token}`) ? handler : status(403))(request, response),
    expire: () => void (token += 1),
  };
}

test('when the address of a segment has expired, the playlist is loaded once more and the new address used', async () => {
  const { sign, guard, expire } = signing(['a.ts', 'b.ts']);
  await using origin = await startFakeOrigin({
    '/live.m3u8': sign,
    '/a.ts': guard(body(SEGMENT)),
    '/b.ts': guard(body(OTHER)),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [first = '', second = ''] = await relay.links('ch_one');
  expire();
  relay.advanceClock(1_500);

  const answers = await Promise.all([first, second].map((link) => get(link)));
  expect(answers.map(({ fingerprint }) => fingerprint)).toEqual([SEGMENT, OTHER].map(fingerprintOf));
  expect(origin.requestsTo('/live.m3u8')).toHaveLength(2);
  expect(origin.requestsTo('/a.ts').map(({ url }) => url)).toEqual(['/a.ts?token=1', '/a.ts?token=2']);
});

test('a link from before a restart whose address has expired plays, too', async () => {
  const { sign, guard, expire } = signing(['a.ts']);
  await using origin = await startFakeOrigin({ '/live.m3u8': sign, '/a.ts': guard(body(SEGMENT)) });
  await using folder = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await folder.links('ch_one');
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    dataFolder: folder.dataFolder,
  });
  expire();
  expect((await get(link.replace(folder.url, relay.url))).fingerprint).toBe(fingerprintOf(SEGMENT));
});

test('when the address of a variant has expired, the playlist above it is loaded once more', async () => {
  const { guard, expire } = signing([]);
  let token = 1;
  await using origin = await startFakeOrigin({
    '/master.m3u8': (request, response) =>
      playlist(`#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv?token=${token}\n`)(request, response),
    '/v': guard(playlist(mediaPlaylist(['x.ts']))),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/master.m3u8` } });
  const [variant = ''] = await relay.links('ch_one');
  token += 1;
  expire();
  relay.advanceClock(1_500);

  expect(linksIn((await get(variant)).text, variant)).toHaveLength(1);
  expect(origin.requestsTo('/v').map(({ url }) => url)).toEqual(['/v?token=1', '/v?token=2']);
});

test('playlists that name each other and have all expired answer with an error, and do not wait for each other', async () => {
  const media = (other: string): string =>
    mediaPlaylist(['x.ts'], { tags: [`#EXT-X-RENDITION-REPORT:URI="${other}",LAST-MSN=1`] });
  await using origin = await startFakeOrigin({
    '/master.m3u8': playlist('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nb.m3u8\n'),
    '/a.m3u8': inTurn(playlist(media('b.m3u8')), status(403)),
    '/b.m3u8': inTurn(playlist(media('a.m3u8')), status(403)),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/master.m3u8` } });
  const variants = await relay.links('ch_one');
  for (const variant of variants) await get(variant);
  relay.advanceClock(20_000);

  const answers = await Promise.all(variants.map((variant) => get(variant)));
  expect(answers.map((answer) => answer.status)).toEqual([502, 502]);
});

test('a segment that is refused whatever its address says is refused once, not in a loop', async () => {
  const { sign, expire } = signing(['a.ts']);
  await using origin = await startFakeOrigin({ '/live.m3u8': sign, '/a.ts': status(403) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');
  expire();
  relay.advanceClock(1_500);

  expect((await get(link)).status).toBe(502);
  expect(origin.requestsTo('/a.ts').map(({ url }) => url)).toEqual(['/a.ts?token=1', '/a.ts?token=2']);
});

test('whatever mixture of faults, every TV gets the right bytes', async () => {
  await using origin = await startOrigin({
    ...{ segmentSeconds: 2, segmentBytes: 200_000, windowSegments: 6, variants: 1, bytesPerSecond: 2_000_000 },
    ...{ percent503: 25, percentReset: 25, percentStall: 25, percentPlaylist503: 30, stallMs: 30_000, seed: 7 },
  });
  await using relay = await startTestApp({ channels: { one: channelUrl(origin.url, 3) } });
  const [variant = ''] = await relay.links('ch_one');
  const segments = linksIn((await get(variant)).text, variant);

  const digests = await Promise.all(
    segments.map(async (link) => {
      const answers = await Promise.all([get(link), get(link), get(link)]);
      const sequence = Number(/(\d+)\.ts/.exec(link)?.[1]);
      const bytes = answers[0]?.body.length ?? 0;
      const right = createHash('md5')
        .update(makeSegment({ channel: 3, variant: 0, sequence, bytes }))
        .digest('hex');
      return answers.every((answer) => createHash('md5').update(answer.body).digest('hex') === right);
    }),
  );
  expect(digests).toEqual(segments.map(() => true));
  const { faults } = await origin.stats();
  expect(Object.keys(faults).length).toBeGreaterThan(1);
});
