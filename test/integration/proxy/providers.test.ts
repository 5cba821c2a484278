import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { body, hangUp, playlist, silence, startFakeOrigin } from '../../support/fake-origin.ts';
import { fingerprintOf, get, type Answer } from '../../support/http-client.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);
const PLAYING = playlist(mediaPlaylist(['x.ts']));

/** Sources by tvg-id: channels `ch_1`, `ch_2`, ... at one provider. */
function channelsAt(originUrl: string, count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [index + 1, `${originUrl}/${index + 1}.m3u8`]));
}

/** A TV is its address and what it calls itself. */
function watch(relay: TestApp, tv: string, channelId: string): Promise<Answer> {
  return get(relay.channelUrl(channelId), { headers: { 'User-Agent': tv } });
}

test('a dead provider delays nobody who watches another', async () => {
  await using dead = await startFakeOrigin(silence());
  await using origin = await startFakeOrigin({ '/live.m3u8': PLAYING, '/x.ts': body(SEGMENT) });
  await using relay = await startTestApp({
    channels: { ...channelsAt(dead.url, 30), fine: `${origin.url}/live.m3u8` },
  });

  const waiting = Array.from({ length: 30 }, (_, index) =>
    get(relay.channelUrl(`ch_${index + 1}`)).catch(() => 'given up'),
  );
  await expect.poll(() => dead.requests.length).toBeGreaterThan(10);
  const [link = ''] = await relay.links('ch_fine');
  expect((await get(link)).fingerprint).toBe(fingerprintOf(SEGMENT));
  expect(await Promise.race([...waiting, Promise.resolve('still waiting')])).toBe('still waiting');
});

test('a provider that breaks every connection is left alone but for a request now and then, and who waits plays when it is back', async () => {
  await using dead = await startFakeOrigin(hangUp());
  await using relay = await startTestApp({ channels: channelsAt(dead.url, 10) });
  const ids = Object.keys(channelsAt('', 10));

  const watching = Promise.all(ids.map((id) => get(relay.channelUrl(`ch_${id}`))));
  await sleep(2_500);
  expect(dead.requests.length).toBeGreaterThanOrEqual(5);
  expect(dead.requests.length).toBeLessThan(15);
  for (const id of ids) dead.route(`/${id}.m3u8`, PLAYING);
  expect((await watching).map(({ status }) => status)).toEqual(ids.map(() => 200));
});

test('many requests that break at the same moment count as one failure of their provider', async () => {
  const go = Promise.withResolvers<void>();
  await using origin = await startFakeOrigin(async (request, response) => {
    await go.promise;
    await hangUp()(request, response);
  });
  await using relay = await startTestApp({
    channels: channelsAt(origin.url, 12),
    settings: { connectionsPerHost: 12 },
  });
  const asking = Array.from({ length: 12 }, (_, index) => get(relay.channelUrl(`ch_${index + 1}`)));
  await expect.poll(() => origin.requests.length).toBe(12);
  for (let id = 1; id <= 12; id += 1) origin.route(`/${id}.m3u8`, PLAYING);
  go.resolve();
  expect((await Promise.all(asking)).map(({ status }) => status)).toEqual(Array(12).fill(200));
});

test('no more connections are open to a provider than the settings allow', async () => {
  let running = 0;
  let most = 0;
  await using origin = await startFakeOrigin(async (request, response) => {
    running += 1;
    most = Math.max(most, running);
    await sleep(20);
    running -= 1;
    await body(SEGMENT)(request, response);
  });
  origin.route('/live.m3u8', playlist(mediaPlaylist(Array.from({ length: 12 }, (_, index) => `${index}.ts`))));
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { connectionsPerHost: 3 },
  });

  const answers = await Promise.all((await relay.links('ch_one')).map((link) => get(link)));
  expect(new Set(answers.map(({ fingerprint }) => fingerprint))).toEqual(new Set([fingerprintOf(SEGMENT)]));
  expect(most).toBe(3);
});

test('a provider that allows two channels at a time is never asked for a third; zapping and leaving free a place', async () => {
  await using origin = await startFakeOrigin({
    '/1.m3u8': PLAYING,
    '/2.m3u8': PLAYING,
    '/3.m3u8': PLAYING,
    '/x.ts': body(SEGMENT),
  });
  await using other = await startFakeOrigin({ '/live.m3u8': PLAYING });
  await using relay = await startTestApp({
    channels: { ...channelsAt(origin.url, 3), other: `${other.url}/live.m3u8` },
    settings: { streamsPerHost: 2 },
  });
  const statusOf = async (tv: string, channelId: string): Promise<number> => (await watch(relay, tv, channelId)).status;

  expect([await statusOf('A', 'ch_1'), await statusOf('B', 'ch_2')]).toEqual([200, 200]);
  const refused = await watch(relay, 'C', 'ch_3');
  expect([refused.status, refused.text.split('\n')[1]]).toEqual([503, 'CONNECTION_LIMIT']);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(origin.requestsTo('/3.m3u8')).toHaveLength(0);

  expect([await statusOf('C', 'ch_1'), await statusOf('C', 'ch_other')]).toEqual([200, 200]);
  expect([await statusOf('B', 'ch_3'), await statusOf('B', 'ch_2')]).toEqual([200, 200]);
  expect([await statusOf('B', 'ch_1'), await statusOf('C', 'ch_3')]).toEqual([200, 200]);
  expect(await statusOf('D', 'ch_2')).toBe(503);
  relay.advanceClock(21_000);
  expect(await statusOf('D', 'ch_2')).toBe(200);
});

test('a channel that does not exist takes no place at a provider', async () => {
  await using origin = await startFakeOrigin({ '/1.m3u8': PLAYING });
  await using relay = await startTestApp({ channels: channelsAt(origin.url, 1), settings: { streamsPerHost: 1 } });
  for (const tv of ['A', 'B', 'C']) expect((await watch(relay, tv, `ch_no-${tv.toLowerCase()}`)).status).toBe(404);
  expect((await watch(relay, 'D', 'ch_1')).status).toBe(200);
});
