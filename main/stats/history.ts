import type { DatabaseSync } from 'node:sqlite';
import { HISTORY_STEP_SECONDS, type Flow, type HistoryRange, type HistorySample } from '../../shared/stats.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { StatsDatabase } from './database.ts';
import type { TrafficSample } from './traffic.ts';

/** What flowed when. */
export type History = Part & {
  /** Takes in what flowed in the last second. @param sample with its moment, in milliseconds since 1970 */
  add(sample: TrafficSample & { at: number }): void;
  /** The complete steps of a range, oldest first, without those in which the relay did not run. Null: all channels together. */
  query(range: HistoryRange, channelId: string | null): { stepSeconds: number; samples: HistorySample[] };
};

/** Steps kept in memory: 10 minutes and 2 hours. */
const RING_STEPS = { '10m': 600, '2h': 720 } as const;
const LONG_STEP_SECONDS = HISTORY_STEP_SECONDS['30d'];
const LONG_RANGE_MS = 30 * 24 * 3_600_000;
const LONG_RANGE_STEPS = LONG_RANGE_MS / (LONG_STEP_SECONDS * 1000);
/** Channels with a history: about 30 KB each in memory. */
const MAX_CHANNELS = 300;
/** The total's name in the database: no channel has it. */
const ALL = '';

/**
 * The last 10 minutes and 2 hours are held in memory, the 5-minute steps of the last 30 days in the database, written as they
 * become complete.
 */
export function createHistory({ database, log }: { database: StatsDatabase; log: Logger }): History {
  const total = new Series();
  const channels = new Map<string, Series>();
  /** What flowed in the 5-minute step under way, for the database. */
  let pending = { step: 0, flows: new Map<string, Flow>() };

  function seriesOf(channelId: string): Series {
    const series = channels.get(channelId) ?? new Series();
    // Moved to the end: what is at the beginning has been idle longest.
    channels.delete(channelId);
    channels.set(channelId, series);
    return series;
  }

  function forgetIdle(): void {
    for (const channelId of channels.keys()) {
      if (channels.size <= MAX_CHANNELS) return;
      channels.delete(channelId);
    }
  }

  function write(): void {
    const { step, flows } = pending;
    pending = { step: 0, flows: new Map() };
    if (flows.size === 0 || database.connection === undefined) return;
    try {
      writeStep(database.connection, step, busiest(flows));
    } catch (error) {
      log.warn({ err: error }, 'Five minutes of statistics could not be kept.');
    }
  }

  return {
    name: 'history',
    stop: write,

    add({ at, total: flow, channels: flows }) {
      const second = Math.round(at / 1000);
      total.add(second, flow);
      const step = Math.ceil(second / LONG_STEP_SECONDS);
      // Not `>`: a clock may be set back.
      if (step !== pending.step) {
        if (pending.step > 0) write();
        pending.step = step;
      }
      addTo(pending.flows, ALL, flow);
      for (const [channelId, channelFlow] of flows) {
        seriesOf(channelId).add(second, channelFlow);
        addTo(pending.flows, channelId, channelFlow);
      }
      forgetIdle();
    },

    query(range, channelId) {
      const stepSeconds = HISTORY_STEP_SECONDS[range];
      if (range === '30d') {
        const { connection } = database;
        return { stepSeconds, samples: connection === undefined ? [] : readSteps(connection, channelId ?? ALL) };
      }
      const series = channelId === null ? total : (channels.get(channelId) ?? new Series());
      const steps = total.steps(range);
      return {
        stepSeconds,
        samples: steps.map((step) => ({ at: step * stepSeconds * 1000, ...series.at(range, step) })),
      };
    },
  };
}

/** One channel's flow, or everybody's, at the two resolutions that are held in memory. */
class Series {
  readonly #rings = {
    '10m': new Ring(RING_STEPS['10m']),
    '2h': new Ring(RING_STEPS['2h']),
  };

  add(second: number, flow: Flow): void {
    this.#rings['10m'].add(second, flow);
    this.#rings['2h'].add(Math.ceil(second / HISTORY_STEP_SECONDS['2h']), flow);
  }

  at(range: keyof typeof RING_STEPS, step: number): Flow {
    return this.#rings[range].at(step) ?? { fromSource: 0, toClients: 0 };
  }

  /** The steps that are known and complete, oldest first. */
  steps(range: keyof typeof RING_STEPS): number[] {
    // A second is complete when it is added; ten are when the next ten have begun.
    return range === '10m' ? this.#rings[range].steps() : this.#rings[range].steps().slice(0, -1);
  }
}

/** How far a clock may go back and still count as trimmed. */
const TRIMMED_STEPS = 10;

/** The newest steps of a series, in cells that are used again and again. */
class Ring {
  readonly #steps: Float64Array;
  readonly #fromSource: Float64Array;
  readonly #toClients: Float64Array;
  #newest = 0;

  constructor(size: number) {
    this.#steps = new Float64Array(size);
    this.#fromSource = new Float64Array(size);
    this.#toClients = new Float64Array(size);
  }

  add(step: number, { fromSource, toClients }: Flow): void {
    // A clock that is trimmed must not write over what is newer; one that was set back was wrong before.
    if (step + TRIMMED_STEPS < this.#newest) this.#forgetFrom(step);
    this.#newest = Math.max(step, this.#newest);
    const cell = this.#newest % this.#steps.length;
    const isUsed = this.#steps[cell] === this.#newest;
    this.#steps[cell] = this.#newest;
    this.#fromSource[cell] = (isUsed ? (this.#fromSource[cell] ?? 0) : 0) + fromSource;
    this.#toClients[cell] = (isUsed ? (this.#toClients[cell] ?? 0) : 0) + toClients;
  }

  #forgetFrom(step: number): void {
    for (const [cell, known] of this.#steps.entries()) {
      if (known >= step) this.#steps[cell] = 0;
    }
    this.#newest = step;
  }

  at(step: number): Flow | undefined {
    const cell = step % this.#steps.length;
    if (this.#steps[cell] !== step) return undefined;
    return { fromSource: this.#fromSource[cell] ?? 0, toClients: this.#toClients[cell] ?? 0 };
  }

  steps(): number[] {
    const oldest = this.#newest - this.#steps.length;
    return [...this.#steps]
      .filter((step) => step > 0 && step > oldest && step <= this.#newest)
      .toSorted((a, b) => a - b);
  }
}

function addTo(flows: Map<string, Flow>, channelId: string, { fromSource, toClients }: Flow): void {
  const known = flows.get(channelId);
  if (known === undefined) {
    flows.set(channelId, { fromSource, toClients });
    return;
  }
  known.fromSource += fromSource;
  known.toClients += toClients;
}

/** The total, which is always there, and the channels through which most flowed. */
function busiest(flows: ReadonlyMap<string, Flow>): [string, Flow][] {
  const volume = ({ fromSource, toClients }: Flow): number => fromSource + toClients;
  return [...flows].toSorted(([, a], [, b]) => volume(b) - volume(a)).slice(0, MAX_CHANNELS);
}

function writeStep(connection: DatabaseSync, step: number, flows: readonly [string, Flow][]): void {
  const at = step * LONG_STEP_SECONDS * 1000;
  // A relay that was restarted within a step adds to it.
  const insert = connection.prepare(`
    INSERT INTO samples (channel, at, from_source, to_clients) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET from_source = from_source + excluded.from_source, to_clients = to_clients + excluded.to_clients
  `);
  connection.exec('BEGIN IMMEDIATE');
  try {
    for (const [channelId, { fromSource, toClients }] of flows) insert.run(channelId, at, fromSource, toClients);
    // By their number and not by the clock, which may be a year wrong for a minute; what it dated ahead goes when it is right again.
    connection
      .prepare(
        `DELETE FROM samples WHERE at > ?1
         OR at <= (SELECT at FROM samples WHERE channel = '${ALL}' AND at <= ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)`,
      )
      .run(at, LONG_RANGE_STEPS);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

/** A channel has no row for a step in which nothing flowed through it; the total has one for each in which the relay ran. */
function readSteps(connection: DatabaseSync, channelId: string): HistorySample[] {
  const rows = connection
    .prepare(
      `SELECT step.at, coalesce(own.from_source, 0) AS fromSource, coalesce(own.to_clients, 0) AS toClients
       FROM samples AS step LEFT JOIN samples AS own ON own.at = step.at AND own.channel = ?
       WHERE step.channel = '${ALL}' AND step.at > (SELECT max(at) FROM samples WHERE channel = '${ALL}') - ?
       ORDER BY step.at`,
    )
    .all(channelId, LONG_RANGE_MS);
  return rows.map((row) => ({
    at: Number(row['at']),
    fromSource: Number(row['fromSource']),
    toClients: Number(row['toClients']),
  }));
}
