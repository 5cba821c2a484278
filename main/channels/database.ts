import { closeSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ProxyError, systemErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';

/** SQLite's primary result codes (sqlite.org/rescode.html) that mean something to people. */
const SQLITE = { busy: 5, readOnly: 8, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 };

/** Longer than any lock the app holds on itself, short enough not to be felt by TVs. */
const LOCK_TIMEOUT_MS = 40;

/**
 * What brings a database from each version to the next; the version is kept in `user_version`. Steps are never edited, only added.
 *
 * - `position` orders channels across lists: each list has a block of its own with gaps, so that one can be moved between two others.
 * - `list` of a channel is the list that names it; other lists may give it more sources.
 * - `edited` holds the names of the columns that a person changed: a list no longer changes those.
 * - `gone_at` marks a channel that its list dropped and that is kept because somebody edited it.
 */
const UPGRADES: readonly string[] = [
  `
  CREATE TABLE lists (
    key INTEGER PRIMARY KEY,
    origin TEXT NOT NULL UNIQUE,
    guide_urls TEXT NOT NULL DEFAULT '[]',
    refreshed_at INTEGER
  ) STRICT;

  CREATE TABLE channels (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    list INTEGER NOT NULL REFERENCES lists,
    position INTEGER NOT NULL,
    number INTEGER,
    name TEXT NOT NULL,
    group_title TEXT NOT NULL,
    logo TEXT NOT NULL,
    tvg_id TEXT NOT NULL,
    attributes TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1,
    favourite INTEGER NOT NULL DEFAULT 0,
    notes TEXT NOT NULL DEFAULT '',
    edited TEXT NOT NULL DEFAULT '[]',
    gone_at INTEGER
  ) STRICT;
  CREATE INDEX channels_in_order ON channels (enabled, position);

  CREATE TABLE sources (
    key INTEGER PRIMARY KEY,
    channel INTEGER NOT NULL REFERENCES channels ON DELETE CASCADE,
    list INTEGER NOT NULL REFERENCES lists,
    position INTEGER NOT NULL,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    UNIQUE (channel, list, position)
  ) STRICT;
  `,
];

/**
 * Opens the channel database for writing, made or brought up to date as needed. A file that is damaged or no database is set aside
 * and an empty one begun, because TVs can do without their old list more easily than without the relay.
 * @throws ProxyError BAD_DATABASE when a newer version of the app wrote it (nothing is changed) or another program holds it;
 * DATA_FOLDER when the folder or the file cannot be written.
 */
export function openChannelDatabase({
  file,
  log,
  now,
}: {
  file: string;
  log: Logger;
  now: () => number;
}): DatabaseSync {
  prepareFile(file);
  try {
    return openSound(file);
  } catch (error) {
    if (!isDamage(error)) throw toProxyError(error);
    const aside = setAside(file, now());
    log.warn(
      { aside },
      `The channel database was damaged: it was set aside as ${basename(aside)} and an empty one begun.`,
    );
  }
  prepareFile(file);
  return openSound(file);
}

/** What people are told of a failed read or write; other errors stay as they are. */
export function toProxyError(error: unknown): unknown {
  const cause = { cause: error };
  switch (resultCode(error)) {
    case SQLITE.busy:
      return new ProxyError('BAD_DATABASE', 'Another program is using the channel database.', cause);
    case SQLITE.full:
      return new ProxyError('DATA_FOLDER', 'The disk is full: the channels were not changed.', cause);
    case SQLITE.readOnly:
    case SQLITE.cannotOpen:
      return new ProxyError('DATA_FOLDER', 'The channel database cannot be written.', cause);
    default:
      return error;
  }
}

function openSound(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS });
  try {
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > UPGRADES.length) throw newerVersion();
    const check = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
    if (check !== 'ok') throw new DamagedDatabase(String(check));
    // A power cut may lose the last write but never damages the file; checkpoints are made off the main thread.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;');
    UPGRADES.slice(version).forEach((step, index) => upgrade(database, step, version + index + 1));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function upgrade(database: DatabaseSync, step: string, version: number): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(`${step}; PRAGMA user_version = ${version}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Owner only, like the settings: the addresses in it hold credentials. */
function prepareFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    closeSync(openSync(file, 'a', 0o600));
  } catch (cause) {
    const code = systemErrorCode(cause) ?? 'unknown error';
    throw new ProxyError('DATA_FOLDER', `The channel database ${file} cannot be written (${code}).`, { cause });
  }
}

function setAside(file: string, timestampMs: number): string {
  const aside = `${file}.corrupt-${new Date(timestampMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  renameSync(file, aside);
  rmSync(`${file}-wal`, { force: true });
  rmSync(`${file}-shm`, { force: true });
  return aside;
}

class DamagedDatabase extends Error {
  override readonly name = 'DamagedDatabase';
}

function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return error instanceof DamagedDatabase || code === SQLITE.corrupt || code === SQLITE.notADatabase;
}

/** SQLite's extended codes carry the primary one in their low byte. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

function newerVersion(): ProxyError {
  return new ProxyError(
    'BAD_DATABASE',
    'The channel database was written by a newer version of Hearthcast: nothing was changed.',
  );
}
