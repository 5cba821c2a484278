import { closeSync, copyFileSync, linkSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { say } from '../../shared/sentences.ts';
import { diskFailure, draftOf, moveIntoPlace, syncFile } from '../durable-file.ts';
import { ProxyError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { foldName, naturalKey } from './search-key.ts';
import { separateArrangement } from './separate-arrangement.ts';

/** SQLite's primary result codes (sqlite.org/rescode.html) that mean something to people. */
const SQLITE = { busy: 5, readOnly: 8, failing: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 };

/** What a full disk is called that has no room for the index of the write-ahead log. */
const NO_ROOM_FOR_INDEX = 4_874;

/** What sorting or editing a hundred thousand channels goes back and forth in. */
const PAGE_CACHE_KIB = 16_384;

/** Longer than any lock the app holds on itself, short enough not to be felt by TVs. */
const LOCK_TIMEOUT_MS = 40;

/**
 * What brings a database from each version to the next; the version is kept in `user_version`. Steps are never edited, only added.
 *
 * - `arrangement` holds, by column, what people change of many channels at once (arrangement.ts): their order across lists, in which
 *   those of a list stand together until somebody moves them; groups, switches, and which of the channels were removed.
 * - `list` of a channel is the list that names it; other lists may give it more sources.
 * - `edited` holds the names of the columns that a person changed: a list no longer changes those.
 * - `gone_at` marks a channel that its list dropped and that is kept: a refresh keeps all of them, an import what somebody edited.
 * - `folded` and `name_key` are the name as it is searched and sorted.
 * - `identity` of a source is what its list called the channel, so that the list finds it again whatever it is called today;
 *   `own_headers` replace the list's, and a hidden source is one that somebody took away and the list still has.
 * - `removed` are ids of channels that somebody took away and a list still has, and whose rows are gone too: a refresh does not bring
 *   them back.
 * - `is_ordered` of a list: somebody put its channels into another order, which a refresh leaves alone.
 * - `merges` of a list: the same channel under several names is one channel with several sources.
 * - `journal` are operations that can be undone, and for a while those that no longer can; `journal_rows` and `journal_columns` what
 *   they changed, in rows and in the arrangement.
 */
const UPGRADES: readonly (string | ((database: DatabaseSync) => void))[] = [
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
  `
  ALTER TABLE lists ADD COLUMN kind TEXT NOT NULL DEFAULT 'file';
  ALTER TABLE lists ADD COLUMN name TEXT NOT NULL DEFAULT '';
  ALTER TABLE lists ADD COLUMN refresh_hours INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lists ADD COLUMN tried_at INTEGER;
  ALTER TABLE lists ADD COLUMN failure TEXT NOT NULL DEFAULT '';
  ALTER TABLE lists ADD COLUMN etag TEXT NOT NULL DEFAULT '';
  ALTER TABLE lists ADD COLUMN last_modified TEXT NOT NULL DEFAULT '';
  ALTER TABLE lists ADD COLUMN credentials TEXT NOT NULL DEFAULT '';
  ALTER TABLE lists ADD COLUMN groups TEXT;
  ALTER TABLE lists ADD COLUMN merges INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lists ADD COLUMN is_ordered INTEGER NOT NULL DEFAULT 0;
  UPDATE lists SET kind = 'url', refresh_hours = 24 WHERE origin LIKE 'http%';

  ALTER TABLE channels ADD COLUMN folded TEXT NOT NULL DEFAULT '';
  ALTER TABLE channels ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
  ALTER TABLE channels ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
  ALTER TABLE channels ADD COLUMN health TEXT NOT NULL DEFAULT 'unknown';
  ALTER TABLE channels ADD COLUMN health_sentence TEXT NOT NULL DEFAULT '';
  UPDATE channels SET folded = fold_name(name), name_key = natural_key(name);
  DROP INDEX channels_in_order;
  CREATE INDEX channels_in_order ON channels (position);
  CREATE INDEX channels_by_name ON channels (name_key);
  CREATE INDEX channels_by_group ON channels (group_title);
  CREATE INDEX channels_by_number ON channels (number) WHERE number IS NOT NULL;
  CREATE INDEX channels_disabled ON channels (enabled) WHERE enabled = 0;

  ALTER TABLE sources ADD COLUMN identity TEXT NOT NULL DEFAULT '';
  ALTER TABLE sources ADD COLUMN own_headers TEXT;
  ALTER TABLE sources ADD COLUMN is_hidden INTEGER NOT NULL DEFAULT 0;
  UPDATE sources SET identity =
    (SELECT tvg_id || char(10) || name || char(10) || group_title FROM channels WHERE key = sources.channel);

  CREATE TABLE removed (
    key INTEGER PRIMARY KEY,
    list INTEGER NOT NULL REFERENCES lists ON DELETE CASCADE,
    id TEXT NOT NULL,
    UNIQUE (list, id)
  ) STRICT;

  CREATE TABLE journal (
    key INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    first_row INTEGER NOT NULL,
    last_row INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE journal_rows (
    key INTEGER PRIMARY KEY,
    action TEXT NOT NULL,
    of TEXT NOT NULL,
    row INTEGER NOT NULL,
    before TEXT
  ) STRICT;
  `,
  separateArrangement,
];

/**
 * Opens the channel database for writing, made or brought up to date as needed, after a copy was made. A file that is damaged or no
 * database is set aside, and the newest copy that can be read takes its place; where there is none an empty one is begun, because TVs
 * can do without their old list more easily than without the relay.
 * @throws ProxyError BAD_DATABASE when a newer version of the app wrote it (nothing is changed) or another program holds it;
 * DATA_FOLDER when the folder or the file cannot be written.
 */
export async function openChannelDatabase({
  file,
  log,
  now,
}: {
  file: string;
  log: Logger;
  now: () => number;
}): Promise<DatabaseSync> {
  prepareFile(file);
  try {
    return await openSound(file);
  } catch (error) {
    if (!isDamage(error)) throw toProxyError(error);
  }
  const aside = setAside(file, now());
  for (const copy of copiesOf(file)) {
    if (!(await putInPlace(copy.path, file))) continue;
    const restored = await openSound(file);
    const date = new Date(copy.writtenAt).toISOString().slice(0, 16).replace('T', ' ');
    log.warn(
      { aside },
      `The channel database was damaged: it was set aside as ${basename(aside)}, and the channels are those of ${date} (UTC).`,
    );
    return restored;
  }
  log.warn(
    { aside },
    `The channel database was damaged: it was set aside as ${basename(aside)} and an empty one begun.`,
  );
  removeWithJournal(file);
  prepareFile(file);
  return openSound(file);
}

/** Where the copy that is renewed every day lies. */
export function dailyCopyOf(file: string): string {
  return `${file}.copy-of-the-day`;
}

/** What people are told of a failed read or write; other errors stay as they are. */
export function toProxyError(error: unknown): unknown {
  const cause = { cause: error };
  if (extendedCode(error) === NO_ROOM_FOR_INDEX) return new ProxyError('DATA_FOLDER', say('database.full'), cause);
  switch (resultCode(error)) {
    case SQLITE.busy:
      return new ProxyError('BAD_DATABASE', say('database.busy'), cause);
    case SQLITE.full:
      return new ProxyError('DATA_FOLDER', say('database.full'), cause);
    case SQLITE.readOnly:
    case SQLITE.cannotOpen:
      return new ProxyError('DATA_FOLDER', say('database.readOnly'), cause);
    case SQLITE.failing:
      return new ProxyError('DATA_FOLDER', say('database.failing'), cause);
    default:
      return error;
  }
}

async function openSound(file: string): Promise<DatabaseSync> {
  const database = new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS });
  try {
    database.function('fold_name', { deterministic: true }, (name) => foldName(String(name)));
    database.function('natural_key', { deterministic: true }, (name) => naturalKey(String(name)));
    const version = soundVersionOf(database);
    // A power cut never damages the file. That it does not lose what was confirmed is the repository's business, and so are
    // checkpoints: either waits for the disk, and not on the main thread.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;');
    database.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
    if (version > 0 && version < UPGRADES.length) await copyBeforeUpgrade(database, file, version);
    UPGRADES.slice(version).forEach((step, index) => upgrade(database, step, version + index + 1));
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** @throws DamagedDatabase, or ProxyError when a newer version of the app wrote it */
function soundVersionOf(database: DatabaseSync): number {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > UPGRADES.length) throw newerVersion();
  const check = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (check !== 'ok') throw new DamagedDatabase(String(check));
  return version;
}

/** Has its name only when it is whole: a start that was cut short must not leave half a copy to be taken for one. */
async function copyBeforeUpgrade(database: DatabaseSync, file: string, version: number): Promise<void> {
  const copy = `${file}.version-${version}`;
  const draft = draftOf(copy);
  removeWithJournal(draft);
  prepareFile(draft);
  database.prepare('VACUUM INTO ?').run(draft);
  await syncFile(draft);
  await moveIntoPlace(draft, copy);
}

/** Newest first. */
function copiesOf(file: string): { path: string; writtenAt: number }[] {
  const isCopy = (name: string): boolean =>
    name === basename(dailyCopyOf(file)) || /^\.version-\d+$/.test(name.slice(basename(file).length));
  return readdirSync(dirname(file))
    .filter(isCopy)
    .map((name) => join(dirname(file), name))
    .map((path) => ({ path, writtenAt: statSync(path).mtimeMs }))
    .toSorted((one, other) => other.writtenAt - one.writtenAt);
}

/** Puts a copy in a database's place, unless it is damaged or empty. Until it is there whole, the next start finds what this one found. */
async function putInPlace(copy: string, file: string): Promise<boolean> {
  const draft = draftOf(file);
  try {
    rmSync(draft, { force: true });
    prepareFile(draft);
    copyFileSync(copy, draft);
    if (versionOfCopy(draft) === 0) return false;
    await syncFile(draft);
    // A log belongs to the database that it was written for.
    for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
    await moveIntoPlace(draft, file);
    return true;
  } catch {
    return false;
  } finally {
    removeWithJournal(draft);
  }
}

function versionOfCopy(copy: string): number {
  using database = new DatabaseSync(copy);
  return soundVersionOf(database);
}

function upgrade(database: DatabaseSync, step: (typeof UPGRADES)[number], version: number): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    if (typeof step === 'string') database.exec(step);
    else step(database);
    database.exec(`PRAGMA user_version = ${version}; COMMIT`);
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
    throw diskFailure(dirname(file), cause);
  }
}

/** Keeps a damaged file under another name too, until something else takes its own. */
function setAside(file: string, timestampMs: number): string {
  const aside = `${file}.corrupt-${new Date(timestampMs).toISOString().replaceAll(/[:.]/g, '-')}`;
  try {
    linkSync(file, aside);
  } catch {
    // A file system without links, as on a memory card.
    copyFileSync(file, aside);
  }
  return aside;
}

function removeWithJournal(file: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
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
  const code = extendedCode(error);
  return code === undefined ? undefined : code & 0xff;
}

function extendedCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

function newerVersion(): ProxyError {
  return new ProxyError('BAD_DATABASE', say('database.newer'));
}
