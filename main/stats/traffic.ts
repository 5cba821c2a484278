import type { Flow, Traffic as TrafficFigures } from '../../shared/stats.ts';
import { Rate } from './rate.ts';

/** Body bytes, counted once and only when they really travelled. */
export type ByteCounts = Flow;

/** One response on its way to a TV. */
export type Transfer = {
  /** Body bytes that have left this machine so far. */
  sentBytes(): number;
};

/** Whose bytes a response's are besides its channel's. */
export type Receiver = { totalBytes: number };

/** What flowed since the sample before. */
export type TrafficSample = {
  total: Flow;
  /** Those through which something flowed. */
  channels: ReadonlyMap<string, Flow>;
};

/** Counts what flows from the providers and to the TVs, per channel, per receiver and in total. */
export type Traffic = {
  addFromSource(channelId: string, bytes: number): void;
  /** Follows a response; its bytes are read off now and then. Returns what to call when it is over. */
  follow(channelId: string, transfer: Transfer, receiver?: Receiver): () => void;
  /** All bytes until now; the longest idle of very many channels are left out, but never out of the total. */
  snapshot(): { total: ByteCounts; channels: ReadonlyMap<string, ByteCounts> };
  /** To be called once a second: rates are told from one to the next. @param uptime milliseconds of a clock that nobody sets */
  sample(uptime: number): TrafficSample;
  /** Bytes and rates as of the last sample; of the channels, those through which something flowed in the last 10 s. */
  figures(): { total: TrafficFigures; channels: ReadonlyMap<string, TrafficFigures> };
  /** The same of one channel, however idle. */
  figuresOf(channelId: string): TrafficFigures;
};

const MAX_CHANNELS = 5_000;

export function createTraffic(): Traffic {
  const total = new Meter();
  const channels = new Map<string, Meter>();
  const readings = new Set<() => void>();
  let sampledAt = 0;

  const meterOf = (channelId: string): Meter => {
    const known = channels.get(channelId);
    if (known !== undefined) return known;
    const fresh = new Meter();
    channels.set(channelId, fresh);
    return fresh;
  };

  const readAll = (): void => {
    for (const read of readings) read();
  };

  return {
    addFromSource(channelId, bytes) {
      total.counts.fromSource += bytes;
      meterOf(channelId).counts.fromSource += bytes;
    },

    follow(channelId, transfer, receiver) {
      const { counts } = meterOf(channelId);
      let counted = 0;
      const read = (): void => {
        const sent = transfer.sentBytes();
        total.counts.toClients += sent - counted;
        counts.toClients += sent - counted;
        if (receiver !== undefined) receiver.totalBytes += sent - counted;
        counted = sent;
      };
      readings.add(read);
      return () => {
        read();
        readings.delete(read);
      };
    },

    snapshot() {
      readAll();
      return {
        total: { ...total.counts },
        channels: new Map([...channels].map(([id, { counts }]) => [id, { ...counts }])),
      };
    },

    sample(uptime) {
      readAll();
      const flows = new Map<string, Flow>();
      for (const [channelId, meter] of channels) {
        const flow = meter.sample(sampledAt, uptime);
        if (flow !== undefined) flows.set(channelId, flow);
      }
      const all = total.sample(sampledAt, uptime) ?? { fromSource: 0, toClients: 0 };
      sampledAt = uptime;
      if (channels.size > MAX_CHANNELS) forgetIdle(channels);
      return { total: all, channels: flows };
    },

    figures() {
      const moving = [...channels].filter(([, meter]) => meter.isMoving);
      return { total: total.figures(), channels: new Map(moving.map(([id, meter]) => [id, meter.figures()])) };
    },

    figuresOf: (channelId) => (channels.get(channelId) ?? new Meter()).figures(),
  };
}

/** Bytes of one channel, or of all. Rates cost something only while anything flows. */
class Meter {
  readonly counts: Flow = { fromSource: 0, toClients: 0 };
  #sampled: Flow = { fromSource: 0, toClients: 0 };
  #rates: { fromSource: Rate; toClients: Rate } | undefined;
  #movedAt = 0;

  get isMoving(): boolean {
    return this.#rates !== undefined;
  }

  get movedAt(): number {
    return this.#movedAt;
  }

  /** @returns what flowed since the sample before, if anything did */
  sample(before: number, at: number): Flow | undefined {
    const { counts } = this;
    const sampled = this.#sampled;
    const flow = {
      fromSource: counts.fromSource - sampled.fromSource,
      toClients: counts.toClients - sampled.toClients,
    };
    const hasMoved = flow.fromSource > 0 || flow.toClients > 0;
    if (hasMoved) {
      this.#movedAt = at;
      this.#sampled = { ...counts };
      this.#rates ??= {
        fromSource: new Rate(before, sampled.fromSource),
        toClients: new Rate(before, sampled.toClients),
      };
    }
    this.#rates?.fromSource.sample(at, counts.fromSource);
    this.#rates?.toClients.sample(at, counts.toClients);
    if (this.#rates?.fromSource.isStill === true && this.#rates.toClients.isStill) this.#rates = undefined;
    return hasMoved ? flow : undefined;
  }

  figures(): TrafficFigures {
    const speed = (seconds: 1 | 10): Flow => ({
      fromSource: this.#rates?.fromSource.perSecond(seconds) ?? 0,
      toClients: this.#rates?.toClients.perSecond(seconds) ?? 0,
    });
    return { totalBytes: { ...this.counts }, bytesPerSecond: speed(1), bytesPerSecond10: speed(10) };
  }
}

/** A tenth at a time, so that not every sample has to. */
function forgetIdle(channels: Map<string, Meter>): void {
  const idle = [...channels].filter(([, meter]) => !meter.isMoving).toSorted(([, a], [, b]) => a.movedAt - b.movedAt);
  for (const [channelId] of idle.slice(0, channels.size - MAX_CHANNELS * 0.9)) channels.delete(channelId);
}
