import { channelUrl, countSegmentFetches, type OriginSettings } from '../support/origin-settings.ts';
import { readProcessUsage } from '../support/process-usage.ts';
import { runViewers, type ViewersReport } from '../support/viewers.ts';
import type { Measurement } from './measurement.ts';
import { untilQuiet } from './quiet.ts';
import { MEMORY_CACHE_MIB, SERVER_CORE, startSetting, type BenchOptions } from './setting.ts';
import { startVarnish } from './varnish.ts';

const CHANNELS = 10;
const MAX_RSS_BYTES = MEMORY_CACHE_MIB * 1024 * 1024 + 150e6;
/** What it was when the design was measured; the bar where there is no Varnish to run in the same run. */
const VARNISH_TTFB_P99_MS = 11;
const PLAYLIST_PERIOD_SECONDS = 18;
const MAX_PLAYLISTS_IN_PERIOD = 130;

/** Faults are few of few fetches, so this is watched longer. */
const FAULT_EVENINGS = 4;

const FAULTS: Record<string, Partial<OriginSettings>> = {
  '503': { percent503: 10 },
  reset: { percentReset: 10 },
  stall: { percentStall: 10 },
};

/** 600 TVs on 10 channels at live pace: what they see, what the origin sees, what it costs. */
export async function measureTelevisions(options: BenchOptions): Promise<Measurement[]> {
  await using setting = await startSetting(options);
  const { origin, relay, playlistUrl } = setting;
  await untilQuiet();
  await origin.resetStats();
  const startedAt = performance.now();
  const report = await watch(playlistUrl, options);
  const seconds = (performance.now() - startedAt) / 1000;
  const stats = await origin.stats();
  const usage = await readProcessUsage(relay.pid);
  const { fetches, distinct } = countSegmentFetches(stats);
  const varnish = await watchThroughVarnish(origin.url, options);

  const details = { report, varnish, usage, seconds, stats: { ...stats, log: [], byPath: {} } };
  const measured = measurer('600 TVs', details);
  const playlists = (stats.playlists * PLAYLIST_PERIOD_SECONDS) / seconds;
  const ttfbP99Ms = report.segmentTtfbMs.p99;
  return [
    measured('faults seen by TVs', '', faultsSeen(report), 0),
    varnish === null
      ? measured('segment TTFB p99', 'ms', ttfbP99Ms, VARNISH_TTFB_P99_MS)
      : {
          ...measured('segment TTFB p99', 'ms', ttfbP99Ms, 1),
          reference: { name: 'Varnish', value: varnish.segmentTtfbMs.p99 },
          judged: ttfbP99Ms / varnish.segmentTtfbMs.p99,
        },
    measured('upstream segment GETs beyond one each', '', fetches - distinct, 0),
    measured(`upstream playlist GETs in ${PLAYLIST_PERIOD_SECONDS} s`, '', playlists, MAX_PLAYLISTS_IN_PERIOD),
    measured('peak RSS', 'MB', (usage?.peakRssBytes ?? NaN) / 1e6, MAX_RSS_BYTES / 1e6),
  ];
}

async function watch(
  playlistUrl: (channel: number) => string,
  { televisionSeconds }: BenchOptions,
): Promise<ViewersReport> {
  const plan = { viewers: 600, channels: CHANNELS, rampSeconds: 6.5, measureSeconds: televisionSeconds };
  return runViewers({ playlistUrl, ...plan });
}

async function watchThroughVarnish(originUrl: string, options: BenchOptions): Promise<ViewersReport | null> {
  await using varnish = await startVarnish({ originUrl, core: SERVER_CORE });
  if (varnish === null) return null;
  await untilQuiet();
  return await watch((channel) => channelUrl(varnish.url, channel), options);
}

/** 1,500 TVs on 10 channels. */
export async function measureCrowd(options: BenchOptions): Promise<Measurement[]> {
  await using setting = await startSetting(options);
  const report = await runViewers({
    ...{ playlistUrl: setting.playlistUrl, viewers: 1500, channels: CHANNELS, rampSeconds: 19 },
    measureSeconds: options.televisionSeconds,
  });
  return [measurer('1,500 TVs', { report })('faults seen by TVs', '', faultsSeen(report), 0)];
}

/** 60 TVs on 4 channels of an origin that fails a tenth of its segments in each way, and a fifth of its playlists. */
export async function measureFaults(options: BenchOptions): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const [fault, settings] of Object.entries(FAULTS)) {
    await using setting = await startSetting(options);
    const { origin, playlistUrl } = setting;
    await origin.configure({ ...settings, percentPlaylist503: 20 });
    const report = await runViewers({
      ...{ playlistUrl, viewers: 60, channels: 4, rampSeconds: 3 },
      measureSeconds: options.televisionSeconds * FAULT_EVENINGS,
    });
    const { faults } = await origin.stats();
    const drawn = `${faults[fault] ?? 0} x ${fault}, ${faults['playlist503'] ?? 0} x playlist 503`;
    measurements.push(measurer('faults', { report, faults })(`seen by TVs after ${drawn}`, '', faultsSeen(report), 0));
  }
  return measurements;
}

function faultsSeen({ stalls, skipped, playlistErrors, segmentErrors, corrupt, segments }: ViewersReport): number {
  return segments === 0 ? NaN : stalls + skipped + playlistErrors + segmentErrors + corrupt;
}

/** Measurements of a section that are judged by their own value. */
function measurer(section: string, details: Record<string, unknown>) {
  return (name: string, unit: string, value: number, atMost: number): Measurement => ({
    ...{ section, name, unit, relay: value, reference: null, judged: value, bar: { atMost }, details },
  });
}
