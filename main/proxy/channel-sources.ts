import type { Source } from '../../shared/channel.ts';
import { reachOfHost } from '../origin/address-guard.ts';
import { createCookies } from '../origin/cookies.ts';
import type { Identity } from '../origin/origin-client.ts';

/** The upstreams of one channel: which to use, and how to introduce oneself there. */
export type ChannelSources = {
  /** Indexes in the order to try them: the preferred ones first, those that failed lately last. */
  candidates(): number[];
  url(index: number): string;
  /** What its requests have in common. An index that a changed list no longer has is the first. */
  identity(index: number): Identity;
  succeeded(index: number): void;
  failed(index: number): void;
  /** Share of loads that went well, per source; `undefined` before the first. */
  successRates(): (number | undefined)[];
};

const FIRST_PARKING_MS = 30_000;
const LONGEST_PARKING_MS = 15 * 60_000;

export function createChannelSources(
  sources: readonly [Source, ...Source[]],
  {
    userAgent,
    lanHosts,
    onBytes,
    now,
  }: { userAgent: string; lanHosts: readonly string[]; onBytes: (bytes: number) => void; now: () => number },
): ChannelSources {
  const states = sources.map((source) => ({
    url: source.url,
    identity: {
      sourceUrl: source.url,
      headers: { Accept: '*/*', 'User-Agent': userAgent, ...source.headers },
      cookies: createCookies(),
      reach: reachOfHost(URL.parse(source.url)?.hostname ?? '', lanHosts),
      onBytes,
    } satisfies Identity,
    parkedUntil: 0,
    parkingMs: FIRST_PARKING_MS,
    loads: 0,
    successes: 0,
  }));
  const stateOf = (index: number) => states[index] ?? first(states);

  return {
    candidates() {
      const indexes = states.map((_, index) => index);
      const isParked = (index: number): boolean => stateOf(index).parkedUntil > now();
      return [...indexes.filter((index) => !isParked(index)), ...indexes.filter(isParked)];
    },
    url: (index) => stateOf(index).url,
    identity: (index) => stateOf(index).identity,
    succeeded(index) {
      const state = stateOf(index);
      state.loads += 1;
      state.successes += 1;
      state.parkedUntil = 0;
      state.parkingMs = FIRST_PARKING_MS;
    },
    failed(index) {
      const state = stateOf(index);
      state.loads += 1;
      state.parkedUntil = now() + state.parkingMs;
      state.parkingMs = Math.min(LONGEST_PARKING_MS, state.parkingMs * 2);
    },
    successRates: () => states.map(({ loads, successes }) => (loads === 0 ? undefined : successes / loads)),
  };
}

function first<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new RangeError('a channel has at least one source');
  return item;
}
