import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Source } from '../../shared/channel.ts';
import type { ChannelEdit } from '../../shared/contract.ts';
import { ProxyError } from '../errors.ts';
import { channelId, identityKey } from './channel-id.ts';
import { cleanText, nameFromUrl } from './channel-list.ts';
import { unknownChannel } from './channel-table.ts';
import { chunks, inSlices } from './in-slices.ts';
import { POSITION_GAP } from './list-writer.ts';
import { foldName, naturalKey } from './search-key.ts';
import { parseAddress, withHeaders } from './source-address.ts';

/* What people do to channels, each inside a transaction that the caller has begun. */

/** The part of an edit that many channels can have at once. */
export type CommonEdit = Pick<ChannelEdit, 'group' | 'enabled' | 'favourite'>;

/** So many are removed in a few milliseconds. */
const IDS_PER_TURN = 200;

type StoredChannel = { key: number; edited: string } & Record<string, SQLInputValue>;

/** Columns that lists decide until somebody changes them. */
const LISTED = new Set(['number', 'name', 'group_title', 'logo', 'tvg_id']);

/** Changes one channel. @throws ProxyError UNKNOWN_CHANNEL; BAD_REQUEST for an address that cannot be relayed */
export function saveChannel(database: DatabaseSync, id: string, edit: ChannelEdit): void {
  const channel = database.prepare('SELECT * FROM channels WHERE id = ?').get(id) as StoredChannel | undefined;
  if (channel === undefined) throw unknownChannel();
  const edited = new Set(JSON.parse(channel.edited) as string[]);
  const changes = Object.entries(columnsOf(edit)).filter(([column, value]) => channel[column] !== value);
  for (const [column] of changes) if (LISTED.has(column)) edited.add(column);
  if (edit.sources !== undefined && saveSources(database, channel.key, edit.sources)) edited.add('sources');
  const columns = { ...Object.fromEntries(changes), edited: JSON.stringify([...edited]) };
  const names = Object.keys(columns);
  database
    .prepare(`UPDATE channels SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE key = ?`)
    .run(...Object.values(columns), channel.key);
}

function columnsOf({ name, number, group, logo, tvgId, enabled, favourite, notes, options }: ChannelEdit) {
  const columns: Record<string, SQLInputValue | undefined> = {
    ...(name !== undefined && nameColumns(cleanText(name))),
    number,
    group_title: group === undefined ? undefined : cleanText(group),
    logo,
    tvg_id: tvgId === undefined ? undefined : cleanText(tvgId),
    enabled: toFlag(enabled),
    favourite: toFlag(favourite),
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

function toFlag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

type SourceRow = { key: number; url: string; headers: string; is_hidden: number; priority: number };

/**
 * Makes these the sources of a channel, in this order. One that a list gave keeps belonging to it, with the headers and the place that
 * it was given here; one that is left out is only hidden while the list still has it.
 * @returns whether anything changed
 */
function saveSources(database: DatabaseSync, channelKey: number, sources: readonly Source[]): boolean {
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
       (SELECT tvg_id || char(10) || name || char(10) || group_title FROM channels WHERE key = ?1), ?5)`,
  );
  const left = new Set(before);
  wanted.forEach(({ url, headers }, priority) => {
    const known = [...left].find((row) => row.url === url);
    if (known === undefined) return void add.run(channelKey, manual, url, headers, priority);
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
  throw new ProxyError('BAD_REQUEST', `${read.reason.charAt(0).toUpperCase()}${read.reason.slice(1)}.`);
}

/** Adds a channel at the end. @returns its id */
export function addChannel(
  database: DatabaseSync,
  { name, group, source }: { name: string; group: string; source: Source },
): string {
  const checked = checkedSource(source);
  const entry = { name: cleanText(name) || nameFromUrl(checked.url), group: cleanText(group), tvgId: '' };
  const isTaken = database.prepare('SELECT 1 FROM channels WHERE id = ?');
  const id = channelId(entry, (candidate) => isTaken.get(candidate) === undefined);
  const list = manualList(database);
  const { lastInsertRowid } = database
    .prepare(
      `INSERT INTO channels (id, list, position, name, folded, name_key, group_title, logo, tvg_id, attributes)
       VALUES (?, ?, (SELECT coalesce(max(position), 0) + ? FROM channels), ?, ?, ?, ?, '', '', '{}')`,
    )
    .run(id, list, POSITION_GAP, entry.name, foldName(entry.name), naturalKey(entry.name), entry.group);
  database
    .prepare('INSERT INTO sources (channel, list, position, url, headers, identity) VALUES (?, ?, 0, ?, ?, ?)')
    .run(lastInsertRowid, list, checked.url, JSON.stringify(checked.headers), identityKey(entry));
  return id;
}

/** The list of what no list gave. */
function manualList(database: DatabaseSync): number {
  database.exec(`INSERT OR IGNORE INTO lists (origin, kind) VALUES ('manual', 'manual')`);
  return Number(database.prepare(`SELECT key FROM lists WHERE origin = 'manual'`).get()?.['key']);
}

/** Changes many channels alike. @returns how many of them were different before */
export async function saveChannels(
  database: DatabaseSync,
  ids: readonly string[],
  { group, enabled, favourite }: CommonEdit,
  signal: AbortSignal,
): Promise<number> {
  const update = database.prepare(
    `UPDATE channels SET
       edited = iif(?1 IS NULL OR group_title = ?1 OR instr(edited, '"group_title"'),
         edited, json_insert(edited, '$[#]', 'group_title')),
       group_title = coalesce(?1, group_title), enabled = coalesce(?2, enabled), favourite = coalesce(?3, favourite)
     WHERE id = ?4 AND (group_title <> coalesce(?1, group_title) OR enabled <> coalesce(?2, enabled)
       OR favourite <> coalesce(?3, favourite))`,
  );
  const values = [group === undefined ? null : cleanText(group), toFlag(enabled) ?? null, toFlag(favourite) ?? null];
  let changed = 0;
  await inSlices(ids, (id) => (changed += Number(update.run(...values, id).changes)), signal);
  return changed;
}

/** Removes channels; lists that still have them do not bring them back. @returns how many there were */
export async function removeChannels(
  database: DatabaseSync,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const chosen = 'FROM json_each(?) JOIN channels ON channels.id = value';
  const remember = database.prepare(
    `INSERT OR IGNORE INTO removed (list, id) SELECT sources.list, channels.id ${chosen}
     JOIN sources ON channel = channels.key JOIN lists ON lists.key = sources.list AND kind <> 'manual'`,
  );
  const dropSources = database.prepare(`DELETE FROM sources WHERE channel IN (SELECT channels.key ${chosen})`);
  const drop = database.prepare('DELETE FROM channels WHERE id IN (SELECT value FROM json_each(?))');
  let removed = 0;
  await inSlices(
    chunks(ids, IDS_PER_TURN),
    (some) => {
      const json = JSON.stringify(some);
      remember.run(json);
      dropSources.run(json);
      removed += Number(drop.run(json).changes);
    },
    signal,
  );
  return removed;
}
