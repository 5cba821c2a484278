import { watch } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnRelay, type Ask, type RelayProcess } from './relay-process.ts';
import { findFileFaults, findOpenFiles, reopen } from './reopen.ts';
import { none, same } from './under-fire.ts';

/** Something that a relay does by itself when it starts. */
export type StartStory = {
  name: string;
  /** Brings the data folder to where the work is due. */
  prepare: () => Promise<void>;
  /** What the relay has to say afterwards, whenever it was killed. */
  observe: (ask: Ask) => Promise<string[]>;
  expected: readonly string[];
  /** Looks at the folder of a dead relay, and of one that was stopped in order afterwards; a sentence for each fault. */
  findFaults: () => Promise<{ faults: string[]; isDone: boolean }>;
  /** How long after its log appears the relay is killed at the latest, in the time from there until it accepts connections. */
  windowInStarts: number;
};

/** Kills, and how many of them came when the work was done already. */
export type StartToll = { kills: number; done: number };

/** The first thing that a relay writes. */
const LOG = 'hearthcast.log';

/** Kills a relay `times` times while it starts. Throws at the first thing that is lost, half done or left over. */
export async function killWhileStarting(
  story: StartStory,
  {
    folder,
    times,
    random,
    onKill,
  }: { folder: string; times: number; random: () => number; onKill?: (killed: number) => void },
): Promise<StartToll> {
  const toll: StartToll = { kills: 0, done: 0 };
  const startMs = await measureStart(story, folder);
  while (toll.kills < times) {
    const relay = await beginStart(story, folder);
    await sleep(random() * story.windowInStarts * startMs);
    await relay.kill();
    toll.kills += 1;
    const wherever = `kill ${toll.kills} of "${story.name}"`;
    none(await findOpenFiles(folder), wherever);
    const { faults, isDone } = await story.findFaults();
    none(faults, wherever);
    if (isDone) toll.done += 1;
    same(await reopen(folder, story.observe), story.expected, wherever);
    none(await findFileFaults(folder), wherever);
    none((await story.findFaults()).faults, `restart after ${wherever}`);
    onKill?.(toll.kills);
  }
  return toll;
}

/** Resolves when the relay is about to do its work. */
async function beginStart(story: StartStory, folder: string): Promise<RelayProcess> {
  await story.prepare();
  await rm(join(folder, LOG), { force: true });
  const relay = spawnRelay(folder);
  await appearance(folder, LOG);
  return relay;
}

/** From there until it accepts connections, on this machine as it is now. */
async function measureStart(story: StartStory, folder: string): Promise<number> {
  const relay = await beginStart(story, folder);
  const begunAt = performance.now();
  await relay.listening;
  await relay.kill();
  return performance.now() - begunAt;
}

async function appearance(folder: string, name: string): Promise<void> {
  const seen = Promise.withResolvers<void>();
  const watcher = watch(folder, (_event, changed) => {
    if (changed === name) seen.resolve();
  });
  try {
    await seen.promise;
  } finally {
    watcher.close();
  }
}
