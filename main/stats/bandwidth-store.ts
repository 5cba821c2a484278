import type { Part } from '../lifecycle.ts';
import type { ByteCounts } from './traffic.ts';

/** The hash that other programs read the bandwidth from. */
export const BANDWIDTH_KEY = 'proxy:bandwidth_stats';

/** What is asked of the store; any of it may reject at any time. */
export type HashStore = {
  /** Undefined for one of more fields than relays write. */
  readHash(key: string): Promise<Record<string, string> | undefined>;
  delete(key: string): Promise<void>;
  writeHash(
    key: string,
    fields: Record<string, string | number>,
    removed: readonly string[],
    ttlMs: number,
  ): Promise<void>;
};

export type BandwidthStoreDeps = {
  store: () => HashStore;
  /** Totals since the start. */
  totals: () => ByteCounts;
  relayId: string;
  /** Milliseconds since 1970, which all relays compare. */
  now: () => number;
  /** Milliseconds of a clock that is never set back. */
  steady: () => number;
};

const WRITE_EVERY_MS = 1_000;
const EXPIRY_MS = 60_000;
const FIELDS = ['source_bytes', 'client_bytes', 'source_bytes_per_second', 'client_bytes_per_second'] as const;
type Field = (typeof FIELDS)[number];

/**
 * Once a second, writes what flowed through this relay into the hash, as `relay:<id>:<field>`, and the sums over all relays that
 * wrote within the last minute, as `<field>`. Bytes are body bytes since the start of each relay; `updated_at` is in milliseconds since 1970.
 */
export function createBandwidthStore({ store, totals, relayId, now, steady }: BandwidthStoreDeps): Part {
  let timer: NodeJS.Timeout | undefined;
  let before = { counts: totals(), at: steady() };

  async function write(): Promise<void> {
    const [counts, at] = [totals(), steady()];
    const seconds = Math.max(0.001, (at - before.at) / 1000);
    const own: Record<Field, number> = {
      source_bytes: counts.fromSource,
      client_bytes: counts.toClients,
      source_bytes_per_second: Math.round((counts.fromSource - before.counts.fromSource) / seconds),
      client_bytes_per_second: Math.round((counts.toClients - before.counts.toClients) / seconds),
    };
    before = { counts, at };
    const hash = await store().readHash(BANDWIDTH_KEY);
    // Whatever made it so long, its relays say their figures again within a second.
    if (hash === undefined) await store().delete(BANDWIDTH_KEY);
    const { fields, removed } = mergeRelays(hash ?? {}, { relayId, own, at: now() });
    await store().writeHash(BANDWIDTH_KEY, fields, removed, EXPIRY_MS);
  }

  return {
    name: 'bandwidth store',
    start() {
      timer = setInterval(() => {
        write().catch(() => undefined); // said by the store
      }, WRITE_EVERY_MS).unref();
    },
    stop() {
      clearInterval(timer);
    },
  };
}

/** The fields to write: one relay's own and the sums, and those to remove of relays that have been silent for a minute. */
export function mergeRelays(
  hash: Readonly<Record<string, string>>,
  { relayId, own, at }: { relayId: string; own: Record<Field, number>; at: number },
): { fields: Record<string, number>; removed: string[] } {
  const others = new Set(Object.keys(hash).map(relayOf));
  for (const id of ['', relayId]) others.delete(id);
  const live = new Set([...others].filter((id) => Math.abs(at - countIn(hash, id, 'updated_at')) < EXPIRY_MS));
  const sum = (field: Field): number => [...live].reduce((total, id) => total + countIn(hash, id, field), own[field]);
  return {
    fields: {
      ...Object.fromEntries(FIELDS.map((field) => [field, sum(field)])),
      relays: live.size + 1,
      updated_at: at,
      ...Object.fromEntries(FIELDS.map((field) => [`relay:${relayId}:${field}`, own[field]])),
      [`relay:${relayId}:updated_at`]: at,
    },
    removed: Object.keys(hash).filter((name) => others.has(relayOf(name)) && !live.has(relayOf(name))),
  };
}

/** Whose field it is; empty: of all. */
function relayOf(field: string): string {
  return /^relay:([^:]+):/.exec(field)?.[1] ?? '';
}

/** 0 for what is no count: other programs may write there too. */
function countIn(hash: Readonly<Record<string, string>>, id: string, field: Field | 'updated_at'): number {
  const value = Number(hash[`relay:${id}:${field}`]);
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
