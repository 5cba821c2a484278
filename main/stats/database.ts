import { closeSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';

/** Where statistics outlive a restart. TVs never wait for it and never miss it. */
export type StatsDatabase = Part & {
  /** Open between start and stop. */
  readonly connection: DatabaseSync | undefined;
};

const LOCK_TIMEOUT_MS = 40;

/** What brings a database from each version to the next. Steps are never edited, only added. */
const UPGRADES: readonly string[] = [
  `
  CREATE TABLE samples (
    channel TEXT NOT NULL, -- empty: all channels together
    at INTEGER NOT NULL,
    from_source INTEGER NOT NULL,
    to_clients INTEGER NOT NULL,
    PRIMARY KEY (channel, at)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX samples_by_time ON samples (at);

  CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    address TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    since INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    total_bytes INTEGER NOT NULL,
    stalls INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];

/**
 * A database of its own, so that whatever happens to it touches no channel. One that is damaged is set aside and a new one begun; where
 * none can be opened, memory has to do. Either is said in the log.
 */
export function createStatsDatabase({
  file,
  log,
  now,
}: {
  file: string;
  log: Logger;
  now: () => number;
}): StatsDatabase {
  let connection: DatabaseSync | undefined;

  function open(): DatabaseSync {
    try {
      return openSound(file);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      const aside = setAside(file, now());
      log.warn({ aside }, `The statistics were damaged: they were set aside as ${path.basename(aside)}.`);
      return openSound(file);
    }
  }

  return {
    name: 'statistics database',
    start() {
      try {
        connection = open();
      } catch (error) {
        log.warn({ err: error }, 'The statistics cannot be kept: they begin anew with each start.');
        connection = openSound(':memory:');
      }
    },
    stop() {
      connection?.close();
      connection = undefined;
    },
    get connection() {
      return connection;
    },
  };
}

class Damaged extends Error {
  override readonly name = 'Damaged';
}

/** SQLite's primary result codes SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGE = new Set([11, 26]);

function openSound(file: string): DatabaseSync {
  if (file !== ':memory:') prepareFile(file);
  const database = new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS });
  try {
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > UPGRADES.length) throw new Error('a newer version of Hearthcast wrote the statistics');
    const check = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (check !== 'ok') throw new Damaged(String(check));
    // A power cut may lose the last write but never damages the file.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    for (const [index, step] of UPGRADES.slice(version).entries()) {
      database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${version + index + 1}; COMMIT`);
    }
    return database;
  } catch (error) {
    database.close();
    throw isDamage(error) ? new Damaged('no sound database', { cause: error }) : error;
  }
}

/** Owner only: who watches what is nobody else's business. */
function prepareFile(file: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  closeSync(openSync(file, 'a', 0o600));
}

function setAside(file: string, timestampMs: number): string {
  const aside = `${file}.corrupt-${new Date(timestampMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(file, aside);
  rmSync(`${file}-wal`, { force: true });
  rmSync(`${file}-shm`, { force: true });
  return aside;
}

function isDamage(error: unknown): boolean {
  if (error instanceof Damaged) return true;
  return error instanceof Error && 'errcode' in error && DAMAGE.has(Number(error.errcode) & 0xff);
}
