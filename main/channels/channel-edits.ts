import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Source } from '../../shared/channel.ts';
import type { ChannelEdit } from '../../shared/contract.ts';
import { ProxyError } from '../errors.ts';
import { channelId, identityKey } from './channel-id.ts';
import { cleanText, nameFromUrl } from './channel-list.ts';
import type { Arrangement } from './arrangement.ts';
import type { Moment } from './arrangement-store.ts';
import { concatenated, marksOf, withMoved } from './channel-order.ts';
import { unknownChannel } from './channel-table.ts';
import { chunks, inSlices } from './in-slices.ts';
import { freeId } from './removed-channels.ts';
import { foldName, naturalKey } from './search-key.ts';
import { parseAddress, withHeaders } from './source-address.ts';

/* What people do to channels, each inside a transaction that the caller has begun. */

/** The part of an edit that many channels can have at once. */
export type CommonEdit = Pick<ChannelEdit, 'group' | 'enabled' | 'favourite'>;

type StoredChannel = { key: number; edited: string; name: string; tvg_id: string } & Record<string, SQLInputValue>;

/** Columns that lists decide until somebody changes them. */
const LISTED = new Set(['number', 'name', 'logo', 'tvg_id']);

/** Changes one channel. @throws ProxyError UNKNOWN_CHANNEL; BAD_REQUEST for an address that cannot be relayed */
export function saveChannel({ database, arrangement }: Moment, id: string, edit: ChannelEdit): void {
  const channel = database.prepare('SELECT * FROM channels WHERE id = ?').get(id) as StoredChannel | undefined;
  if (channel === undefined || !arrangement.has(channel.key)) throw unknownChannel();
  const edited = new Set(JSON.parse(channel.edited) as string[]);
  const wasEdited = edited.size;
  const changes = Object.entries(columnsOf(edit)).filter(([column, value]) => channel[column] !== value);
  for (const [column] of changes) if (LISTED.has(column)) edited.add(column);
  if (edit.sources !== undefined) {
    const { name, tvg_id: tvgId } = channel;
    const identity = identityKey({ tvgId, name, group: arrangement.groupOf(channel.key) });
    if (saveSources(database, { channelKey: channel.key, identity, sources: edit.sources })) edited.add('sources');
  }
  arrangeChannels(arrangement, Int32Array.of(channel.key), edit);
  if (changes.length === 0 && edited.size === wasEdited) return;
  const columns = { ...Object.fromEntries(changes), edited: JSON.stringify([...edited]) };
  const names = Object.keys(columns);
  database
    .prepare(`UPDATE channels SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE key = ?`)
    .run(...Object.values(columns), channel.key);
}

function columnsOf({ name, number, logo, tvgId, notes, options }: ChannelEdit) {
  const columns: Record<string, SQLInputValue | undefined> = {
    ...(name !== undefined && nameColumns(cleanText(name))),
    number,
    logo,
    tvg_id: tvgId === undefined ? undefined : cleanText(tvgId),
    notes,
    options: options === undefined ? undefined : JSON.stringify(options),
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined)) as Record<
    string,
    SQLInputValue
  >;
}

function nameColumns(name: string): Record<string, string> {
  return { name, folded: foldName(name), name_key: naturalKey(name) };
}

type SourceRow = { key: number; url: string; headers: string; is_hidden: number; priority: number };

/**
 * Makes these the sources of a channel, in this order. One that a list gave keeps belonging to it, with the headers and the place that
 * it was given here; one that is left out is only hidden while the list still has it.
 * @returns whether anything changed
 */
function saveSources(
  database: DatabaseSync,
  { channelKey, identity, sources }: { channelKey: number; identity: string; sources: readonly Source[] },
): boolean {
  const before = database
    .prepare(
      `SELECT key, url, coalesce(own_headers, headers) AS headers, is_hidden, priority FROM sources
       WHERE channel = ? ORDER BY is_hidden, priority, list, position`,
    )
    .all(channelKey) as SourceRow[];
  const wanted = sources.map(checkedSource).map(({ url, headers }) => ({ url, headers: JSON.stringify(headers) }));
  const visible = before.filter(({ is_hidden }) => is_hidden === 0);
  const isSame =
    visible.length === wanted.length &&
    wanted.every(({ url, headers }, at) => url === visible[at]?.url && headers === visible[at].headers);
  if (isSame) return false;

  const manual = manualList(database);
  const show = database.prepare(
    `UPDATE sources SET is_hidden = 0, priority = ?1, own_headers = iif(headers = ?2, NULL, ?2) WHERE key = ?3`,
  );
  const add = database.prepare(
    `INSERT INTO sources (channel, list, position, url, headers, identity, priority)
     VALUES (?1, ?2, (SELECT coalesce(max(position), -1) + 1 FROM sources WHERE channel = ?1 AND list = ?2), ?3, ?4,
       ?5, ?6)`,
  );
  const left = new Set(before);
  wanted.forEach(({ url, headers }, priority) => {
    const known = [...left].find((row) => row.url === url);
    if (known === undefined) return void add.run(channelKey, manual, url, headers, identity, priority);
    left.delete(known);
    show.run(priority, headers, known.key);
  });
  const dropOwn = database.prepare('DELETE FROM sources WHERE key = ? AND list = ?');
  const hide = database.prepare('UPDATE sources SET is_hidden = 1 WHERE key = ?');
  for (const { key } of left) if (dropOwn.run(key, manual).changes === 0) hide.run(key);
  return true;
}

/** @throws ProxyError BAD_REQUEST with the reason */
function checkedSource({ url, headers }: Source): Source {
  const read = parseAddress(url.trim(), withHeaders({}, Object.entries(headers)));
  if (read.kind === 'source') return read.source;
  throw new ProxyError('BAD_REQUEST', read.reason);
}

/** Adds a channel at the end. @returns its id */
export function addChannel(
  moment: Moment,
  { name, group, source }: { name: string; group: string; source: Source },
): string {
  const { database, arrangement } = moment;
  const checked = checkedSource(source);
  const entry = { name: cleanText(name) || nameFromUrl(checked.url), group: cleanText(group), tvgId: '' };
  const id = channelId(entry, (candidate) => freeId(moment, candidate));
  const list = manualList(database);
  const key = arrangement.add(entry.group);
  database
    .prepare(
      `INSERT INTO channels (key, id, list, name, folded, name_key, logo, tvg_id, attributes)
       VALUES (?, ?, ?, ?, ?, ?, '', '', '{}')`,
    )
    .run(key, id, list, entry.name, foldName(entry.name), naturalKey(entry.name));
  database
    .prepare('INSERT INTO sources (channel, list, position, url, headers, identity) VALUES (?, ?, 0, ?, ?, ?)')
    .run(key, list, checked.url, JSON.stringify(checked.headers), identityKey(entry));
  return id;
}

/** The list of what no list gave. */
function manualList(database: DatabaseSync): number {
  database.exec(`INSERT OR IGNORE INTO lists (origin, kind) VALUES ('manual', 'manual')`);
  return Number(database.prepare(`SELECT key FROM lists WHERE origin = 'manual'`).get()?.['key']);
}

/** Changes many channels alike. @returns how many of them were different before */
export function arrangeChannels(
  arrangement: Arrangement,
  keys: Int32Array,
  { group, enabled, favourite }: CommonEdit,
): number {
  const changed: Int32Array[] = [];
  if (group !== undefined) {
    const regrouped = arrangement.setGroups(keys, cleanText(group));
    arrangement.setAll('regrouped', regrouped, true);
    changed.push(regrouped);
  }
  if (enabled !== undefined) changed.push(arrangement.setAll('enabled', keys, enabled));
  if (favourite !== undefined) changed.push(arrangement.setAll('favourite', keys, favourite));
  return marksOf(concatenated(...changed)).reduce((count, mark) => count + mark, 0);
}

/** So many are looked up in a few milliseconds. */
const KEYS_PER_TURN = 2_000;

/** Moves channels before another one; `undefined`: to the end. Their lists no longer decide in which order theirs are. */
export async function moveChannels(
  { database, arrangement }: Moment,
  { keys, beforeKey, signal }: { keys: Int32Array; beforeKey: number | undefined; signal: AbortSignal },
): Promise<void> {
  arrangement.arrange(withMoved(arrangement.order, keys, beforeKey));
  const isLeft = database.prepare(`SELECT 1 FROM lists WHERE is_ordered = 0 AND kind <> 'manual'`);
  const leave = database.prepare(
    `UPDATE lists SET is_ordered = 1 WHERE is_ordered = 0
     AND key IN (SELECT list FROM json_each(?) JOIN channels ON channels.key = value)`,
  );
  await inSlices(
    chunks([...keys], KEYS_PER_TURN),
    (some) => isLeft.get() !== undefined && leave.run(JSON.stringify(some)),
    signal,
  );
}

/** Puts all channels into this order, which no list changes any more. */
export function orderChannels({ database, arrangement }: Moment, order: Int32Array): void {
  arrangement.arrange(order);
  database.exec('UPDATE lists SET is_ordered = 1 WHERE is_ordered = 0');
}
