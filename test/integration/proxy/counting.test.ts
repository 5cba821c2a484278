import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import {
  body,
  compressed,
  diesAfter,
  inTurn,
  playlist,
  ranged,
  startFakeOrigin,
  status,
} from '../../support/fake-origin.ts';
import { get, open } from '../../support/http-client.ts';
import { linksIn, mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);
const PLAYLIST = mediaPlaylist(['x.ts']);
const MIB = 1024 * 1024;
/** What a socket of the relay may hold that has not left it, and the kernel's buffers on both sides. */
const UNDER_WAY_BYTES = 8 * MIB;

const totalOf = ({ app }: TestApp): { fromSource: number; toClients: number } => app.traffic.snapshot().total;

test('bytes from the source are those the origin sent, and bytes to the TVs those they received, in total and per channel', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(PLAYLIST), '/x.ts': body(SEGMENT) });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8`, two: `${origin.url}/live.m3u8` },
  });

  let received = 0;
  const receive = async (url: string, headers = {}): Promise<string> => {
    const { body: bytes, text } = await get(url, { headers });
    received += bytes.length;
    return text;
  };
  const url = relay.channelUrl('ch_one');
  await receive(url);
  const [link = ''] = linksIn(await receive(url), url);
  await Promise.all([receive(link), receive(link), receive(link)]);
  await receive(link);
  await receive(link, { Range: 'bytes=100-199' });
  await get(link, { method: 'HEAD' });

  const sent = PLAYLIST.length + SEGMENT.length;
  await expect.poll(() => totalOf(relay)).toEqual({ fromSource: sent, toClients: received });
  expect(relay.app.traffic.snapshot().channels.get('ch_one')).toEqual({ fromSource: sent, toClients: received });
  expect(relay.app.traffic.snapshot().channels.get('ch_two')).toBeUndefined();
});

test('a compressed playlist counts as it travelled: small from the source, plain to the TV', async () => {
  const text = mediaPlaylist(Array.from({ length: 200 }, (_, index) => `segment-${index}.ts`));
  const sent = gzipSync(text).length;
  await using origin = await startFakeOrigin({ '/live.m3u8': compressed('gzip', text) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const received = (await get(relay.channelUrl('ch_one'))).body.length;
  await expect.poll(() => totalOf(relay)).toEqual({ fromSource: sent, toClients: received });
  expect(sent).toBeLessThan(text.length);
});

test('what a failed attempt brought counts from the source, for it did travel, and nothing counts twice to the TV', async () => {
  const heldBytes = 5_000;
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(PLAYLIST),
    '/x.ts': inTurn(diesAfter(heldBytes, SEGMENT, { ETag: '"a"' }), ranged(SEGMENT, { ETag: '"a"' })),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');
  const before = totalOf(relay);
  await get(link);

  const [, second] = origin.requestsTo('/x.ts');
  const from = Number(/^bytes=(\d+)-/.exec(second?.headers.range ?? '')?.[1]);
  await expect.poll(() => totalOf(relay).toClients - before.toClients).toBe(SEGMENT.length);
  expect(totalOf(relay).fromSource - before.fromSource).toBe(heldBytes + SEGMENT.length - from);
});

test('errors and pages of the relay itself are no stream and do not count', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': status(404) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  for (const url of [relay.url, `${relay.url}/tv`, `${relay.url}/health`, relay.channelUrl('ch_one')]) await get(url);
  expect(totalOf(relay)).toEqual({ fromSource: 0, toClients: 0 });
});

test.each(['on its way', 'already there'])(
  'of a segment %s, a TV that goes away has counted what it was sent and no more',
  async (where) => {
    const large = sampleSegment(1, Math.ceil((40 * MIB) / 188));
    await using origin = await startFakeOrigin({ '/live.m3u8': playlist(PLAYLIST), '/x.ts': body(large) });
    await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
    const [link = ''] = await relay.links('ch_one');
    if (where === 'already there') await get(link);
    const before = totalOf(relay).toClients;

    const response = await open(link);
    let received = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      received += chunk.length;
      if (received > 4 * MIB) break;
    }
    response.destroy();
    await expect.poll(() => relay.app.traffic.snapshot().total.toClients - before).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const counted = totalOf(relay).toClients - before;
    expect(counted).toBeGreaterThanOrEqual(received);
    expect(counted).toBeLessThan(received + UNDER_WAY_BYTES);
  },
);

test('while a long answer is on its way, what has left so far is known', async () => {
  const go = Promise.withResolvers<void>();
  const half = SEGMENT.length >> 1;
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(PLAYLIST),
    '/x.ts': async (_, response) => {
      response.writeHead(200, { 'Content-Length': SEGMENT.length });
      response.write(SEGMENT.subarray(0, half));
      await go.promise;
      response.end(SEGMENT.subarray(half));
    },
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');
  const before = totalOf(relay);
  const answer = get(link);

  await expect.poll(() => totalOf(relay).toClients - before.toClients).toBe(half);
  expect(totalOf(relay).fromSource - before.fromSource).toBe(half);
  go.resolve();
  await answer;
  await expect.poll(() => totalOf(relay).toClients - before.toClients).toBe(SEGMENT.length);
});
