import { expect, test } from 'vitest';
import { alignToPackets } from '../support/content.ts';
import { m3uOf, startHeadless, type Headless } from '../support/headless.ts';
import { runMissStorm } from '../support/miss-storm.ts';
import { startOrigin } from '../support/origin.ts';
import { channelUrl, countSegmentFetches } from '../support/origin-settings.ts';
import { runViewers, sawNothingWrong } from '../support/viewers.ts';

test('200 clients that ask for one uncached segment cause one upstream fetch and get its start before its end', async () => {
  const segmentBytes = alignToPackets(600_000);
  await using origin = await startOrigin({ segmentBytes });
  await using relay = await startRelay(origin.url, 1);

  const report = await runMissStorm({
    ...{ origin, playlistUrl: relay.channelUrl('ch_kit0'), channel: 0 },
    ...{ clients: 200, segmentBytes, bodySeconds: 2 },
  });

  expect(report).toMatchObject({ complete: 200, faults: {}, upstreamFetches: 1, cutThrough: 200 });
});

test('100 TVs on 10 channels get every byte right, and the origin sends each segment once', async () => {
  await using origin = await startOrigin({ segmentBytes: 300_000, windowSegments: 20 });
  await using relay = await startRelay(origin.url, 10);

  const report = await runViewers({
    playlistUrl: (channel) => relay.channelUrl(`ch_kit${channel}`),
    ...{ viewers: 100, channels: 10, rampSeconds: 2, measureSeconds: 5 },
  });

  expect(report.causes).toEqual({});
  expect(sawNothingWrong(report)).toBe(true);
  expect(report.segments).toBeGreaterThanOrEqual(300);
  const { fetches, distinct } = countSegmentFetches(await origin.stats());
  expect(fetches).toBe(distinct);
});

test('TVs that zap through the channels break off their downloads without hurting one another', async () => {
  await using origin = await startOrigin({ segmentBytes: 300_000, windowSegments: 20, bytesPerSecond: 600_000 });
  await using relay = await startRelay(origin.url, 5);

  const report = await runViewers({
    playlistUrl: (channel) => relay.channelUrl(`ch_kit${channel}`),
    ...{ viewers: 30, channels: 5, rampSeconds: 1, measureSeconds: 5, zapSeconds: 0.7 },
  });

  expect(report.causes).toEqual({});
  expect(report.segments).toBeGreaterThan(0);
});

function startRelay(originUrl: string, channels: number): Promise<Headless> {
  const list = Array.from({ length: channels }, (_, channel) => ({
    id: `kit${channel}`,
    url: channelUrl(originUrl, channel),
  }));
  return startHeadless({ list: m3uOf(list) });
}
