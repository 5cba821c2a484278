import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { startChild } from '../../support/child.ts';
import { get } from '../../support/http-client.ts';
import { startOrigin } from '../../support/origin.ts';
import { channelUrl } from '../../support/origin-settings.ts';
import { findFreePort, startRedisServer } from '../../support/redis-server.ts';
import { bestVariantUrl, readPlaylist } from '../../support/playlist-reader.ts';
import { createRelayClient } from '../../support/relay-client.ts';
import { needs } from '../../support/requirements.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';
import { startTcpSwitch } from '../../support/tcp-switch.ts';
import { runViewers, sawNothingWrong } from '../../support/viewers.ts';

const EVENTUALLY = { timeout: 30_000, interval: 200 };

test('a provider that cannot be reached for a while is played again by itself, and disturbs nobody else meanwhile', async () => {
  await using origin = await startOrigin({ segmentBytes: 60_160, segmentSeconds: 2, windowSegments: 8 });
  await using way = await startTcpSwitch(Number(new URL(origin.url).port));
  await using siege = await startSiege({ channels: { away: channelUrl(way.url, 0) } });
  const channel = siege.relay.channelUrl('ch_away');
  const media = bestVariantUrl(readPlaylist((await get(channel)).text, channel), channel);
  const statusOf = async () => (await get(media)).status;
  expect(await statusOf()).toBe(200);

  const nowhere = await findFreePort();
  const disturbance = await siege.during(async () => {
    way.turnTo(nowhere);
    await expect.poll(statusOf, EVENTUALLY).toBeGreaterThanOrEqual(500);
  }, 4);
  expect(disturbance).toEqual(UNDISTURBED);

  way.turnTo(Number(new URL(origin.url).port));
  await expect.poll(statusOf, EVENTUALLY).toBe(200);
  const report = await runViewers({
    playlistUrl: () => siege.relay.channelUrl('ch_away'),
    ...{ viewers: 4, channels: 1, rampSeconds: 0.2, measureSeconds: 3 },
  });
  expect(report.causes).toEqual({});
  expect(sawNothingWrong(report)).toBe(true);
  expect(report.segments).toBeGreaterThan(4);
  expect(await siege.bugs()).toEqual([]);
});

test('a Redis that goes away and comes back disturbs no TV, and is used again', needs('redis-server'), async () => {
  const port = await findFreePort();
  await using siege = await startSiege({ flags: ['--redis', `redis://127.0.0.1:${port}`] });
  const { ask } = createRelayClient(siege.relay);
  const store = async () => (await ask('app.snapshot', {})).cache.store;
  const problems = async () => (await ask('app.snapshot', {})).problems.map(({ code }) => code);
  for (const round of ['the first time', 'again']) {
    await using servers = new AsyncDisposableStack();
    const disturbance = await siege.during(async () => {
      servers.use(await startRedisServer({ port }));
      await expect.poll(store, EVENTUALLY).toBe('redis');
      expect(await problems()).not.toContain('REDIS_UNUSABLE');
      await servers.disposeAsync();
      await expect.poll(store, EVENTUALLY).not.toBe('redis');
      await expect.poll(problems, EVENTUALLY).toContain('REDIS_UNUSABLE');
    });
    expect(disturbance, round).toEqual(UNDISTURBED);
  }
  expect(await siege.bugs()).toEqual([]);
});

describe('when this computer', needs('network namespace'), () => {
  test('gets, changes and loses its address, what TVs are told and the name follow', { timeout: 180_000 }, async () => {
    await using relay = await startChild({
      script: 'unshare',
      isProgram: true,
      args: ['--net', process.execPath, fileURLToPath(new URL('moving-relay.ts', import.meta.url))],
      announcement: z.object({ seen: z.array(z.unknown()), errors: z.array(z.string()) }),
      startTimeoutMs: 150_000,
    });
    const at = (address: string) => ({ hosts: [address], problems: [], listLeadsTo: address, name: address });
    const nowhere = { hosts: [], problems: ['NO_NETWORK'], listLeadsTo: null, name: null };
    expect(relay.announcement).toEqual({
      seen: [nowhere, at('10.77.0.2'), at('10.88.0.5'), nowhere, at('10.88.0.5')],
      errors: [],
    });
  });
});
