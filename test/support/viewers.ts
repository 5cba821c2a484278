import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createReadBuffer, RawClient } from './client.ts';
import { createSegmentLibrary, SegmentVerifier, type SegmentLibrary } from './content.ts';
import { increment, percentiles, roundTo, wallClockMs, type Percentiles } from './measure.ts';
import { bestVariantUrl, readPlaylist, type ReadPlaylist } from './playlist-reader.ts';

export type ViewersPlan = {
  /** The playlist a TV opens for a channel of the synthetic origin. */
  playlistUrl: (channel: number) => string;
  viewers: number;
  /** Viewers are spread evenly over channels 0 to `channels` - 1. */
  channels: number;
  /** How long they take to join, one after the other. */
  rampSeconds: number;
  /** How long times and stalls are taken after that; wrong answers are counted from the beginning. */
  measureSeconds: number;
  /** What each TV says it is, where the relay is to tell them apart; at one address, those that say the same are one to it. */
  userAgent?: (viewer: number) => string;
  /** Each TV changes to the next channel this often, in the middle of whatever it is loading. */
  zapSeconds?: number;
};

/** What all TVs together went through. */
export type ViewersReport = {
  viewers: number;
  segments: number;
  bodyBytes: number;
  /** A segment complete after the time a player that joined three segments behind the edge had to show it. */
  stalls: number;
  stalledViewers: number;
  stallMs: number;
  /** Segments that left the window before the TV could ask. */
  skipped: number;
  playlistErrors: number;
  segmentErrors: number;
  /** Bodies with wrong bytes, a wrong length, or of another segment. */
  corrupt: number;
  /** Everything of the above by its cause. */
  causes: Record<string, number>;
  playlistMs: Percentiles;
  segmentTtfbMs: Percentiles;
  segmentMs: Percentiles;
  joinMs: Percentiles;
  /** Share of one core this load itself used, and its event loop's delay: near 1 it is the bottleneck. */
  clientCpu: number;
  clientLagP99Ms: number;
};

const SETTLE_MS = 1500;
const REQUEST_TIMEOUT_MS = 15_000;
const SEGMENTS_BEHIND_EDGE = 3;
const SEGMENT_ATTEMPTS = 2;
const PLAYLIST_ATTEMPTS = 20;
const LIBRARY_BYTES = 768e6;

/** Plays channels as TVs do, at live pace, and checks every byte. */
export async function runViewers(plan: ViewersPlan): Promise<ViewersReport> {
  const tally = new Tally();
  const household = {
    tally,
    playlistUrl: plan.playlistUrl,
    headersOf: (viewer: number) => (plan.userAgent === undefined ? {} : { 'User-Agent': plan.userAgent(viewer) }),
    library: createSegmentLibrary({ maxBytes: LIBRARY_BYTES }),
    readBuffer: createReadBuffer(),
  };
  const televisions = Array.from({ length: plan.viewers }, (_, index) => new Television({ index, plan, household }));
  const evenings = televisions.map(async (television, index) => {
    await sleep((plan.rampSeconds * 1000 * index) / plan.viewers);
    await television.watch();
  });
  await sleep(plan.rampSeconds * 1000 + SETTLE_MS);

  const lag = monitorEventLoopDelay({ resolution: 5 });
  const cpuBefore = process.cpuUsage();
  lag.enable();
  tally.measuring = true;
  await sleep(plan.measureSeconds * 1000);
  tally.measuring = false;
  lag.disable();
  const cpu = process.cpuUsage(cpuBefore);

  for (const television of televisions) television.switchOff();
  await Promise.all(evenings);
  return {
    ...tally.report(),
    viewers: plan.viewers,
    clientCpu: roundTo((cpu.user + cpu.system) / 1e6 / plan.measureSeconds, 3),
    clientLagP99Ms: roundTo(lag.percentile(99) / 1e6, 2),
  };
}

/** Whether every answer was right, however long it took: what a test on a busy machine can demand. */
export function sawNothingWrong(report: ViewersReport): boolean {
  return report.playlistErrors + report.segmentErrors + report.corrupt + report.skipped === 0;
}

class Tally {
  measuring = false;
  readonly #playlistMs: number[] = [];
  readonly #ttfbMs: number[] = [];
  readonly #segmentMs: number[] = [];
  readonly #joinMs: number[] = [];
  readonly #stalledViewers = new Set<number>();
  readonly #causes: Record<string, number> = {};
  readonly #counts = { segments: 0, bodyBytes: 0, stalls: 0, stallMs: 0, skipped: 0 };
  readonly #faults = { playlistErrors: 0, segmentErrors: 0, corrupt: 0 };

  playlist(totalMs: number): void {
    if (this.measuring) this.#playlistMs.push(totalMs);
  }

  segment(bodyBytes: number, ttfbMs: number, totalMs: number): void {
    this.#counts.segments += 1;
    this.#counts.bodyBytes += bodyBytes;
    if (!this.measuring) return;
    this.#ttfbMs.push(ttfbMs);
    this.#segmentMs.push(totalMs);
  }

  fault(kind: 'playlistErrors' | 'segmentErrors' | 'corrupt', cause: string): void {
    this.#faults[kind] += 1;
    increment(this.#causes, `${kind}: ${cause}`);
  }

  joined(afterMs: number): void {
    this.#joinMs.push(afterMs);
  }

  stalled(viewer: number, forMs: number): void {
    if (!this.measuring) return;
    this.#counts.stalls += 1;
    this.#counts.stallMs += forMs;
    this.#stalledViewers.add(viewer);
  }

  skipped(segments: number): void {
    this.#counts.skipped += segments;
  }

  report(): Omit<ViewersReport, 'viewers' | 'clientCpu' | 'clientLagP99Ms'> {
    return {
      ...this.#counts,
      ...this.#faults,
      stallMs: roundTo(this.#counts.stallMs, 0),
      stalledViewers: this.#stalledViewers.size,
      causes: this.#causes,
      playlistMs: percentiles(this.#playlistMs),
      segmentTtfbMs: percentiles(this.#ttfbMs),
      segmentMs: percentiles(this.#segmentMs),
      joinMs: percentiles(this.#joinMs),
    };
  }
}

/** What the TVs of one run have in common. */
type Household = {
  tally: Tally;
  library: SegmentLibrary;
  readBuffer: Buffer;
  playlistUrl: (channel: number) => string;
  headersOf: (viewer: number) => Record<string, string>;
};

/** One TV, which may change its channel. */
class Television {
  readonly #index: number;
  readonly #plan: ViewersPlan;
  readonly #household: Household;
  #visit: Visit | null = null;
  #on = true;

  constructor({ index, plan, household }: { index: number; plan: ViewersPlan; household: Household }) {
    this.#index = index;
    this.#plan = plan;
    this.#household = household;
  }

  async watch(): Promise<void> {
    const { channels, zapSeconds } = this.#plan;
    let zaps = 0;
    while (this.#on) {
      const visit = new Visit({
        viewer: this.#index,
        channel: (this.#index + zaps) % channels,
        household: this.#household,
      });
      this.#visit = visit;
      const zapTimer = zapSeconds === undefined ? undefined : setTimeout(() => visit.leave(), zapSeconds * 1000);
      await visit.play();
      clearTimeout(zapTimer);
      if (!visit.left) return;
      zaps += 1;
    }
  }

  /** Lets the request under way finish, so that the end of a run looks like no fault. */
  switchOff(): void {
    this.#on = false;
    this.#visit?.end();
  }
}

/** One TV on one channel, from opening its playlist until it leaves. */
class Visit {
  readonly #viewer: number;
  readonly #channel: number;
  readonly #household: Household;
  readonly #client: RawClient;
  #ending = false;
  #left = false;
  #playStartedAt: number | null = null;
  #playedMs = 0;

  constructor({ viewer, channel, household }: { viewer: number; channel: number; household: Household }) {
    this.#viewer = viewer;
    this.#channel = channel;
    this.#household = household;
    this.#client = new RawClient({ readBuffer: household.readBuffer });
  }

  get left(): boolean {
    return this.#left;
  }

  /** Away at once, as when a viewer zaps: a request under way is broken off. */
  leave(): void {
    this.#left = true;
    this.end();
    this.#client.close();
  }

  end(): void {
    this.#ending = true;
  }

  async play(): Promise<void> {
    const joinedAt = wallClockMs();
    try {
      const { url, playlist } = await this.#open();
      await this.#follow(url, playlist, joinedAt);
    } catch (error) {
      if (!this.#ending) this.#household.tally.fault('playlistErrors', `gave up: ${messageOf(error)}`);
    } finally {
      this.#client.close();
    }
  }

  async #open(): Promise<{ url: string; playlist: ReadPlaylist }> {
    const entryUrl = this.#household.playlistUrl(this.#channel);
    const entry = await this.#loadPlaylist(entryUrl);
    const url = bestVariantUrl(entry, entryUrl);
    return { url, playlist: url === entryUrl ? entry : await this.#loadPlaylist(url) };
  }

  /** Reloads after a target duration when the playlist had changed, after half of one when not (RFC 8216 section 6.3.4). */
  async #follow(url: string, first: ReadPlaylist, joinedAt: number): Promise<void> {
    let playlist = first;
    let next = playlist.segments.at(-SEGMENTS_BEHIND_EDGE)?.sequence ?? playlist.segments[0]?.sequence ?? 0;
    let loadedAt = wallClockMs();
    while (!this.#ending) {
      const fresh = playlist.segments.filter(({ sequence }) => sequence >= next);
      for (const segment of fresh) {
        if (this.#ending) return;
        if (segment.sequence > next) this.#skip(segment.sequence - next, segment.durationMs);
        await this.#loadSegment(segment);
        this.#show(segment.durationMs, joinedAt);
        next = segment.sequence + 1;
      }
      if (this.#ending) return;
      const patienceMs = fresh.length > 0 ? playlist.targetDurationMs : playlist.targetDurationMs / 2;
      await sleep(Math.max(0, loadedAt + patienceMs - wallClockMs()));
      if (this.#ending) return;
      loadedAt = wallClockMs();
      playlist = await this.#loadPlaylist(url);
    }
  }

  #skip(segments: number, durationMs: number): void {
    this.#household.tally.skipped(segments);
    this.#playedMs += segments * durationMs;
  }

  /** Playing starts with the first complete segment; each later one is due when those before it have been shown. */
  #show(durationMs: number, joinedAt: number): void {
    const now = wallClockMs();
    if (this.#playStartedAt === null) {
      this.#playStartedAt = now;
      this.#household.tally.joined(now - joinedAt);
    }
    const lateMs = now - (this.#playStartedAt + this.#playedMs);
    if (lateMs > 0) {
      this.#playStartedAt += lateMs;
      this.#household.tally.stalled(this.#viewer, lateMs);
    }
    this.#playedMs += durationMs;
  }

  async #loadPlaylist(url: string): Promise<ReadPlaylist> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await this.#client.getText(url, {
          headers: this.#household.headersOf(this.#viewer),
          timeoutMs: REQUEST_TIMEOUT_MS,
        });
        if (response.status !== 200) throw new Error(`status ${response.status}`);
        const playlist = readPlaylist(response.text, response.url);
        this.#household.tally.playlist(response.totalMs);
        return playlist;
      } catch (error) {
        if (!this.#left) this.#household.tally.fault('playlistErrors', messageOf(error));
        if (this.#ending || attempt === PLAYLIST_ATTEMPTS) throw error;
        await sleep(200);
      }
    }
  }

  async #loadSegment({ url, sequence }: ReadPlaylist['segments'][number]): Promise<void> {
    const { tally } = this.#household;
    for (let attempt = 1; attempt <= SEGMENT_ATTEMPTS && !this.#left; attempt += 1) {
      try {
        const { defect, ...response } = await this.#verified(url, sequence);
        if (defect === null) return tally.segment(response.bodyBytes, response.ttfbMs, response.totalMs);
        tally.fault('corrupt', defect);
      } catch (error) {
        if (!this.#left) tally.fault('segmentErrors', messageOf(error));
      }
      if (!this.#ending) await sleep(100);
    }
  }

  async #verified(url: string, sequence: number) {
    const verifier = new SegmentVerifier({ library: this.#household.library, channel: this.#channel, sequence });
    const response = await this.#client.get(url, {
      headers: this.#household.headersOf(this.#viewer),
      timeoutMs: REQUEST_TIMEOUT_MS,
      onHead: ({ status }) => {
        if (status !== 200) throw new Error(`status ${status}`);
      },
      onData: (bytes) => verifier.push(bytes),
    });
    return { ...response, defect: verifier.finish() };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
