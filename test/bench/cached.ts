import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { startChild } from '../support/child.ts';
import { RawClient } from '../support/client.ts';
import { median } from '../support/measure.ts';
import { bestVariantUrl, readPlaylist } from '../support/playlist-reader.ts';
import { chooseLoad, type Load, type LoadReport } from './load.ts';
import type { Bar, Measurement } from './measurement.ts';
import { untilQuiet } from './quiet.ts';
import { SERVER_CORE, startSetting, type BenchOptions } from './setting.ts';

const CONNECTIONS = 64;
const MAX_HIT_CPU_RATIO = 1.1;
const MIN_PLAYLIST_RATE_RATIO = 0.6;

/** A cached 1.5 MB segment: server CPU a gigabyte, against node:http answering from a Buffer. */
export async function measureHit(options: BenchOptions): Promise<Measurement[]> {
  await using compared = await startComparison(options);
  const { relay, base, tool } = await compared.run('segment');
  const perGigabyte = (report: LoadReport): number => (report.serverCpuSeconds ?? NaN) / (report.bytes / 1e9);
  const judged = medianRatio(relay.map(perGigabyte), base.map(perGigabyte));
  return [
    {
      section: 'hit',
      name: `1.5 MB segment, ${CONNECTIONS} connections, ${tool}`,
      unit: 'CPU-s/GB',
      relay: median(relay.map(perGigabyte)),
      reference: { name: 'node:http', value: median(base.map(perGigabyte)) },
      judged,
      bar: { atMost: MAX_HIT_CPU_RATIO },
      details: { relay, base },
    },
  ];
}

/** A cached live playlist: requests a second, against node:http answering the same bytes from a Buffer. */
export async function measurePlaylist(options: BenchOptions): Promise<Measurement[]> {
  await using compared = await startComparison(options);
  const { relay, base, tool } = await compared.run('playlist');
  const rate = ({ requestsPerSecond }: LoadReport): number => requestsPerSecond;
  const cpuPerRequest = (report: LoadReport): number => ((report.serverCpuSeconds ?? NaN) * 1e6) / report.requests;
  const compare = (unit: string, value: (report: LoadReport) => number, bar: Bar): Measurement => ({
    section: 'playlist',
    name: `cached playlist, ${CONNECTIONS} connections, ${tool}`,
    unit,
    relay: median(relay.map(value)),
    reference: { name: 'node:http', value: median(base.map(value)) },
    judged: medianRatio(relay.map(value), base.map(value)),
    bar,
    details: { relay, base },
  });
  /* The same bar twice: on a shared machine the CPU time is the one to trust. */
  return [
    compare('req/s', rate, { atLeast: MIN_PLAYLIST_RATE_RATIO }),
    compare('CPU-µs/req', cpuPerRequest, { atMost: 1 / MIN_PLAYLIST_RATE_RATIO }),
  ];
}

type Comparison = AsyncDisposable & {
  run: (what: 'segment' | 'playlist') => Promise<{ relay: LoadReport[]; base: LoadReport[]; tool: string }>;
};

/** The relay with one segment and playlist cached, and the base server with the same bytes. */
async function startComparison(options: BenchOptions): Promise<Comparison> {
  await using stack = new AsyncDisposableStack();
  const { relay, playlistUrl } = stack.use(await startSetting(options));
  const cached = await warm(playlistUrl(0));
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'hearthcast-bench-')));
  const files = [join(folder.path, 'segment.ts'), join(folder.path, 'index.m3u8')] as const;
  await writeFile(files[0], cached.segment);
  await writeFile(files[1], cached.playlist);
  const base = stack.use(
    await startChild({
      script: fileURLToPath(new URL('../support/base-http.ts', import.meta.url)),
      args: files,
      announcement: z.object({ url: z.string() }),
      core: SERVER_CORE,
    }),
  );
  const load = await chooseLoad();
  const targets = {
    segment: { relay: cached.segmentUrl, base: `${base.announcement.url}/segment.ts` },
    playlist: { relay: cached.playlistUrl, base: `${base.announcement.url}/index.m3u8` },
  };
  const started = stack.move();
  return {
    run: (what) => interleaved({ load, options, ...targets[what], relayPid: relay.pid, basePid: base.pid }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

async function interleaved(plan: {
  load: Load;
  options: BenchOptions;
  relay: string;
  base: string;
  relayPid: number;
  basePid: number;
}): Promise<{ relay: LoadReport[]; base: LoadReport[]; tool: string }> {
  const { load, relayPid, basePid, options } = plan;
  const common = { connections: CONNECTIONS, seconds: options.floodSeconds };
  const reports: { relay: LoadReport[]; base: LoadReport[] } = { relay: [], base: [] };
  await load({ ...common, seconds: 1, url: plan.base, serverPid: basePid });
  await load({ ...common, seconds: 1, url: plan.relay, serverPid: relayPid });
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    await untilQuiet();
    reports.base.push(await load({ ...common, url: plan.base, serverPid: basePid }));
    reports.relay.push(await load({ ...common, url: plan.relay, serverPid: relayPid }));
  }
  const errors = [...reports.relay, ...reports.base].reduce((sum, report) => sum + report.errors, 0);
  if (errors > 0) throw new Error(`${errors} requests failed during the flood`);
  return { ...reports, tool: reports.relay[0]?.tool ?? 'no load' };
}

/** Loads a playlist and its newest segment through the relay once, so that both are cached. */
async function warm(url: string) {
  using client = new RawClient();
  const entry = await client.getText(url);
  const playlistUrl = bestVariantUrl(readPlaylist(entry.text, url), url);
  const playlist = await client.getText(playlistUrl);
  const segmentUrl = readPlaylist(playlist.text, playlistUrl).segments.at(-1)?.url;
  if (segmentUrl === undefined) throw new Error(`no segments at ${playlistUrl}`);
  const pieces: Buffer[] = [];
  await client.get(segmentUrl, { onData: (bytes) => pieces.push(Buffer.from(bytes)) });
  const again = await client.get(segmentUrl);
  if (!again.headers['x-cache']?.startsWith('hit'))
    throw new Error(`the segment is not cached: ${again.headers['x-cache']}`);
  return { playlistUrl, playlist: playlist.text, segmentUrl, segment: Buffer.concat(pieces) };
}

/** The median over pairs taken one after the other, so that a slow spell of the machine hits both sides of a ratio. */
function medianRatio(relay: readonly number[], base: readonly number[]): number {
  return median(relay.map((value, index) => value / (base[index] ?? NaN)));
}
