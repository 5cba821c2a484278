import type { Moment } from './arrangement-store.ts';
import { chunks, inSlices } from './in-slices.ts';

/*
 * A channel that somebody removed is no longer in the arrangement; its row and its sources stay, so that removing many, and undoing
 * it, is done at once. When nobody can undo it any more, or another channel needs its id, its ids in lists are all that is kept.
 */

/** So many are looked up in a few milliseconds. */
const KEYS_PER_TURN = 500;

/** The ids of channels that somebody removed and that this list still has, or had. */
export async function removedFrom(
  { database, arrangement }: Moment,
  listKey: number,
  signal?: AbortSignal,
): Promise<Set<string>> {
  const ids = new Set(
    database
      .prepare('SELECT id FROM removed WHERE list = ?')
      .all(listKey)
      .map((row) => String(row['id'])),
  );
  const ofList = database.prepare(
    `SELECT channels.id FROM json_each(?) JOIN channels ON channels.key = value
     WHERE EXISTS (SELECT 1 FROM sources WHERE channel = channels.key AND sources.list = ?)`,
  );
  await inSlices(
    chunks(arrangement.removed(), KEYS_PER_TURN),
    (keys) => {
      for (const row of ofList.all(JSON.stringify(keys), listKey)) ids.add(String(row['id']));
    },
    signal,
  );
  return ids;
}

/**
 * Deletes the rows of removed channels, and leaves a note for their lists not to bring them back.
 * @param exceptList a list that does bring it back
 */
export function bury({ database, arrangement }: Moment, keys: readonly number[], exceptList?: number): void {
  const json = JSON.stringify(keys);
  database
    .prepare(
      `INSERT OR IGNORE INTO removed (list, id)
       SELECT DISTINCT sources.list, channels.id FROM json_each(?1) JOIN channels ON channels.key = value
       JOIN sources ON channel = channels.key JOIN lists ON lists.key = sources.list AND kind <> 'manual'
       WHERE sources.list IS NOT ?2`,
    )
    .run(json, exceptList ?? null);
  database.prepare('DELETE FROM sources WHERE channel IN (SELECT value FROM json_each(?))').run(json);
  database.prepare('DELETE FROM channels WHERE key IN (SELECT value FROM json_each(?))').run(json);
  for (const key of keys) arrangement.drop(key);
}

/** Makes an id free that only a removed channel has. @returns whether it is free now */
export function freeId(moment: Moment, id: string): boolean {
  const key = moment.database.prepare('SELECT key FROM channels WHERE id = ?').get(id)?.['key'];
  if (key === undefined) return true;
  if (!moment.arrangement.isRemoved(Number(key))) return false;
  bury(moment, [Number(key)]);
  return true;
}
