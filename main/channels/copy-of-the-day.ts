import { statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { draftOf, moveIntoPlace, syncFile } from '../durable-file.ts';
import type { Logger } from '../log.ts';
import { dailyCopyOf } from './database.ts';
import { copyDatabase } from './off-thread.ts';

const DAY_MS = 86_400_000;

/** Keeps a copy of the channel database beside it that is at most a day old: what it is replaced by when it is damaged. */
export function createCopyOfTheDay({
  file,
  isWorthIt,
  log,
  now,
}: {
  file: string;
  /** An empty database must not take the place of a full one. */
  isWorthIt: () => boolean;
  log: Logger;
  now: () => number;
}): { start: () => void; stop: () => Promise<void> } {
  const copy = dailyCopyOf(file);
  const draft = draftOf(copy);
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  /** With the journal that SQLite keeps beside it while it writes. */
  async function discardDraft(): Promise<void> {
    for (const suffix of ['', '-journal']) await rm(draft + suffix, { force: true }).catch(() => undefined);
  }

  async function renew(): Promise<void> {
    // Asked before anything is waited for: what is imported meanwhile is not what the database was opened with.
    const isWanted = isWorthIt();
    // Of a copy that a crash cut short.
    await discardDraft();
    const ageMs = now() - writtenAt(copy);
    // One from the future was made before the clock was set right.
    if (!isWanted || (ageMs >= 0 && ageMs < DAY_MS)) return;
    try {
      // Owner only, like the original.
      await (await open(draft, 'w', 0o600)).close();
      await copyDatabase(file, draft);
      await syncFile(draft);
      await moveIntoPlace(draft, copy);
    } catch (error) {
      await discardDraft();
      log.warn({ err: error }, 'The channel database could not be copied today.');
    }
  }

  return {
    start: () => {
      running = renew();
      timer = setInterval(() => {
        running = running.then(renew);
      }, DAY_MS / 4).unref();
    },
    stop: () => {
      clearInterval(timer);
      return running;
    },
  };
}

function writtenAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
}
