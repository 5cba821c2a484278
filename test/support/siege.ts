import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { m3uOf, startHeadless, type Headless } from './headless.ts';
import { startOrigin } from './origin.ts';
import { channelUrl } from './origin-settings.ts';
import { readProcessUsage } from './process-usage.ts';
import { runViewers, type ViewersReport } from './viewers.ts';

/** A relay in a process of its own, with a live channel that TVs watch, and whatever an attack needs. */
export type Siege = AsyncDisposable & {
  relay: Headless;
  port: number;
  /**
   * Lets TVs play while the attack goes on, and `seconds` at least.
   * @returns what was wrong with what they saw: nothing, if the relay holds
   */
  during: (attack: () => Promise<void>, seconds?: number) => Promise<Disturbance>;
  /** What the relay's process takes, in MiB; 0 where the system does not tell. */
  memoryMiB: () => Promise<number>;
  /** Lines of the log that speak of a bug. */
  bugs: () => Promise<string[]>;
};

/** Faults by their cause, and segments that came after they were due: two target durations and more late. */
export type Disturbance = { causes: ViewersReport['causes']; stalls: number; hasPlayed: boolean };

/** What a test expects. */
export const UNDISTURBED: Disturbance = { causes: {}, stalls: 0, hasPlayed: true };

const TVS = 4;
const LIVE_CHANNEL = 0;

export type SiegeOptions = {
  /** Sources of further channels by tvg-id, for attacks to use. */
  channels?: Readonly<Record<string, string>>;
  flags?: readonly string[];
  nodeArgs?: readonly string[];
  /** Where the relay keeps its data; otherwise in a folder that goes with it. */
  dataFolder?: string;
};

export async function startSiege({
  channels = {},
  flags = [],
  nodeArgs = [],
  dataFolder,
}: SiegeOptions = {}): Promise<Siege> {
  await using cleanup = new AsyncDisposableStack();
  const origin = cleanup.use(await startOrigin({ segmentBytes: 60_160, segmentSeconds: 2, windowSegments: 8 }));
  const list = Object.entries({ live: channelUrl(origin.url, LIVE_CHANNEL), ...channels });
  const relay = cleanup.use(
    await startHeadless({
      ...{ flags, nodeArgs },
      list: m3uOf(list.map(([id, url]) => ({ id, url }))),
      ...(dataFolder !== undefined && { dataFolder }),
    }),
  );
  const owned = cleanup.move();

  return {
    relay,
    port: Number(new URL(relay.relay).port),
    async during(attack, seconds = 2) {
      const playing = runViewers({
        playlistUrl: () => relay.channelUrl('ch_live'),
        ...{ viewers: TVS, channels: 1, rampSeconds: 0.2, measureSeconds: seconds },
      });
      // Once they play, because a TV that does not get in at all has no picture to lose.
      await sleep(1_000);
      await attack();
      const { causes, stalls, segments } = await playing;
      return { causes, stalls, hasPlayed: segments >= TVS * 3 };
    },
    async memoryMiB() {
      return ((await readProcessUsage(relay.pid))?.rssBytes ?? 0) / 1024 / 1024;
    },
    async bugs() {
      const log = await readFile(`${relay.dataFolder}/hearthcast.log`, 'utf8');
      return log.split('\n').filter((line) => /"level":(?:50|60)|ran into a bug/.test(line));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
