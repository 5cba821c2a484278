import { describe, expect, test, vi } from 'vitest';
import { body, inTurn, playlist, startFakeOrigin, status } from '../../support/fake-origin.ts';
import { get } from '../../support/http-client.ts';
import { startOriginProcess } from '../../support/origin-child.ts';
import { channelUrl } from '../../support/origin-settings.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';
import { runViewers, sawNothingWrong } from '../../support/viewers.ts';

const TOLERANCE = 0.01;

/** How far a count is from what it should be, as a share of that. */
const deviation = (counted: number, real: number): number => Math.abs(counted - real) / real;

const toClients = (samples: readonly { toClients: number }[]): number =>
  samples.reduce((sum, sample) => sum + sample.toClients, 0);

describe('TVs at live pace', () => {
  test('are counted as they and the origin count themselves, and the history adds up to it', async () => {
    await using origin = await startOriginProcess({ segmentBytes: 600_000, segmentSeconds: 1 });
    const channels = { one: channelUrl(origin.url, 0), two: channelUrl(origin.url, 1) };
    await using relay = await startTestApp({ channels });
    const ids = ['ch_one', 'ch_two'];

    const report = await runViewers({
      playlistUrl: (channel) => relay.channelUrl(ids[channel] ?? ''),
      viewers: 8,
      channels: 2,
      rampSeconds: 1,
      measureSeconds: 5,
    });
    expect(sawNothingWrong(report), JSON.stringify(report.causes)).toBe(true);
    await vi.waitFor(async () => expect((await origin.stats()).byPath).toSatisfy(nothingOpen), 5_000);

    const { total, channels: perChannel } = relay.app.traffic.snapshot();
    const stats = await origin.stats();
    expect(deviation(total.toClients, report.bodyBytes)).toBeLessThan(TOLERANCE);
    expect(deviation(total.fromSource, stats.bodyBytes)).toBeLessThan(TOLERANCE);
    expect(total.fromSource).toBeLessThan(total.toClients / 2);
    expect([...perChannel.keys()].toSorted()).toEqual(ids);
    expect([...perChannel.values()].reduce((sum, flow) => sum + flow.toClients, 0)).toBe(total.toClients);

    const { outcomes } = relay.app.state().cache;
    expect(outcomes.hitMemory + outcomes.hitRedis + outcomes.coalesced + outcomes.miss).toBe(report.segments);
    expect(outcomes.prefetchUsed).toBeGreaterThan(0);
    expect(outcomes.hiddenErrors).toBe(0);

    await vi.waitFor(() => {
      expect(toClients(relay.app.history.query('10m', null).samples)).toBe(total.toClients);
      expect(toClients(relay.app.history.query('10m', 'ch_one').samples)).toBe(perChannel.get('ch_one')?.toClients);
    }, 5_000);
    expect(relay.app.viewers.active()).toMatchObject([{ totalBytes: total.toClients }]);
  });
});

test('what an origin failed at and no TV noticed is counted, and so is how TVs were answered', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['a.ts', 'b.ts'])),
    '/a.ts': inTurn(status(503), status(503), body(sampleSegment(1))),
    '/b.ts': body(sampleSegment(2)),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [first = '', second = ''] = await relay.links('ch_one');
  for (const url of [first, first, second, first]) expect((await get(url)).status).toBe(200);
  expect(relay.app.state().cache.outcomes).toMatchObject({ hiddenErrors: 2, miss: 2, hitMemory: 2, coalesced: 0 });
});

function nothingOpen(byPath: Record<string, { open: number }>): boolean {
  return Object.values(byPath).every(({ open }) => open === 0);
}
