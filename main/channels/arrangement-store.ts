import type { DatabaseSync } from 'node:sqlite';
import { Arrangement, type Columns } from './arrangement.ts';

/** A database and the arrangement of its channels, both as of one moment. */
export type Moment = { database: DatabaseSync; arrangement: Arrangement };

/** The columns as they are stored: bytes, or integers of 32 bits in the order of the machine, which is the same on all we run on. */
type StoredName = keyof Columns | 'order' | 'titles';

const TO_TEXT = new TextDecoder();

export function readArrangement(database: DatabaseSync): Arrangement {
  const rows = database.prepare('SELECT name, bytes FROM arrangement').all() as {
    name: StoredName;
    bytes: Uint8Array;
  }[];
  const stored = new Map(rows.map(({ name, bytes }) => [name, bytes]));
  const bytesOf = (name: StoredName): Uint8Array => stored.get(name) ?? new Uint8Array();
  return new Arrangement({
    order: toIntegers(bytesOf('order')),
    columns: {
      presence: bytesOf('presence'),
      enabled: bytesOf('enabled'),
      favourite: bytesOf('favourite'),
      regrouped: bytesOf('regrouped'),
      group: toIntegers(bytesOf('group')),
    },
    titles: JSON.parse(TO_TEXT.decode(stored.get('titles')) || '[]') as string[],
  });
}

/** Writes what is another object than in the arrangement that is stored; inside a transaction. */
export function saveArrangement(database: DatabaseSync, next: Arrangement, stored: Arrangement): void {
  const put = database.prepare('INSERT OR REPLACE INTO arrangement (name, bytes) VALUES (?, ?)');
  const [now, before] = [next.parts(), stored.parts()];
  if (now.order !== before.order) put.run('order', toBytes(now.order));
  if (now.titles !== before.titles) put.run('titles', Buffer.from(JSON.stringify(now.titles)));
  for (const [name, column] of Object.entries(now.columns) as [keyof Columns, Columns[keyof Columns]][]) {
    if (column !== before.columns[name]) put.run(name, toBytes(column.subarray(0, next.nextKey)));
  }
}

export function toBytes({ buffer, byteOffset, byteLength }: Uint8Array | Int32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A copy, because integers must begin at a multiple of their size. */
export function toIntegers(bytes: Uint8Array): Int32Array {
  return new Int32Array(Uint8Array.from(bytes).buffer);
}
