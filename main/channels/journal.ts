import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { keepSentence, readSentence, type Sentence } from '../../shared/sentence.ts';
import { changesBetween, takeBack } from './arrangement-changes.ts';
import type { Moment } from './arrangement-store.ts';
import { PRESENCE, type Arrangement } from './arrangement.ts';
import { inSlices } from './in-slices.ts';
import { createJournalColumns, keysThatBecame } from './journal-columns.ts';
import { bury } from './removed-channels.ts';

/** The operations kept for undoing, and how many rows and bytes they may fill together. */
const MAX_OPERATIONS = 50;
const MAX_ROWS = 500_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** How much of an operation that nobody can undo any more is cleared away at once: a few milliseconds. */
const ROWS_PER_SWEEP = 2_000;
const CHANNELS_PER_SWEEP = 400;

/** The columns that an operation may change, besides the arrangement's. How well a source plays is nobody's operation. */
const COLUMNS = {
  lists: [
    ...['origin', 'kind', 'name', 'guide_urls', 'refreshed_at', 'refresh_hours', 'tried_at', 'failure', 'etag'],
    ...['last_modified', 'credentials', 'groups', 'merges', 'is_ordered'],
  ],
  channels: [
    ...['id', 'list', 'number', 'name', 'folded', 'name_key', 'logo', 'tvg_id', 'attributes'],
    ...['notes', 'options', 'edited', 'gone_at'],
  ],
  sources: ['channel', 'list', 'position', 'url', 'headers', 'own_headers', 'is_hidden', 'priority', 'identity'],
  removed: ['list', 'id'],
} as const;

type Table = keyof typeof COLUMNS;

const TABLES = Object.keys(COLUMNS) as Table[];

type JournalRow = { action: 'added' | 'deleted' | 'changed'; of: Table; row: number; before: string | null };

type Operation = { key: number; what: string; first: number; last: number };

/**
 * Remembers what operations changed, in the database itself: undoing the last one works also after a restart. Rows are written down one
 * by one as they change; of the arrangement, which changes much at once, what is different in the end.
 * All of its methods belong inside a transaction.
 */
export type Journal = {
  /** From here on, until `end`, every change of a row is written down. */
  begin(): void;
  /** Closes an operation; one that changed nothing leaves nothing. */
  end(what: Sentence, atMs: number, arrangements: { before: Arrangement; after: Arrangement }): void;
  /** Takes back the last operation. @returns what it was, and whether it was in rows; null when there is none */
  undo(moment: Moment, signal: AbortSignal): Promise<{ what: Sentence | null; isInRows: boolean } | null>;
  /** Whether there are operations that nobody can undo any more. */
  hasExpired(): boolean;
  /** Clears away a part of the oldest of those. */
  sweep(moment: Moment): void;
};

/** The journal of a database, for the one connection that writes. */
export function openJournal(database: DatabaseSync): Journal {
  const triggers = TABLES.flatMap(triggersOf);
  const record = triggers.map(({ name, when }) => `CREATE TEMP TRIGGER ${name} ${when};`).join('\n');
  const stopRecording = triggers.map(({ name }) => `DROP TRIGGER ${name};`).join('\n');
  const columns = createJournalColumns(database);
  const statements = {
    lastRow: database.prepare('SELECT coalesce(max(key), 0) AS key FROM journal_rows'),
    add: database.prepare('INSERT INTO journal (at, what, first_row, last_row) VALUES (?, ?, ?, ?)'),
    last: database.prepare(`${OPERATIONS} WHERE is_expired = 0 ORDER BY key DESC LIMIT 1`),
    expired: database.prepare(`${OPERATIONS} WHERE is_expired = 1 ORDER BY key LIMIT 1`),
    drop: database.prepare('DELETE FROM journal WHERE key = ?'),
    rows: database.prepare(
      'SELECT action, of, row, before FROM journal_rows WHERE key BETWEEN ? AND ? ORDER BY key DESC',
    ),
    dropRows: database.prepare('DELETE FROM journal_rows WHERE key BETWEEN ? AND ?'),
    shorten: database.prepare('UPDATE journal SET first_row = ? WHERE key = ?'),
    // The newest one can always be undone, however big it is.
    expire: database.prepare(
      `UPDATE journal SET is_expired = 1 WHERE key IN (
         SELECT key FROM (
           SELECT key, row_number() OVER newer AS number, sum(last_row - first_row + 1) OVER newer AS rows,
             sum((SELECT coalesce(sum(length(keys) + length(before) + length(after)), 0)
               FROM journal_columns WHERE operation = journal.key)) OVER newer AS bytes
           FROM journal WHERE is_expired = 0 WINDOW newer AS (ORDER BY key DESC)
         ) WHERE number > 1 AND (number > ${MAX_OPERATIONS} OR rows > ${MAX_ROWS} OR bytes > ${MAX_BYTES})
       )`,
    ),
  };
  let before = 0;

  function lastRow(): number {
    return Number(statements.lastRow.get()?.['key']);
  }

  /** Its rows are left for the sweep: nothing follows them that could be taken for them. */
  function expire(operation: Operation): void {
    database.prepare('UPDATE journal SET is_expired = 1 WHERE key = ?').run(operation.key);
    database.prepare('DELETE FROM journal_columns WHERE operation = ?').run(operation.key);
  }

  return {
    begin() {
      before = lastRow();
      // Gone with the transaction when that fails.
      database.exec(record);
    },

    end(what, atMs, arrangements) {
      database.exec(stopRecording);
      const last = lastRow();
      const changes = changesBetween(arrangements.before, arrangements.after);
      if (last === before && changes.columns.length === 0 && changes.order === undefined) return;
      const { lastInsertRowid } = statements.add.run(atMs, keepSentence(what), before + 1, last);
      columns.write(Number(lastInsertRowid), changes);
      statements.expire.run();
    },

    async undo({ arrangement }, signal) {
      const operation = statements.last.get() as Operation | undefined;
      if (operation === undefined) return null;
      // Rows come back one by one, a channel's sources before it or after it.
      database.exec('PRAGMA defer_foreign_keys = ON');
      const lost: number[] = [];
      const takeBackRow = createTakeBack(database, (key) => lost.push(key));
      const rows = statements.rows.iterate(
        operation.first,
        operation.last,
      ) as Iterable<unknown> as Iterable<JournalRow>;
      await inSlices(rows, takeBackRow, signal);
      takeBack(arrangement, columns.read(operation.key));
      for (const key of lost) arrangement.drop(key);
      expire(operation);
      return { what: readSentence(operation.what), isInRows: operation.first <= operation.last };
    },

    hasExpired: () => statements.expired.get() !== undefined,

    sweep(moment) {
      const operation = statements.expired.get() as Operation | undefined;
      if (operation === undefined) return;
      const { key, first, last } = operation;
      if (first <= last) {
        const upTo = Math.min(last, first + ROWS_PER_SWEEP - 1);
        statements.dropRows.run(first, upTo);
        statements.shorten.run(upTo + 1, key);
        return;
      }
      const removed = keysThatBecame(columns.read(key), 'presence', PRESENCE.removed);
      const left = removed.filter((channel) => moment.arrangement.isRemoved(channel)).subarray(0, CHANNELS_PER_SWEEP);
      bury(moment, [...left]);
      if (left.length === 0) statements.drop.run(key);
    },
  };
}

const OPERATIONS = 'SELECT key, what, first_row AS first, last_row AS last FROM journal';

/** What writes the journal. They are there only while it is written: what is no operation of a person pays nothing for it. */
function triggersOf(table: Table): { name: string; when: string }[] {
  const columns: readonly string[] = COLUMNS[table];
  const write = (action: JournalRow['action'], row: string, before: string): string =>
    `BEGIN INSERT INTO journal_rows (action, of, row, before) VALUES ('${action}', '${table}', ${row}, ${before}); END`;
  return [
    { name: `added_${table}`, when: `AFTER INSERT ON main.${table} ${write('added', 'new.key', 'NULL')}` },
    {
      name: `deleted_${table}`,
      when: `AFTER DELETE ON main.${table} ${write('deleted', 'old.key', oldValues(columns))}`,
    },
    {
      name: `changed_${table}`,
      when: `AFTER UPDATE OF ${columns.join(', ')} ON main.${table} ${write('changed', 'new.key', oldValues(columns))}`,
    },
  ];
}

function oldValues(columns: readonly string[]): string {
  return `json_array(${columns.map((column) => `old.${column}`).join(', ')})`;
}

/** @param onLost told of a channel that cannot come back, because another one has its id */
function createTakeBack(database: DatabaseSync, onLost: (key: number) => void): (row: JournalRow) => void {
  const statementsOf = (table: Table) => {
    const columns: readonly string[] = COLUMNS[table];
    return {
      remove: database.prepare(`DELETE FROM ${table} WHERE key = ?`),
      restore: database.prepare(
        `INSERT OR IGNORE INTO ${table} (${columns.join(', ')}, key) VALUES (${columns.map(() => '?').join(', ')}, ?)`,
      ),
      change: database.prepare(
        `UPDATE OR IGNORE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE key = ?`,
      ),
    };
  };
  const statements = {
    lists: statementsOf('lists'),
    channels: statementsOf('channels'),
    sources: statementsOf('sources'),
    removed: statementsOf('removed'),
  } satisfies Record<Table, unknown>;

  return ({ action, of, row, before }) => {
    const { remove, restore, change } = statements[of];
    switch (action) {
      case 'added':
        return void remove.run(row);
      case 'deleted':
        if (restore.run(...valuesOf(before), row).changes === 0 && of === 'channels') onLost(row);
        return;
      case 'changed':
        return void change.run(...valuesOf(before), row);
    }
  };
}

/** Written by the triggers above. */
function valuesOf(json: string | null): SQLInputValue[] {
  return JSON.parse(json ?? '[]') as SQLInputValue[];
}
