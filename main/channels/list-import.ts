import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Source } from '../../shared/channel.ts';
import { channelId, identityKey, type Identity } from './channel-id.ts';
import type { ChannelList, ListEntry } from './channel-list.ts';
import { inSlices } from './in-slices.ts';

/** A list and where it came from: an absolute path or a URL. */
export type ImportedList = ChannelList & { origin: string };

/** What taking over a list changed. */
export type ImportCounts = { added: number; changed: number; removed: number; unchanged: number };

/** Room for four million channels of a list, and for as many moved between any two of them. */
const POSITIONS_PER_LIST = 2 ** 32;
const POSITION_GAP = 2 ** 10;

/** More upstreams of one channel help nobody; a list that names everything the same is still read in time. */
const MAX_SOURCES = 100;

/** The columns of a channel that its list decides. */
const LISTED_COLUMNS = ['position', 'number', 'name', 'group_title', 'logo', 'tvg_id', 'attributes'] as const;

type ListedColumns = Record<(typeof LISTED_COLUMNS)[number], string | number | null>;

type SourceRow = { url: string; headers: string };

/** A channel that the list had when it was last taken over. */
type ListedRow = { key: number; id: string } & Identity;

type ChannelRow = ListedColumns & { key: number; list: number; edited: string; gone_at: number | null };

/**
 * Writes one list inside a transaction that the caller has begun, a slice at a time. Channels already there keep their ids and what
 * people edited; channels that only this list had and no longer has go, or are marked when somebody edited them.
 */
export async function writeList(
  database: DatabaseSync,
  { origin, entries, guideUrls }: ImportedList,
  nowMs: number,
  signal: AbortSignal,
): Promise<ImportCounts & { wrote: boolean }> {
  const listKey = Number(
    database
      .prepare(
        `INSERT INTO lists (origin, guide_urls, refreshed_at) VALUES (?, ?, ?)
         ON CONFLICT (origin) DO UPDATE SET guide_urls = excluded.guide_urls, refreshed_at = excluded.refreshed_at
         RETURNING key`,
      )
      .get(origin, JSON.stringify(guideUrls), nowMs)?.['key'],
  );
  const write = createListWriter(database, listKey, nowMs);
  const merged = await mergeEntries(entries, signal);
  await inSlices(write.listedChannels(), (row) => write.expect(row, merged), signal);
  await inSlices(merged, ([identity, entry]) => write.take(identity, entry), signal);
  await inSlices(write.vanished(), write.remove, signal);
  return write.result();
}

/** Entries of one identity become one channel with all their sources, at the place of the first. */
async function mergeEntries(entries: readonly ListEntry[], signal: AbortSignal): Promise<Map<string, ListEntry>> {
  const merged = new Map<string, ListEntry>();
  await inSlices(
    entries,
    (entry) => {
      const identity = identityKey(entry);
      const first = merged.get(identity);
      if (first === undefined) merged.set(identity, entry);
      else if (first.sources.length < MAX_SOURCES) {
        merged.set(identity, { ...first, sources: [...first.sources, ...entry.sources] });
      }
    },
    signal,
  );
  return merged;
}

function createListWriter(database: DatabaseSync, listKey: number, nowMs: number) {
  const statements = prepareStatements(database);
  const usedIds = new Set<string>();
  const keptIds = new Map<string, string>();
  const notYetTaken = new Set<number>();
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
  let wrote = false;
  let index = 0;

  /** A channel that is still in the list has its id for good, whoever would be the first to get that id today. */
  function expect({ key, id, ...row }: ListedRow, merged: ReadonlyMap<string, ListEntry>): void {
    notYetTaken.add(key);
    const identity = identityKey(row);
    if (!merged.has(identity) || keptIds.has(identity)) return;
    keptIds.set(identity, id);
    usedIds.add(id);
  }

  /** A channel that only other lists have is the same as this entry when it is called the same; else the id is not free. */
  function isFree(id: string, { name }: ListEntry): boolean {
    if (usedIds.has(id)) return false;
    const stranger = statements.nameInOtherLists.get(id, listKey)?.['name'];
    return stranger === undefined || folded(String(stranger)) === folded(name);
  }

  function take(identity: string, entry: ListEntry): void {
    const id = keptIds.get(identity) ?? channelId(entry, (candidate) => isFree(candidate, entry));
    usedIds.add(id);
    const listed = listedColumns(entry, listKey * POSITIONS_PER_LIST + index * POSITION_GAP);
    index += 1;
    const row = statements.channel.get(id) as ChannelRow | undefined;
    if (row === undefined) {
      const key = Number(statements.insertChannel.run(id, listKey, ...valuesOf(listed)).lastInsertRowid);
      writeSources(key, [], entry.sources);
      counts.added += 1;
      wrote = true;
      return;
    }
    notYetTaken.delete(row.key);
    const columns = updateColumns(row, listed);
    const sources = writeSources(row.key, statements.sources.all(row.key, listKey) as SourceRow[], entry.sources);
    counts[columns || sources ? 'changed' : 'unchanged'] += 1;
  }

  /** @returns whether anything but the channel's place changed. */
  function updateColumns(row: ChannelRow, listed: ListedColumns): boolean {
    if (row.list !== listKey) return false;
    const next = keepEdited(row, listed);
    const differing = LISTED_COLUMNS.filter((column) => row[column] !== next[column]);
    if (differing.length === 0 && row.gone_at === null) return false;
    statements.updateChannel.run(...valuesOf(next), row.key);
    wrote = true;
    return row.gone_at !== null || differing.some((column) => column !== 'position');
  }

  function writeSources(channelKey: number, before: readonly SourceRow[], sources: readonly Source[]): boolean {
    const next = distinct(sources.map(({ url, headers }) => ({ url, headers: JSON.stringify(headers) })));
    const isSame =
      before.length === next.length &&
      next.every(({ url, headers }, at) => url === before[at]?.url && headers === before[at].headers);
    if (isSame) return false;
    next.forEach(({ url, headers }, at) => statements.putSource.run(channelKey, listKey, at, url, headers));
    if (before.length > next.length) statements.dropSources.run(channelKey, listKey, next.length);
    wrote = true;
    return true;
  }

  function remove(channelKey: number): void {
    wrote = true;
    const others = statements.otherList.get(channelKey, listKey)?.['list'];
    if (others !== undefined && others !== null) {
      statements.dropSources.run(channelKey, listKey, 0);
      statements.handOver.run(others, channelKey, listKey);
      counts.changed += 1;
      return;
    }
    const isKept = statements.markEdited.run(nowMs, channelKey).changes > 0;
    if (!isKept) statements.deleteChannel.run(channelKey);
    counts.removed += 1;
  }

  return {
    expect,
    take,
    remove,
    listedChannels: () => statements.listed.iterate(listKey) as Iterable<ListedRow>,
    vanished: () => [...notYetTaken],
    result: () => ({ ...counts, wrote }),
  };
}

function prepareStatements(database: DatabaseSync) {
  const columns = LISTED_COLUMNS.join(', ');
  return {
    channel: database.prepare(`SELECT key, list, edited, gone_at, ${columns} FROM channels WHERE id = ?`),
    nameInOtherLists: database.prepare(
      `SELECT name FROM channels WHERE id = ?1
       AND NOT EXISTS (SELECT 1 FROM sources WHERE channel = channels.key AND list = ?2)`,
    ),
    insertChannel: database.prepare(`INSERT INTO channels (id, list, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    updateChannel: database.prepare(
      `UPDATE channels SET (${columns}, gone_at) = (?, ?, ?, ?, ?, ?, ?, NULL) WHERE key = ?`,
    ),
    sources: database.prepare('SELECT url, headers FROM sources WHERE channel = ? AND list = ? ORDER BY position'),
    putSource: database.prepare(
      `INSERT INTO sources (channel, list, position, url, headers) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (channel, list, position) DO UPDATE SET url = excluded.url, headers = excluded.headers`,
    ),
    dropSources: database.prepare('DELETE FROM sources WHERE channel = ? AND list = ? AND position >= ?'),
    listed: database.prepare(
      `SELECT key, id, name, group_title AS "group", tvg_id AS tvgId FROM channels
       WHERE gone_at IS NULL AND EXISTS (SELECT 1 FROM sources WHERE channel = channels.key AND list = ?)
       ORDER BY key`,
    ),
    otherList: database.prepare('SELECT min(list) AS list FROM sources WHERE channel = ? AND list <> ?'),
    handOver: database.prepare('UPDATE channels SET list = ? WHERE key = ? AND list = ?'),
    markEdited: database.prepare(
      `UPDATE channels SET gone_at = ? WHERE key = ? AND (edited <> '[]' OR favourite OR notes <> '')`,
    ),
    deleteChannel: database.prepare('DELETE FROM channels WHERE key = ?'),
  };
}

function listedColumns(entry: ListEntry, position: number): ListedColumns {
  return {
    position,
    number: entry.number,
    name: entry.name,
    group_title: entry.group,
    logo: entry.logo,
    tvg_id: entry.tvgId,
    attributes: JSON.stringify(entry.attributes),
  };
}

function valuesOf(columns: ListedColumns): SQLInputValue[] {
  return LISTED_COLUMNS.map((column) => columns[column]);
}

function keepEdited(row: ChannelRow, listed: ListedColumns): ListedColumns {
  if (row.edited === '[]') return listed;
  const edited = new Set(JSON.parse(row.edited) as string[]);
  const kept = LISTED_COLUMNS.filter((column) => edited.has(column)).map((column) => [column, row[column]]);
  return { ...listed, ...(Object.fromEntries(kept) as Partial<ListedColumns>) };
}

function distinct(sources: SourceRow[]): SourceRow[] {
  if (sources.length < 2) return sources;
  return [...new Map(sources.map((source) => [source.url + source.headers, source])).values()].slice(0, MAX_SOURCES);
}

function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
