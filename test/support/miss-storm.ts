import { setTimeout as sleep } from 'node:timers/promises';
import { createReadBuffer, RawClient } from './client.ts';
import { createSegmentLibrary, SegmentVerifier } from './content.ts';
import { increment, percentiles, roundTo, wallClockMs, type Percentiles } from './measure.ts';
import { channelUrl, type OriginControl } from './origin-settings.ts';
import { bestVariantUrl, readPlaylist } from './playlist-reader.ts';

export type MissStormPlan = {
  /** Its pacing is set for the storm and put back afterwards. */
  origin: OriginControl;
  /** Where the clients open the channel, through a relay or at the origin itself; nobody may have watched it before. */
  playlistUrl: string;
  channel: number;
  clients: number;
  segmentBytes: number;
  /** How long the origin takes to send the segment's body. */
  bodySeconds: number;
};

export type MissStormReport = {
  complete: number;
  /** Failed requests and wrong bodies, by cause. */
  faults: Record<string, number>;
  upstreamFetches: number;
  /** Clients that had their first byte before the origin had sent its last. */
  cutThrough: number;
  originBodyMs: number;
  ttfbMs: Percentiles;
  /** Each client's first byte after the origin's own first byte. */
  afterOriginMs: Percentiles;
  totalMs: Percentiles;
};

type Storm = { ttfbMs: number[]; totalMs: number[]; firstByteAtMs: number[]; faults: Record<string, number> };

const WARM_UP_CHANNEL = 999_999;
const WARM_UP_REQUESTS = 30;
const LIBRARY_BYTES = 64e6;

/** Many clients ask for the same segment, which nobody has asked for before, at the same instant. */
export async function runMissStorm(plan: MissStormPlan): Promise<MissStormReport> {
  const { origin, playlistUrl, channel, bodySeconds } = plan;
  const library = createSegmentLibrary({ maxBytes: LIBRARY_BYTES });
  const readBuffer = createReadBuffer();
  const clients = Array.from({ length: plan.clients }, () => new RawClient({ readBuffer }));
  const verifier = (sequence: number) => new SegmentVerifier({ library, channel, sequence });
  try {
    await Promise.all(clients.map((client) => client.connect(playlistUrl)));
    await warmUp(origin.url, readBuffer);
    await origin.configure({ bytesPerSecond: Math.round(plan.segmentBytes / bodySeconds) });
    await origin.resetStats();
    const { url, sequence } = await oldestSegment(playlistUrl);
    /* Ready before the storm, so that making it does not count as the relay's delay. */
    library({ channel, variant: 0, sequence, bytes: plan.segmentBytes });
    const storm = await askAtOnce({ clients, url, verifier: () => verifier(sequence) });
    await sleep(150);
    return await reportOn(storm, origin, `/live/${channel}/v0/${sequence}.ts`);
  } finally {
    for (const client of clients) client.close();
    await origin.configure({ bytesPerSecond: null });
  }
}

async function askAtOnce(options: {
  clients: readonly RawClient[];
  url: string;
  verifier: () => SegmentVerifier;
}): Promise<Storm> {
  const storm: Storm = { ttfbMs: [], totalMs: [], firstByteAtMs: [], faults: {} };
  const ask = async (client: RawClient): Promise<void> => {
    const verifier = options.verifier();
    let firstByteAtMs: number | null = null;
    const response = await client.get(options.url, {
      onData: (bytes) => {
        firstByteAtMs ??= wallClockMs();
        verifier.push(bytes);
      },
    });
    const defect = response.status === 200 ? verifier.finish() : `status ${response.status}`;
    if (defect !== null || firstByteAtMs === null) throw new Error(defect ?? 'no body');
    storm.firstByteAtMs.push(firstByteAtMs);
    storm.ttfbMs.push(response.ttfbMs);
    storm.totalMs.push(response.totalMs);
  };
  await Promise.all(
    options.clients.map((client) =>
      ask(client).catch((error: unknown) =>
        increment(storm.faults, error instanceof Error ? error.message : String(error)),
      ),
    ),
  );
  return storm;
}

async function reportOn(storm: Storm, origin: OriginControl, path: string): Promise<MissStormReport> {
  const stats = await origin.stats();
  const fetches = stats.log.filter((request) => request.path === path);
  const originFirstMs = Math.min(...fetches.map(({ firstByteAtMs }) => firstByteAtMs ?? Infinity));
  const originEndMs = Math.min(...fetches.map(({ endedAtMs }) => endedAtMs ?? Infinity));
  return {
    complete: storm.totalMs.length,
    faults: storm.faults,
    upstreamFetches: fetches.length,
    cutThrough: storm.firstByteAtMs.filter((at) => at < originEndMs).length,
    originBodyMs: roundTo(originEndMs - originFirstMs, 0),
    ttfbMs: percentiles(storm.ttfbMs),
    afterOriginMs: percentiles(storm.firstByteAtMs.map((at) => at - originFirstMs)),
    totalMs: percentiles(storm.totalMs),
  };
}

/** The segment of the best variant that a relay which prefetches the live edge is least likely to hold. */
async function oldestSegment(playlistUrl: string): Promise<{ url: string; sequence: number }> {
  using client = new RawClient();
  const entry = await client.getText(playlistUrl);
  const mediaUrl = bestVariantUrl(readPlaylist(entry.text, entry.url), entry.url);
  const media = await client.getText(mediaUrl);
  const oldest = readPlaylist(media.text, media.url).segments[0];
  if (!oldest) throw new Error(`no segments at ${mediaUrl}`);
  return oldest;
}

/** Lets the compiler get to know the client's code first. */
async function warmUp(originUrl: string, readBuffer: Buffer): Promise<void> {
  using client = new RawClient({ readBuffer });
  const { url } = await oldestSegment(channelUrl(originUrl, WARM_UP_CHANNEL));
  for (let request = 0; request < WARM_UP_REQUESTS; request += 1) await client.get(url);
}
