import { watch } from 'node:fs';
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
  /** The file whose appearance says that the work has begun. */
  begins: string;
  /** The file whose appearance says that it is done. */
  ends: string;
};

/** Kills, and how many of them came in the middle of the work; the others came when it was done already. */
export type StartToll = { kills: number; inside: number };

/** Kills come a little after the usual end of the work at the latest. */
const LONGER_THAN_USUAL = 1.2;

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
  const toll: StartToll = { kills: 0, inside: 0 };
  const usualMs = await measureWork(story, folder);
  while (toll.kills < times) {
    const relay = await beginWork(story, folder);
    await sleep(random() * LONGER_THAN_USUAL * usualMs);
    await relay.kill();
    toll.kills += 1;
    const wherever = `kill ${toll.kills} of "${story.name}"`;
    none(await findOpenFiles(folder), wherever);
    const { faults, isDone } = await story.findFaults();
    none(faults, wherever);
    if (!isDone) toll.inside += 1;
    same(await reopen(folder, story.observe), story.expected, wherever);
    none(await findFileFaults(folder), wherever);
    none((await story.findFaults()).faults, `restart after ${wherever}`);
    onKill?.(toll.kills);
  }
  return toll;
}

/** Resolves when the relay has begun its work. */
async function beginWork(story: StartStory, folder: string): Promise<RelayProcess> {
  await story.prepare();
  const begun = appearance(folder, story.begins);
  const relay = spawnRelay(folder);
  await begun;
  return relay;
}

/** From there until it is done, on this machine as it is now. */
async function measureWork(story: StartStory, folder: string): Promise<number> {
  await story.prepare();
  const begun = appearance(folder, story.begins);
  const ended = appearance(folder, story.ends);
  const relay = spawnRelay(folder);
  await begun;
  const begunAt = performance.now();
  await ended;
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
