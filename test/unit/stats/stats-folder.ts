import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../../main/log.ts';
import { createStatsDatabase, type StatsDatabase } from '../../../main/stats/database.ts';

/** A folder for statistics that goes with the test. */
export async function statsFolder(): Promise<{ file: string } & AsyncDisposable> {
  const folder = await mkdtempDisposable(path.join(tmpdir(), 'hearthcast-stats-'));
  return { file: path.join(folder.path, 'stats.sqlite'), [Symbol.asyncDispose]: () => folder.remove() };
}

/** An open database; nothing of it is kept after the test unless a file is given. */
export async function openDatabase(file = ':memory:'): Promise<StatsDatabase & AsyncDisposable> {
  const database = createStatsDatabase({ file, log: silentLogger, now: Date.now });
  await database.start?.();
  return Object.assign(database, { [Symbol.asyncDispose]: async () => database.stop?.() });
}
