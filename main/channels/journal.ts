import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { inSlices, keyRanges } from './in-slices.ts';

/** The operations kept for undoing, and how many rows they may fill together. */
const MAX_OPERATIONS = 50;
const MAX_ROWS = 500_000;

/** The columns that an operation may change. How well a source plays is nobody's operation. */
const COLUMNS = {
  lists: [
    ...['origin', 'kind', 'name', 'guide_urls', 'refreshed_at', 'refresh_hours', 'tried_at', 'failure', 'etag'],
    ...['last_modified', 'credentials', 'groups', 'merges', 'is_ordered'],
  ],
  channels: [
    ...['id', 'list', 'number', 'name', 'folded', 'name_key', 'group_title', 'logo', 'tvg_id', 'attributes'],
    ...['enabled', 'favourite', 'notes', 'options', 'edited', 'gone_at'],
  ],
  sources: ['channel', 'list', 'position', 'url', 'headers', 'own_headers', 'is_hidden', 'priority', 'identity'],
  removed: ['list', 'id'],
} as const;

type Table = keyof typeof COLUMNS;

const TABLES = Object.keys(COLUMNS) as Table[];

/** Moving channels touches many rows and nothing but this. */
const PLACE = 'position';

type JournalRow = { action: 'added' | 'deleted' | 'changed' | 'moved'; of: Table; row: number; before: string | null };

/**
 * Remembers what operations changed, row by row, in the database itself: undoing the last one works also after a restart.
 * All of its methods belong inside a transaction.
 */
export type Journal = {
  /** From here on, until `end`, every change of a row is written down. */
  begin(): void;
  /** Closes an operation; one that changed nothing leaves nothing. */
  end(what: string, atMs: number): Promise<void>;
  /** Takes back the last operation. @returns what it was; null when there is none */
  undo(signal: AbortSignal): Promise<string | null>;
};

/** The journal of a database, for the one connection that writes. */
export function openJournal(database: DatabaseSync): Journal {
  const triggers = TABLES.flatMap(triggersOf);
  const record = triggers.map(({ name, when }) => `CREATE TEMP TRIGGER ${name} ${when};`).join('\n');
  const stopRecording = triggers.map(({ name }) => `DROP TRIGGER ${name};`).join('\n');
  let before = 0;
  const statements = {
    lastRow: database.prepare('SELECT coalesce(max(key), 0) AS key FROM journal_rows'),
    add: database.prepare('INSERT INTO journal (at, what, first_row, last_row) VALUES (?, ?, ?, ?)'),
    all: database.prepare('SELECT key, what, first_row AS first, last_row AS last FROM journal ORDER BY key DESC'),
    drop: database.prepare('DELETE FROM journal WHERE key = ?'),
    rows: database.prepare(
      'SELECT action, of, row, before FROM journal_rows WHERE key BETWEEN ? AND ? ORDER BY key DESC',
    ),
    dropRows: database.prepare('DELETE FROM journal_rows WHERE key BETWEEN ? AND ?'),
  };

  function lastRow(): number {
    return Number(statements.lastRow.get()?.['key']);
  }

  function operations() {
    return statements.all.all() as { key: number; what: string; first: number; last: number }[];
  }

  async function forget({ key, first, last }: { key: number; first: number; last: number }): Promise<void> {
    await inSlices(keyRanges(first, last), ([from, to]) => void statements.dropRows.run(from, to));
    statements.drop.run(key);
  }

  return {
    begin() {
      before = lastRow();
      // Gone with the transaction when that fails.
      database.exec(record);
    },

    async end(what, atMs) {
      database.exec(stopRecording);
      const last = lastRow();
      if (last === before) return;
      statements.add.run(atMs, what, before + 1, last);
      let rows = 0;
      for (const [at, operation] of operations().entries()) {
        rows += operation.last - operation.first + 1;
        // The newest one can always be undone, however big it is.
        if (at >= MAX_OPERATIONS || (at > 0 && rows > MAX_ROWS)) await forget(operation);
      }
    },

    async undo(signal) {
      const [operation] = operations();
      if (operation === undefined) return null;
      // Rows come back one by one, a channel's sources before it or after it.
      database.exec('PRAGMA defer_foreign_keys = ON');
      const takeBack = createTakeBack(database);
      const rows = statements.rows.iterate(
        operation.first,
        operation.last,
      ) as Iterable<unknown> as Iterable<JournalRow>;
      await inSlices(rows, takeBack, signal);
      await forget(operation);
      return operation.what;
    },
  };
}

/** What writes the journal. They are there only while it is written: what is no operation of a person pays nothing for it. */
function triggersOf(table: Table): { name: string; when: string }[] {
  const columns: readonly string[] = COLUMNS[table];
  const isPlaced = table === 'channels';
  const write = (action: JournalRow['action'], row: string, before: string): string =>
    `BEGIN INSERT INTO journal_rows (action, of, row, before) VALUES ('${action}', '${table}', ${row}, ${before}); END`;
  const triggers = [
    { name: `added_${table}`, when: `AFTER INSERT ON main.${table} ${write('added', 'new.key', 'NULL')}` },
    {
      name: `deleted_${table}`,
      when: `AFTER DELETE ON main.${table} ${write('deleted', 'old.key', oldValues(isPlaced ? [...columns, PLACE] : columns))}`,
    },
    {
      name: `changed_${table}`,
      when: `AFTER UPDATE OF ${columns.join(', ')} ON main.${table} ${write('changed', 'new.key', oldValues(columns))}`,
    },
  ];
  const moved = {
    name: 'moved_channels',
    when: `AFTER UPDATE OF ${PLACE} ON main.channels WHEN old.${PLACE} <> new.${PLACE}
      ${write('moved', 'new.key', `old.${PLACE}`)}`,
  };
  return isPlaced ? [...triggers, moved] : triggers;
}

function oldValues(columns: readonly string[]): string {
  return `json_array(${columns.map((column) => `old.${column}`).join(', ')})`;
}

function createTakeBack(database: DatabaseSync): (row: JournalRow) => void {
  const place = database.prepare(`UPDATE channels SET ${PLACE} = ? WHERE key = ?`);
  const statementsOf = (table: Table) => {
    const columns: readonly string[] = COLUMNS[table];
    const all = table === 'channels' ? [...columns, PLACE] : columns;
    return {
      remove: database.prepare(`DELETE FROM ${table} WHERE key = ?`),
      restore: database.prepare(
        `INSERT OR IGNORE INTO ${table} (${all.join(', ')}, key) VALUES (${all.map(() => '?').join(', ')}, ?)`,
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
        return void restore.run(...valuesOf(before), row);
      case 'changed':
        return void change.run(...valuesOf(before), row);
      case 'moved':
        return void place.run(before, row);
    }
  };
}

/** Written by the triggers above. */
function valuesOf(json: string | null): SQLInputValue[] {
  return JSON.parse(json ?? '[]') as SQLInputValue[];
}
