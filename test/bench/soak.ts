/* Entry: zapping TVs, a failing provider and a Redis that comes and goes, for a long time. `node test/bench/soak.ts [--minutes 10]` */
import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { m3uOf, startHeadless } from '../support/headless.ts';
import { startOriginProcess } from '../support/origin-child.ts';
import { channelUrl } from '../support/origin-settings.ts';
import { readProcessUsage } from '../support/process-usage.ts';
import { findFreePort, startRedisServer } from '../support/redis-server.ts';
import { runViewers, type ViewersReport } from '../support/viewers.ts';

const CHANNELS = 12;
const FAULTS = { percent503: 10, percentReset: 10, percentStall: 10, percentPlaylist503: 20, segmentBytes: 400_000 };
const REDIS_UP_MS = 25_000;
const REDIS_DOWN_MS = 8_000;
const SAMPLE_MS = 10_000;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const seconds = Number(values.minutes) * 60;

await using origin = await startOriginProcess(FAULTS);
const redisPort = await findFreePort();
const list = Array.from({ length: CHANNELS }, (_, channel) => ({
  id: `kit${channel}`,
  url: channelUrl(origin.url, channel),
}));
await using relay = await startHeadless({
  built: true,
  list: m3uOf(list),
  flags: ['--redis', `redis://127.0.0.1:${redisPort}`, '--memory-cache-mib', '64', '--log-level', 'warn'],
});
const playlistUrl = (channel: number): string => relay.channelUrl(`ch_kit${channel}`);
const ended = new AbortController();
const redis = haveRedisComeAndGo(redisPort, ended.signal);
const samples = sample(relay.pid, ended.signal);

const [steady, zapping] = await Promise.all([
  runViewers({ playlistUrl, viewers: 40, channels: CHANNELS, rampSeconds: 5, measureSeconds: seconds }),
  runViewers({ playlistUrl, viewers: 20, channels: CHANNELS, rampSeconds: 5, measureSeconds: seconds, zapSeconds: 5 }),
]);
ended.abort();
await redis;
for (const [name, report] of Object.entries({ steady, zapping }))
  process.stdout.write(`${name}: ${JSON.stringify(summaryOf(report))}\n`);
process.stdout.write(`${JSON.stringify(await samples)}\n`);

function summaryOf({
  segments,
  stalls,
  skipped,
  playlistErrors,
  segmentErrors,
  corrupt,
  causes,
  segmentTtfbMs,
}: ViewersReport) {
  return { segments, stalls, skipped, playlistErrors, segmentErrors, corrupt, causes, segmentTtfbMs };
}

/** Killed, frozen, killed, ... and back after a while each time. */
async function haveRedisComeAndGo(port: number, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    await using server = await startRedisServer({ port });
    await pause(REDIS_UP_MS, signal);
    if (round % 2 === 0) continue;
    server.freeze();
    await pause(REDIS_DOWN_MS, signal);
    server.thaw();
    await pause(REDIS_UP_MS, signal);
  }
}

/** Memory and open files of a process, over time. */
async function sample(pid: number, signal: AbortSignal): Promise<{ rssMB: number[]; openFiles: number[] }> {
  const [rssMB, openFiles]: [number[], number[]] = [[], []];
  while (!signal.aborted) {
    await pause(SAMPLE_MS, signal);
    const usage = await readProcessUsage(pid);
    if (usage === null) continue;
    rssMB.push(Math.round(usage.rssBytes / 1e6));
    openFiles.push((await readdir(`/proc/${pid}/fd`)).length);
  }
  return { rssMB, openFiles };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
