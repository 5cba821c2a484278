import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Gone, spawnRelay, type Ask } from './relay-process.ts';
import { findFileFaults, findOpenFiles, reopen } from './reopen.ts';

/**
 * What a relay is asked to do until it is killed, and how to tell afterwards what it did. `past` holds what undoing leads back to, the
 * newest last; its last element is how things are.
 */
export type Story<State> = {
  name: string;
  /** Brings a fresh relay to the first state. */
  begin: (ask: Ask) => Promise<State>;
  next: (past: readonly State[], random: () => number) => Operation<State>;
  /** What a relay says of its state, in lines. */
  observe: (ask: Ask) => Promise<string[]>;
  /** What it should say. */
  linesOf: (state: State) => string[];
  /** How many operations are done at most before the one in the middle of which the relay is killed. */
  mostBefore: number;
};

export type Operation<State> = {
  /** In words; those of a kind take about as long as each other. */
  kind: string;
  perform: (ask: Ask) => Promise<unknown>;
  /** The past once it is done. */
  after: readonly State[];
};

/** Where the data folder lies, and what happens to it when the relay dies. */
export type Disk = { folder: string; strike: () => Promise<void> };

/** What came of killing a relay again and again. */
export type Toll = {
  kills: number;
  /** Operations that were confirmed; all of them were found again. */
  confirmed: number;
  /** Operations that were under way and found done; all others were found not begun. */
  done: number;
  undone: number;
  largestWalBytes: number;
};

/** Before an operation of a kind has been seen. */
const UNKNOWN_MS = 300;
const LONGER_THAN_USUAL = 1.3;

type Fire = { times: number; random: () => number; disk: Disk; onKill?: (killed: number) => void };

/** Kills a relay `times` times in the middle of its story. Throws at the first thing that is lost, half done or left over. */
export async function putUnderFire<State>(story: Story<State>, fire: Fire): Promise<Toll> {
  const { disk, random, times } = fire;
  const toll: Toll = { kills: 0, confirmed: 0, done: 0, undone: 0, largestWalBytes: 0 };
  const usualMs = new Map<string, number>();
  let past: readonly State[] = [await reopen(disk.folder, story.begin)];
  while (toll.kills < times) {
    const survivor = await killMidway(story, { ...fire, past, usualMs });
    past = survivor.past;
    toll.kills += 1;
    toll.confirmed += survivor.confirmed;
    toll.largestWalBytes = Math.max(toll.largestWalBytes, await sizeOf(join(disk.folder, 'channels.sqlite-wal')));
    const { attempt } = survivor;
    const wherever = `kill ${toll.kills} of "${story.name}", ${attempt.kind}`;
    none(await findOpenFiles(disk.folder), wherever);
    await reopen(disk.folder, async (ask) => {
      const found = await story.observe(ask);
      if (isDeepStrictEqual(found, story.linesOf(newest(attempt.after)))) {
        toll.done += 1;
        past = attempt.after;
      }
      same(found, story.linesOf(newest(past)), wherever);
      if (past.length < 2 || random() < 0.7) return;
      await ask('channels.undo', {});
      past = past.slice(0, -1);
      same(await story.observe(ask), story.linesOf(newest(past)), `undoing after ${wherever}`);
      toll.undone += 1;
    });
    none(await findFileFaults(disk.folder), wherever);
    fire.onKill?.(toll.kills);
  }
  return toll;
}

/** Runs the story until the relay is dead: at a random moment of an operation, or a little later than it usually takes. */
async function killMidway<State>(
  story: Story<State>,
  { disk, random, usualMs, ...before }: Fire & { past: readonly State[]; usualMs: Map<string, number> },
): Promise<{ past: readonly State[]; attempt: Operation<State>; confirmed: number }> {
  const relay = spawnRelay(disk.folder);
  const ask = await relay.listening;
  const last = Math.floor(random() * (story.mostBefore + 1));
  let killed: Promise<void> | undefined;
  let { past } = before;
  for (let confirmed = 0; ; confirmed += 1) {
    const operation = story.next(past, random);
    const { kind } = operation;
    const startedAt = performance.now();
    if (confirmed === last)
      killed = sleep(random() * LONGER_THAN_USUAL * (usualMs.get(kind) ?? UNKNOWN_MS)).then(() => relay.kill());
    try {
      await operation.perform(ask);
    } catch (error) {
      await (error instanceof Gone ? killed : relay.kill());
      if (!(error instanceof Gone)) throw error;
      await disk.strike();
      return { past, attempt: operation, confirmed };
    }
    usualMs.set(kind, performance.now() - startedAt);
    past = operation.after;
  }
}

export function newest<State>(past: readonly State[]): State {
  const last = past.at(-1);
  if (last === undefined) throw new Error('a past is never empty');
  return last;
}

export function none(faults: readonly string[], wherever: string): void {
  if (faults.length > 0) throw new Error(`${wherever}:\n${faults.join('\n')}`);
}

export function same(found: readonly string[], expected: readonly string[], wherever: string): void {
  if (isDeepStrictEqual(found, expected)) return;
  const extra = found.filter((line) => !expected.includes(line));
  const missing = expected.filter((line) => !found.includes(line));
  const some = (lines: readonly string[]): string => `${lines.length}, as ${lines.slice(0, 5).join(' | ')}`;
  throw new Error(`${wherever}:\nmissing ${some(missing)}\nunexpected ${some(extra)}`);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}
