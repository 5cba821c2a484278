import { m3uOf, startHeadless, type Headless } from '../support/headless.ts';
import { startOriginProcess } from '../support/origin-child.ts';
import type { Origin } from '../support/origin.ts';
import { channelUrl } from '../support/origin-settings.ts';

/** How a benchmark is run. */
export type BenchOptions = {
  /** Whether the relay is what `npm run build` made; the source otherwise. */
  built: boolean;
  /** Length of one flood. */
  floodSeconds: number;
  /** Length of one evening of TVs, joining not included. */
  televisionSeconds: number;
  /** Floods, storms and starts are repeated this often, interleaved with their reference; the median counts. */
  repeats: number;
};

/** The server has a core for itself; the load and the origin share the other. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

/** Small enough to be full within one evening of TVs, large enough for what ten channels have in use. */
export const MEMORY_CACHE_MIB = 96;

/** A relay whose channels `ch_kit0`, `ch_kit1`, ... are those of a synthetic origin. */
export type Setting = AsyncDisposable & {
  origin: Origin;
  relay: Headless;
  /** The relay's URL of the origin's channel. */
  playlistUrl: (channel: number) => string;
};

const CHANNELS = 50;

/** Starts an origin and a relay in front of it. */
export async function startSetting({ built }: Pick<BenchOptions, 'built'>): Promise<Setting> {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(await startOriginProcess({}, { core: LOAD_CORE }));
  const channels = Array.from({ length: CHANNELS }, (_, channel) => channelEntry(origin.url, channel));
  const flags = ['--memory-cache-mib', String(MEMORY_CACHE_MIB), '--log-level', 'warn'];
  const relay = stack.use(await startHeadless({ built, core: SERVER_CORE, list: m3uOf(channels), flags }));
  const started = stack.move();
  return {
    origin,
    relay,
    playlistUrl: (channel) => relay.channelUrl(`ch_kit${channel}`),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function channelEntry(originUrl: string, channel: number): { id: string; url: string } {
  return { id: `kit${channel}`, url: channelUrl(originUrl, channel) };
}
