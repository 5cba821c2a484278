import { alignToPackets } from '../support/content.ts';
import { median } from '../support/measure.ts';
import { runMissStorm, type MissStormReport } from '../support/miss-storm.ts';
import { channelUrl } from '../support/origin-settings.ts';
import type { Measurement } from './measurement.ts';
import { untilQuiet } from './quiet.ts';
import { startSetting, type BenchOptions } from './setting.ts';

const CLIENTS = 200;
const BODY_SECONDS = 2;
const SEGMENT_BYTES = alignToPackets(1_500_000);
const FIRST_CHANNEL = 20;
const MAX_DELAY_MS = 10;

/** 200 clients ask for one segment that nobody has asked for before; its body takes the origin two seconds. */
export async function measureStorm(options: BenchOptions): Promise<Measurement[]> {
  await using setting = await startSetting(options);
  const { origin } = setting;
  const storm = (channel: number, playlistUrl: string): Promise<MissStormReport> =>
    runMissStorm({
      origin,
      playlistUrl,
      channel,
      clients: CLIENTS,
      segmentBytes: SEGMENT_BYTES,
      bodySeconds: BODY_SECONDS,
    });
  const direct: MissStormReport[] = [];
  const relay: MissStormReport[] = [];
  /* The first of each only warms up. */
  for (let repeat = 0; repeat <= options.repeats; repeat += 1) {
    const channel = FIRST_CHANNEL + repeat;
    await untilQuiet();
    direct.push(await storm(channel, channelUrl(origin.url, channel)));
    await untilQuiet();
    relay.push(await storm(channel, setting.playlistUrl(channel)));
  }
  const details = { direct, relay };
  const compare = (name: 'p50' | 'p99'): Measurement => {
    const [relayMs, directMs] = [relay, direct].map((reports) =>
      median(reports.slice(1).map(({ ttfbMs }) => ttfbMs[name])),
    );
    return {
      section: 'storm',
      name: `TTFB ${name}, ${CLIENTS} clients`,
      unit: 'ms',
      relay: relayMs ?? NaN,
      reference: { name: 'direct', value: directMs ?? NaN },
      judged: (relayMs ?? NaN) - (directMs ?? NaN),
      bar: { atMost: MAX_DELAY_MS },
      details,
    };
  };
  const fetches = Math.max(...relay.map(({ upstreamFetches }) => upstreamFetches));
  const incomplete = Math.max(...relay.map(({ complete }) => CLIENTS - complete));
  const count = (name: string, value: number, atMost: number): Measurement => ({
    ...{ section: 'storm', name, unit: '', relay: value, reference: null, judged: value, bar: { atMost }, details: {} },
  });
  return [
    count('upstream fetches', fetches, 1),
    count('clients without the right body', incomplete, 0),
    compare('p50'),
    compare('p99'),
  ];
}
