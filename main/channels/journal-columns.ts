import type { DatabaseSync } from 'node:sqlite';
import type { ArrangementChanges, ColumnChange } from './arrangement-changes.ts';
import type { ColumnName } from './arrangement.ts';
import { toBytes, toIntegers } from './arrangement-store.ts';

type StoredChange = {
  name: ColumnName | 'order';
  keys: Uint8Array;
  before: Uint8Array;
  after: Uint8Array;
  titles: string;
};

const NOTHING = new Uint8Array();

/** Keeps what operations changed of the arrangement, a row for each of its columns. */
export function createJournalColumns(database: DatabaseSync) {
  const put = database.prepare(
    'INSERT INTO journal_columns (operation, name, keys, before, after, titles) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const all = database.prepare('SELECT name, keys, before, after, titles FROM journal_columns WHERE operation = ?');

  return {
    write(operation: number, { columns, order, titles }: ArrangementChanges): void {
      for (const { name, keys, before, after } of columns) {
        const packed = name === 'group' ? toBytes : (values: Int32Array) => Uint8Array.from(values);
        const words = name === 'group' ? JSON.stringify(titles) : '[]';
        put.run(operation, name, toBytes(keys), packed(before), packed(after), words);
      }
      if (order === undefined) return;
      put.run(operation, 'order', toBytes(order.keys), toBytes(Int32Array.of(order.follows)), NOTHING, '[]');
    },

    read(operation: number): ArrangementChanges {
      const changes: ArrangementChanges = { columns: [], order: undefined, titles: [] };
      for (const { name, keys, before, after, titles } of all.all(operation) as StoredChange[]) {
        if (name === 'order') {
          changes.order = { keys: toIntegers(keys), follows: toIntegers(before)[0] ?? 0 };
          continue;
        }
        const values = name === 'group' ? toIntegers : (bytes: Uint8Array) => Int32Array.from(bytes);
        changes.columns.push({ name, keys: toIntegers(keys), before: values(before), after: values(after) });
        if (name === 'group') changes.titles = JSON.parse(titles) as string[];
      }
      return changes;
    },
  };
}

/** The keys of a column that became this. */
export function keysThatBecame({ columns }: ArrangementChanges, name: ColumnName, value: number): Int32Array {
  const change: ColumnChange | undefined = columns.find((column) => column.name === name);
  return change?.keys.filter((_, at) => change.after[at] === value) ?? new Int32Array();
}
