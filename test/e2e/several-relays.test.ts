import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { m3uOf, startHeadless, type Headless } from '../support/headless.ts';
import { startOrigin } from '../support/origin.ts';
import { channelUrl, countSegmentFetches } from '../support/origin-settings.ts';
import { startRedisServer } from '../support/redis-server.ts';
import { needs } from '../support/requirements.ts';
import { startTcpSwitch } from '../support/tcp-switch.ts';
import { runViewers, sawNothingWrong } from '../support/viewers.ts';

const CHANNELS = 10;

describe('several relays on one Redis', needs('redis-server'), () => {
  test('three relays with 300 TVs fetch each segment from the provider once', async () => {
    await using origin = await startOrigin({ segmentBytes: 200_000, windowSegments: 20 });
    await using redis = await startRedisServer();
    await using first = await startRelay(origin.url, redis.url);
    await using second = await startRelay(origin.url, redis.url);
    await using third = await startRelay(origin.url, redis.url);
    const relays = [first, second, third];
    let joined = 0;

    const report = await runViewers({
      playlistUrl: (channel) => (relays[joined++ % relays.length] ?? first).channelUrl(`ch_kit${channel}`),
      ...{ viewers: 300, channels: CHANNELS, rampSeconds: 4, measureSeconds: 8 },
    });

    expect(report.causes).toEqual({});
    expect(sawNothingWrong(report)).toBe(true);
    const { fetches, distinct } = countSegmentFetches(await origin.stats());
    expect(distinct).toBeGreaterThan(CHANNELS * 4);
    expect(fetches).toBe(distinct);
  });

  test('TVs go on with another relay, by the links they have, when theirs is killed in the middle of fetching', async () => {
    await using origin = await startOrigin({ segmentBytes: 200_000, windowSegments: 20, bytesPerSecond: 300_000 });
    await using redis = await startRedisServer();
    await using dying = await startRelay(origin.url, redis.url);
    await using other = await startRelay(origin.url, redis.url);
    await using address = await startTcpSwitch(portOf(dying));

    const watching = runViewers({
      playlistUrl: (channel) => `${address.url}/proxy/ch_kit${channel}/stream.m3u8`,
      ...{ viewers: 60, channels: CHANNELS, rampSeconds: 2, measureSeconds: 14 },
    });
    await sleep(6_000);
    dying.kill('SIGKILL');
    address.turnTo(portOf(other));
    const report = await watching;

    // The connections that broke are all that a TV sees: each tries once more, and plays on.
    expect(report).toMatchObject({ corrupt: 0, skipped: 0 });
    expect(report.segmentErrors + report.playlistErrors).toBeLessThanOrEqual(report.viewers * 2);
    expect(report.segments).toBeGreaterThan(60 * 4);
    const refused = Object.keys(report.causes).filter((cause) => /\b[45]\d\d\b/.test(cause));
    expect(refused).toEqual([]);
  });
});

function startRelay(originUrl: string, redisUrl: string): Promise<Headless> {
  const list = Array.from({ length: CHANNELS }, (_, channel) => ({
    id: `kit${channel}`,
    url: channelUrl(originUrl, channel),
  }));
  return startHeadless({ list: m3uOf(list), flags: ['--redis', redisUrl] });
}

function portOf(relay: Headless): number {
  return Number(new URL(relay.relay).port);
}
