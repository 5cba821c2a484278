import type { DatabaseSync } from 'node:sqlite';
import { Arrangement } from './arrangement.ts';
import { saveArrangement } from './arrangement-store.ts';

/**
 * The upgrade to version 3: what people change of many channels at once leaves the rows. What could be undone until then is forgotten:
 * it is written down as rows that are no more.
 */
export function separateArrangement(database: DatabaseSync): void {
  const arrangement = Arrangement.empty();
  const order: number[] = [];
  for (const row of database.prepare('SELECT * FROM channels ORDER BY position, key').iterate()) {
    const key = Number(row['key']);
    order.push(key);
    arrangement.put('presence', key, 1);
    arrangement.setGroup(key, String(row['group_title']));
    arrangement.set('enabled', key, row['enabled'] === 1);
    arrangement.set('favourite', key, row['favourite'] === 1);
    arrangement.set('regrouped', key, String(row['edited']).includes('"group_title"'));
  }
  arrangement.arrange(Int32Array.from(order));
  database.exec(SCHEMA);
  saveArrangement(database, arrangement, Arrangement.empty());
}

const SCHEMA = `
  CREATE TABLE arrangement (
    name TEXT PRIMARY KEY,
    bytes BLOB NOT NULL
  ) STRICT;

  DROP INDEX channels_in_order;
  DROP INDEX channels_by_group;
  DROP INDEX channels_disabled;
  ALTER TABLE channels DROP COLUMN position;
  ALTER TABLE channels DROP COLUMN group_title;
  ALTER TABLE channels DROP COLUMN enabled;
  ALTER TABLE channels DROP COLUMN favourite;
  CREATE INDEX channels_gone ON channels (list) WHERE gone_at IS NOT NULL;
  UPDATE channels SET edited =
    (SELECT json_group_array(value) FROM json_each(edited) WHERE value <> 'group_title') WHERE edited <> '[]';

  DELETE FROM journal_rows;
  DELETE FROM journal;
  ALTER TABLE journal ADD COLUMN is_expired INTEGER NOT NULL DEFAULT 0;

  CREATE TABLE journal_columns (
    key INTEGER PRIMARY KEY,
    operation INTEGER NOT NULL REFERENCES journal ON DELETE CASCADE,
    name TEXT NOT NULL,
    keys BLOB NOT NULL,
    before BLOB NOT NULL,
    after BLOB NOT NULL,
    titles TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_columns_of ON journal_columns (operation);
`;
