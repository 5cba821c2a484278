import type { DatabaseSync } from 'node:sqlite';
import { inSlices } from './in-slices.ts';
import { POSITION_GAP } from './list-writer.ts';

/* Channels are ordered by positions with gaps: moving some of them seldom touches any others. */

type Place = { key: number; position: number };

/** How many of the channels behind a full gap are looked at first. */
const FIRST_WINDOW = 16;

/** Moves channels, in the order given, before another one; `undefined`: to the end. */
export async function moveChannels(
  database: DatabaseSync,
  { keys, beforeKey, signal }: { keys: readonly number[]; beforeKey: number | undefined; signal: AbortSignal },
): Promise<void> {
  const moved = new Set(keys);
  const from = placeBehind(database, beforeKey, moved);
  const previous = from === undefined ? lastPosition(database, moved) : positionBefore(database, from, moved);
  const { window, end } = roomFor(database, keys.length, previous, from, moved);
  const places = [...keys, ...window];
  const step = end === undefined ? POSITION_GAP : Math.floor((end - previous) / (places.length + 1));
  const put = database.prepare('UPDATE channels SET position = ? WHERE key = ?');
  let position = previous;
  await inSlices(places, (key) => put.run((position += step), key), signal);
  await leaveToPeople(database, keys, signal);
}

/** Puts all channels into this order. */
export async function orderChannels(
  database: DatabaseSync,
  keys: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const put = database.prepare('UPDATE channels SET position = ? WHERE key = ? AND position <> ?');
  let position = 0;
  await inSlices(
    keys,
    (key) => {
      position += POSITION_GAP;
      put.run(position, key, position);
    },
    signal,
  );
  database.exec('UPDATE lists SET is_ordered = 1 WHERE is_ordered = 0');
}

/** The lists of these channels no longer decide in which order theirs are. */
async function leaveToPeople(database: DatabaseSync, keys: readonly number[], signal: AbortSignal): Promise<void> {
  const leave = database.prepare(
    'UPDATE lists SET is_ordered = 1 WHERE is_ordered = 0 AND key = (SELECT list FROM channels WHERE key = ?)',
  );
  await inSlices(keys, (key) => leave.run(key), signal);
}

/** The channel that those moved will stand before: the one given, or the next that stays. */
function placeBehind(
  database: DatabaseSync,
  beforeKey: number | undefined,
  moved: ReadonlySet<number>,
): Place | undefined {
  if (beforeKey === undefined) return undefined;
  const position = database.prepare('SELECT position FROM channels WHERE key = ?').get(beforeKey)?.['position'];
  return firstStaying(
    database
      .prepare('SELECT key, position FROM channels WHERE (position, key) >= (?, ?) ORDER BY position, key')
      .iterate(Number(position), beforeKey),
    moved,
  );
}

function positionBefore(database: DatabaseSync, { key, position }: Place, moved: ReadonlySet<number>): number {
  const rows = database
    .prepare('SELECT key, position FROM channels WHERE (position, key) < (?, ?) ORDER BY position DESC, key DESC')
    .iterate(position, key);
  return firstStaying(rows, moved)?.position ?? Math.min(0, position - POSITION_GAP * (moved.size + 1));
}

function lastPosition(database: DatabaseSync, moved: ReadonlySet<number>): number {
  const rows = database.prepare('SELECT key, position FROM channels ORDER BY position DESC, key DESC').iterate();
  return firstStaying(rows, moved)?.position ?? 0;
}

function firstStaying(rows: Iterable<unknown>, moved: ReadonlySet<number>): Place | undefined {
  for (const row of rows as Iterable<Place>) if (!moved.has(row.key)) return row;
  return undefined;
}

/**
 * The channels from `from` on that have to make room, and the position that is the end of it; undefined: there is no end.
 */
function roomFor(
  database: DatabaseSync,
  count: number,
  previous: number,
  from: Place | undefined,
  moved: ReadonlySet<number>,
): { window: number[]; end: number | undefined } {
  if (from === undefined) return { window: [], end: undefined };
  const next = database.prepare(
    'SELECT key, position FROM channels WHERE (position, key) >= (?, ?) ORDER BY position, key LIMIT ?',
  );
  for (let size = FIRST_WINDOW; ; size *= 2) {
    const rows = next.all(from.position, from.key, size) as Place[];
    const staying = rows.filter(({ key }) => !moved.has(key));
    const fits = staying.findIndex(({ position }, at) => position - previous > count + at);
    if (fits !== -1) return { window: staying.slice(0, fits).map(({ key }) => key), end: staying[fits]?.position };
    if (rows.length < size) return { window: staying.map(({ key }) => key), end: undefined };
  }
}
