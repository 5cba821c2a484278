import { expect, test } from 'vitest';
import { hangUp, inTurn, playlist, startFakeOrigin, status, type FakeHandler } from '../../support/fake-origin.ts';
import { get } from '../../support/http-client.ts';
import { mediaPlaylist } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

/** Long, so that the time the test itself takes does not count. */
const TARGET_SECONDS = 60;
const TARGET_MS = TARGET_SECONDS * 1000;

/** Each answer lists one segment more. */
function growing(): FakeHandler {
  let count = 0;
  return (request, response) => {
    count += 1;
    const uris = Array.from({ length: count }, (_, index) => `${index}.ts`);
    return playlist(mediaPlaylist(uris, { targetSeconds: TARGET_SECONDS }))(request, response);
  };
}

test('fifty TVs that ask for a playlist at the same moment are one request to the origin', async () => {
  const go = Promise.withResolvers<void>();
  await using origin = await startFakeOrigin({
    '/live.m3u8': async (request, response) => {
      await go.promise;
      await playlist(mediaPlaylist(['x.ts']))(request, response);
    },
  });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { prefetch: false },
  });

  const asking = Array.from({ length: 50 }, () => get(relay.channelUrl('ch_one')));
  await expect.poll(() => origin.requests.length).toBe(1);
  go.resolve();
  const answers = await Promise.all(asking);
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers['x-cache'] === 'miss')).toHaveLength(1);
  expect(origin.requests).toHaveLength(1);
});

test('fifty TVs that ask for a playlist the origin does not have all get the answer, of one request', async () => {
  const go = Promise.withResolvers<void>();
  await using origin = await startFakeOrigin({
    '/live.m3u8': async (request, response) => {
      await go.promise;
      await status(404)(request, response);
    },
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  const asking = Array.from({ length: 50 }, () => get(relay.channelUrl('ch_one')));
  // Only then: a TV that asks after the failure is a new try.
  await expect.poll(() => relay.log.filter(({ msg }) => msg.startsWith('GET /proxy/ch_one/'))).toHaveLength(50);
  await expect.poll(() => origin.requests.length).toBe(1);
  go.resolve();
  expect(new Set((await Promise.all(asking)).map((answer) => answer.status))).toEqual(new Set([404]));
  expect(origin.requests).toHaveLength(1);
});

test('a live playlist is reused for half its target duration, then loaded again', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': growing() });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { prefetch: false },
  });

  expect(await relay.links('ch_one')).toHaveLength(1);
  relay.advanceClock(0.4 * TARGET_MS);
  const reused = await get(relay.channelUrl('ch_one'));
  expect(reused.headers['x-cache']).toBe('hit-memory');
  expect(reused.headers['cache-control']).toBe('no-cache');
  expect(origin.requests).toHaveLength(1);
  relay.advanceClock(0.2 * TARGET_MS);
  expect(await relay.links('ch_one')).toHaveLength(2);
  expect(origin.requests).toHaveLength(2);
});

test('no TV is ever given a live playlist that is a target duration old while the origin answers', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': growing() });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { prefetch: false },
  });

  for (let segments = 1; segments <= 4; segments += 1) {
    expect(await relay.links('ch_one')).toHaveLength(segments);
    relay.advanceClock(TARGET_MS);
  }
});

test('while the origin fails, the last good playlist is repeated for at most one target duration more', async () => {
  const good = playlist(mediaPlaylist(['0.ts'], { targetSeconds: TARGET_SECONDS }));
  await using origin = await startFakeOrigin({ '/live.m3u8': inTurn(good, status(503)) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const first = await get(relay.channelUrl('ch_one'));

  relay.advanceClock(0.7 * TARGET_MS);
  expect((await get(relay.channelUrl('ch_one'))).text).toBe(first.text);
  relay.advanceClock(0.7 * TARGET_MS);
  expect((await get(relay.channelUrl('ch_one'))).text).toBe(first.text);
  relay.advanceClock(0.2 * TARGET_MS);
  origin.route('/live.m3u8', (request, response) => {
    relay.advanceClock(10_000);
    return status(503)(request, response);
  });
  const late = await get(relay.channelUrl('ch_one'));
  expect([late.status, late.text]).toEqual([502, expect.stringContaining('ORIGIN_STATUS')]);

  origin.route('/live.m3u8', good);
  relay.advanceClock(2_000);
  expect((await get(relay.channelUrl('ch_one'))).status).toBe(200);
});

test('a playlist that fails once is asked for again before anybody notices', async () => {
  const good = playlist(mediaPlaylist(['0.ts']));
  await using origin = await startFakeOrigin({ '/live.m3u8': inTurn(status(503), hangUp(), good) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  expect(await relay.links('ch_one')).toHaveLength(1);
  expect(origin.requests).toHaveLength(3);
});

test('an origin that asks to be left alone for a while is', async () => {
  const seenAt: number[] = [];
  await using origin = await startFakeOrigin({
    '/live.m3u8': (request, response) => {
      seenAt.push(performance.now());
      const busy = status(503, 'busy', { 'Retry-After': '1' });
      return (seenAt.length === 1 ? busy : playlist(mediaPlaylist(['0.ts'])))(request, response);
    },
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  expect(await relay.links('ch_one')).toHaveLength(1);
  const [first = 0, second = 0] = seenAt;
  expect(second - first).toBeGreaterThanOrEqual(990);
});

test('a channel has its backup source when the first does not play', async () => {
  await using broken = await startFakeOrigin({ '/live.m3u8': status(404) });
  await using backup = await startFakeOrigin({ '/other.m3u8': playlist(mediaPlaylist(['b.ts'])) });
  await using relay = await startTestApp({
    list: `#EXTM3U\n#EXTINF:-1 tvg-id="one",One\n${broken.url}/live.m3u8\n#EXTINF:-1 tvg-id="one",One\n${backup.url}/other.m3u8\n`,
  });

  const links = await relay.links('ch_one');
  expect(links.map((link) => new URL(link).pathname)).toEqual(['/proxy/ch_one/b.ts']);
});
