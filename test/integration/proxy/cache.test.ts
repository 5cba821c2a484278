import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { body, chunked, paced, playlist, startFakeOrigin, type FakeHandler } from '../../support/fake-origin.ts';
import { fingerprintOf, get, open, readAll, type Answer } from '../../support/http-client.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);
const MIB = 1024 * 1024;
const outcomesOf = (answers: readonly Answer[]): unknown[] => answers.map(({ headers }) => headers['x-cache']);

/** Sends its first half at once and the rest when told. */
function inTwoHalves(content: Buffer): { handler: FakeHandler; finish: () => void } {
  const go = Promise.withResolvers<void>();
  const half = content.length >> 1;
  return {
    handler: async (_, response) => {
      response.writeHead(200, { 'Content-Length': content.length });
      response.write(content.subarray(0, half));
      await go.promise;
      response.end(content.subarray(half));
    },
    finish: () => go.resolve(),
  };
}

test('fifty TVs that miss at once are one fetch', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': paced(SEGMENT, 200),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  const answers = await Promise.all(Array.from({ length: 50 }, () => get(link)));
  expect(new Set(answers.map(({ fingerprint }) => fingerprint))).toEqual(new Set([fingerprintOf(SEGMENT)]));
  expect(outcomesOf(answers).filter((outcome) => outcome === 'miss')).toHaveLength(1);
  expect(origin.requestsTo('/x.ts')).toHaveLength(1);
});

test('fifty TVs that miss at once all get the answer when the fetch fails', async () => {
  const go = Promise.withResolvers<void>();
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': async (_, response) => {
      await go.promise;
      response.writeHead(418).end();
    },
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  const asking = Array.from({ length: 50 }, () => get(link));
  // Only then: a TV that asks after the failure is a new try.
  await expect.poll(() => relay.log.filter(({ msg }) => msg.startsWith('GET /proxy/ch_one/x.ts'))).toHaveLength(50);
  await expect.poll(() => origin.requestsTo('/x.ts')).toHaveLength(1);
  go.resolve();
  const answers = await Promise.all(asking);
  expect(new Set(answers.map(({ status, text }) => `${status} ${text.split('\n')[1]}`))).toEqual(
    new Set(['502 ORIGIN_STATUS']),
  );
  expect(origin.requestsTo('/x.ts')).toHaveLength(1);
});

test('the first bytes leave while the rest has yet to come, and a TV that joins in the middle gets the whole', async () => {
  const { handler, finish } = inTwoHalves(SEGMENT);
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'])), '/x.ts': handler });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  const early = await open(link);
  await once(early, 'readable');
  const late = await open(link);
  const ranged = await open(link, { headers: { Range: 'bytes=1000-' } });
  finish();
  const answers = await Promise.all([early, late, ranged].map(readAll));
  expect(answers.map(({ fingerprint }) => fingerprint)).toEqual(
    [SEGMENT, SEGMENT, SEGMENT.subarray(1000)].map(fingerprintOf),
  );
  expect(outcomesOf(answers)).toEqual(['miss', 'coalesced', 'coalesced']);
  expect((await get(link)).headers['x-cache']).toBe('hit-memory');
  expect(origin.requestsTo('/x.ts')).toHaveLength(1);
});

test('a body without a length is shared and kept as well', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': chunked([SEGMENT.subarray(0, 5000), SEGMENT.subarray(5000)]),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  const answers = [...(await Promise.all([get(link), get(link)])), await get(link)];
  expect(answers.map(({ fingerprint }) => fingerprint)).toEqual(Array(3).fill(fingerprintOf(SEGMENT)));
  expect(answers[2]?.headers['content-length']).toBe(String(SEGMENT.length));
  expect(origin.requestsTo('/x.ts')).toHaveLength(1);
});

test('a TV that goes away does not take the segment from another, nor does a slow one hold it up', async () => {
  const large = sampleSegment(5, 80_000);
  const { handler, finish } = inTwoHalves(large);
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'])), '/x.ts': handler });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  const leaving = await open(link);
  const slow = await open(link);
  const other = await open(link);
  leaving.destroy();
  finish();
  expect((await readAll(other)).fingerprint).toBe(fingerprintOf(large));
  expect((await readAll(slow)).fingerprint).toBe(fingerprintOf(large));
  expect(origin.requestsTo('/x.ts')).toHaveLength(1);
});

test('a segment that nobody waits for any more is given up', async () => {
  let isBroken = false;
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': (_, response) => {
      response.once('close', () => (isBroken = true));
      response.writeHead(200, { 'Content-Length': SEGMENT.length }).write(SEGMENT.subarray(0, 100));
    },
  });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { prefetch: false },
  });
  const [link = ''] = await relay.links('ch_one');

  (await open(link)).destroy();
  await expect.poll(() => isBroken, { timeout: 10_000 }).toBe(true);
});

test('a token in the query changes with every refresh, and the segment is a hit all the same', async () => {
  let tokens = 0;
  await using origin = await startFakeOrigin({
    '/live.m3u8': (request, response) => {
      tokens += 1;
      return playlist(mediaPlaylist([`a.ts?token=${tokens}`, `b.ts?token=${tokens}`]))(request, response);
    },
    '/a.ts': body(SEGMENT),
    '/b.ts': body('b'),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  const [before = ''] = await relay.links('ch_one');
  await get(before);
  relay.advanceClock(3_000);
  const [after = ''] = await relay.links('ch_one');
  expect(after).not.toBe(before);
  const answer = await get(after);
  expect([answer.headers['x-cache'], answer.fingerprint]).toEqual(['hit-memory', fingerprintOf(SEGMENT)]);
  expect(origin.requestsTo('/a.ts').map(({ url }) => url)).toEqual(['/a.ts?token=1']);
});

test('addresses that differ in the query, the host, the channel or the case of the path alone are not mixed up', async () => {
  const echo: FakeHandler = (request, response) => body(`${request.headers.host} ${request.url}`)(request, response);
  await using origin = await startFakeOrigin(echo);
  const byName = `http://localhost:${origin.port}`;
  const byAddress = `127.0.0.1:${origin.port}`;
  const uris = ['s?n=1', 's?n=2', 'S?n=1', `${byName}/s?n=1`, 's%3Fn=1', 's'];
  origin.route('/1.m3u8', playlist(mediaPlaylist(uris)));
  origin.route('/2.m3u8', playlist(mediaPlaylist(['s?n=1'])));
  await using relay = await startTestApp({ channels: { one: `${origin.url}/1.m3u8`, two: `${origin.url}/2.m3u8` } });

  for (let round = 0; round < 2; round += 1) {
    const answers = await Promise.all((await relay.links('ch_one')).map((link) => get(link)));
    expect(answers.map(({ text }) => text)).toEqual([
      `${byAddress} /s?n=1`,
      `${byAddress} /s?n=2`,
      `${byAddress} /S?n=1`,
      `localhost:${origin.port} /s?n=1`,
      `${byAddress} /s%3Fn=1`,
      `${byAddress} /s`,
    ]);
  }
  const [other = ''] = await relay.links('ch_two');
  expect((await get(other)).headers['x-cache']).toBe('miss');
});

test('segments of variants that differ in the query alone are not mixed up', async () => {
  const echo: FakeHandler = (request, response) => body(request.url)(request, response);
  await using origin = await startFakeOrigin(echo);
  origin.route(
    '/m.m3u8',
    playlist('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv?q=lo\n#EXT-X-STREAM-INF:BANDWIDTH=2\nv?q=hi\n'),
  );
  origin.route('/v', (request, response) =>
    playlist(mediaPlaylist([`s.ts${request.url.slice(2)}`]))(request, response),
  );
  await using relay = await startTestApp({ channels: { one: `${origin.url}/m.m3u8` } });

  const texts: string[] = [];
  for (const variant of await relay.links('ch_one')) {
    const uri = (await get(variant)).text.split('\n').find((line) => line.startsWith('s.ts')) ?? '';
    texts.push((await get(new URL(uri, variant).href)).text);
  }
  expect(texts).toEqual(['/s.ts?q=lo', '/s.ts?q=hi']);
});

test('a body too big to keep passes at the pace of its TV and is not kept; each TV has its own', async () => {
  const large = sampleSegment(9, 300_000);
  let handedOver = 0;
  function* chunks(): Generator<Buffer> {
    for (; handedOver < large.length; handedOver += MIB) yield large.subarray(handedOver, handedOver + MIB);
    handedOver = 0;
  }
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': async (_, response) => {
      response.writeHead(200, { 'Content-Length': large.length });
      await pipeline(Readable.from(chunks()), response).catch(() => undefined);
    },
  });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { memoryCacheMiB: 16, prefetch: false },
  });
  const [link = ''] = await relay.links('ch_one');

  const slow = await open(link);
  await expect.poll(() => handedOver).toBeGreaterThan(0);
  await expect.poll(() => settled(() => handedOver), { timeout: 10_000 }).toBe(true);
  expect(handedOver).toBeLessThan(large.length);
  const first = await readAll(slow);
  expect([first.status, first.fingerprint]).toEqual([200, fingerprintOf(large)]);
  const second = await get(link);
  expect([second.headers['x-cache'], second.fingerprint]).toEqual(['miss', fingerprintOf(large)]);
  expect(origin.requestsTo('/x.ts')).toHaveLength(2);
});

test('a body that turns out too big to keep reaches the TVs that wait for it whole, and one that comes later has its own', async () => {
  const large = sampleSegment(9, 60_000);
  const goOn = Promise.withResolvers<void>();
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': async (_, response) => {
      response.writeHead(200, { ETag: '"large"' });
      response.write(large.subarray(0, MIB));
      await goOn.promise;
      response.end(large.subarray(MIB));
    },
  });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { memoryCacheMiB: 16, prefetch: false },
  });
  const [link = ''] = await relay.links('ch_one');

  const together = await Promise.all([open(link), open(link)]);
  goOn.resolve();
  const answers = [...(await Promise.all(together.map(readAll))), await get(link)];
  expect(new Set(answers.map(({ fingerprint }) => fingerprint))).toEqual(new Set([fingerprintOf(large)]));
  expect(outcomesOf(answers).filter((outcome) => outcome === 'miss')).toHaveLength(2);
});

/** Whether a figure stays the same for a while. */
async function settled(figure: () => number): Promise<boolean> {
  const before = figure();
  await new Promise((resolve) => setTimeout(resolve, 300));
  return figure() === before;
}

test('of a body too big to keep, a range is fetched as a range', async () => {
  const file = Buffer.alloc(6 * MIB, 'y');
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.mp4'])),
    '/x.mp4': (request, response) => {
      const [, from = ''] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
      if (from === '') return body(file)(request, response);
      response.writeHead(206, {
        'Content-Range': `bytes ${from}-${file.length - 1}/${file.length}`,
        'Content-Length': file.length - Number(from),
      });
      response.end(file.subarray(Number(from)));
    },
  });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { memoryCacheMiB: 16 },
  });
  const [link = ''] = await relay.links('ch_one');

  const answer = await get(link, { headers: { Range: 'bytes=6000000-' } });
  expect([answer.status, answer.headers['content-range'], answer.body.length]).toEqual([
    206,
    `bytes 6000000-${file.length - 1}/${file.length}`,
    file.length - 6_000_000,
  ]);
});

test('what is small and had no more room in memory comes from the second tier, not from the origin', async () => {
  const contents = Array.from({ length: 12 }, (_, index) => sampleSegment(index, index === 0 ? 1_000 : 10_000));
  await using origin = await startFakeOrigin((request, response) =>
    body(contents[Number(/\d+/.exec(request.path)?.[0])] ?? '')(request, response),
  );
  origin.route('/live.m3u8', playlist(mediaPlaylist(contents.map((_, index) => `${index}.ts`))));
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { memoryCacheMiB: 16, embeddedStoreMiB: 64, prefetch: false },
  });

  const links = await relay.links('ch_one');
  const first = await get(links[0] ?? '');
  for (const link of links.slice(1)) await get(link);
  const again = await get(links[0] ?? '');
  expect([again.headers['x-cache'], again.fingerprint]).toEqual(['hit-redis', first.fingerprint]);
  expect(origin.requestsTo('/0.ts')).toHaveLength(1);
});
