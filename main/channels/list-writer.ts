import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Source } from '../../shared/channel.ts';
import type { Arrangement } from './arrangement.ts';
import type { Moment } from './arrangement-store.ts';
import type { ListEntry } from './channel-list.ts';
import { withListed } from './channel-order.ts';
import { keysFrom } from './channel-selection.ts';
import { bury } from './removed-channels.ts';
import { foldName, naturalKey } from './search-key.ts';

/** What taking over a list changed. */
export type ImportCounts = { added: number; changed: number; removed: number; unchanged: number };

/** More upstreams of one channel help nobody; a list that names everything the same is still read in time. */
export const MAX_SOURCES = 100;

/** The columns of a channel's row that its list decides. */
export const ROW_COLUMNS = ['number', 'name', 'logo', 'tvg_id', 'attributes'] as const;

/** What of a channel its list decides, besides its place; its group is in the arrangement. */
const LISTED_COLUMNS = [...ROW_COLUMNS, 'group_title'] as const;

export type ListedColumns = Record<(typeof LISTED_COLUMNS)[number], string | number | null>;

/** A source, and what the list calls the channel that it is for. */
export type ListedSource = Source & { identity: string };

/** As `sources` keeps it. */
export type StoredSource = { url: string; headers: string };

type SourceRow = StoredSource & { identity: string; own_headers: string | null; is_hidden: number; priority: number };

type ChannelRow = Omit<ListedColumns, 'group_title'> & {
  key: number;
  list: number;
  edited: string;
  gone_at: number | null;
};

/** What becomes of a channel that the list no longer has: `drop` keeps what somebody edited, `mark` keeps all, `delete` nothing. */
export type Vanished = 'drop' | 'mark' | 'delete';

/** Writes what a list says, a channel at a time, inside a transaction that the caller has begun; `arrange` at the end. */
export function createListWriter(
  moment: Moment,
  { listKey, nowMs, vanished }: { listKey: number; nowMs: number; vanished: Vanished },
) {
  const { database, arrangement } = moment;
  const statements = prepareStatements(database);
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
  const listed: number[] = [];
  const wasListed = new Set<number>();
  let wrote = false;

  /** Brings the channel of this id up to date with the list, or adds it. */
  function take(id: string, entry: ListEntry, sources: readonly ListedSource[]): void {
    const row = livingRow(id);
    if (row === undefined) {
      const key = arrangement.add(entry.group);
      statements.insertChannel.run(key, id, listKey, ...valuesOf(listedColumns(entry)));
      writeSources(key, [], sources);
      listed.push(key);
      counts.added += 1;
      wrote = true;
      return;
    }
    const hasNewColumns = updateColumns(row, entry);
    const before = statements.sources.all(row.key, listKey) as SourceRow[];
    const hasNewSources = row.edited.includes('"sources"')
      ? rewriteSources(row.key, before, sources)
      : writeSources(row.key, before, sources);
    counts[hasNewColumns || hasNewSources ? 'changed' : 'unchanged'] += 1;
  }

  /** A removed channel makes room for one that the list brings. */
  function livingRow(id: string): ChannelRow | undefined {
    const row = statements.channel.get(id) as ChannelRow | undefined;
    if (row === undefined || arrangement.has(row.key)) return row;
    bury(moment, [row.key], listKey);
    return undefined;
  }

  /** @returns whether anything but the channel's place changed. */
  function updateColumns(row: ChannelRow, entry: ListEntry): boolean {
    // A channel that its own list has dropped belongs to the next list that has it.
    if (row.list !== listKey && row.gone_at === null) return false;
    listed.push(row.key);
    if (row.list === listKey) wasListed.add(row.key);
    const before = { ...row, group_title: arrangement.groupOf(row.key) };
    const next = keepEdited(editedOf(row, arrangement), before, listedColumns(entry));
    if (row.gone_at === null && differing(before, next).length === 0) return false;
    statements.updateChannel.run(listKey, ...valuesOf(next), row.key);
    arrangement.setGroup(row.key, String(next.group_title));
    wrote = true;
    return true;
  }

  /** Gives the list's channels their places. */
  function arrange(): void {
    const { order } = arrangement;
    for (const key of keysFrom(database, 'channels WHERE list = ? AND gone_at IS NOT NULL', [listKey]))
      wasListed.add(key);
    const next = withListed({
      order,
      listed: Int32Array.from(listed),
      wasListed: (key) => wasListed.has(key),
      isOrdered: statements.isOrdered.get(listKey)?.['is_ordered'] === 1,
      isBehind: laterLists(),
    });
    if (next.every((key, at) => key === order[at])) return;
    arrangement.arrange(next);
    wrote = true;
  }

  /** Tests for channels of lists that come after this one and that nobody has put into another order. */
  function laterLists(): (key: number) => boolean {
    if (wasListed.size > 0 || statements.laterList.get(listKey) === undefined) return () => false;
    const later = 'channels WHERE list IN (SELECT key FROM lists WHERE key > ? AND is_ordered = 0)';
    const keys = new Set(keysFrom(database, later, [listKey]));
    return (key) => keys.has(key);
  }

  function writeSources(channelKey: number, before: readonly SourceRow[], sources: readonly ListedSource[]): boolean {
    const next = toStored(sources);
    const isSame =
      before.length === next.length &&
      next.every(({ url, headers, identity }, at) => {
        const known = before[at];
        return url === known?.url && headers === known.headers && identity === known.identity;
      });
    if (isSame) return false;
    next.forEach(({ url, headers, identity }, at) =>
      statements.putSource.run(channelKey, listKey, at, url, headers, identity),
    );
    if (before.length > next.length) statements.dropSources.run(channelKey, listKey, next.length);
    wrote = true;
    return differ(before, next);
  }

  /** As above, where somebody has changed headers, order or number of the sources: that stays with each of them. */
  function rewriteSources(channelKey: number, before: readonly SourceRow[], sources: readonly ListedSource[]): boolean {
    const next = toStored(sources);
    if (!differ(before, next)) return false;
    const known = alignSources(before, next);
    statements.dropSources.run(channelKey, listKey, 0);
    next.forEach(({ url, headers, identity }, at) => {
      statements.putSource.run(channelKey, listKey, at, url, headers, identity);
      const { own_headers = null, is_hidden = 0, priority = Number.MAX_SAFE_INTEGER } = known[at] ?? {};
      statements.keepEdits.run(own_headers, is_hidden, priority, channelKey, listKey, at);
    });
    wrote = true;
    return true;
  }

  /** Takes the list's leave of a channel that it no longer has. */
  function remove(channelKey: number): void {
    wrote = true;
    const isLiving = arrangement.has(channelKey);
    const others = statements.otherList.get(channelKey, listKey)?.['list'];
    if (others !== undefined && others !== null) {
      statements.dropSources.run(channelKey, listKey, 0);
      statements.handOver.run(others, channelKey, listKey);
      if (isLiving) counts.changed += 1;
      return;
    }
    if (isLiving) counts.removed += 1;
    if (keep(channelKey)) return;
    statements.deleteChannel.run(channelKey);
    arrangement.drop(channelKey);
  }

  function keep(channelKey: number): boolean {
    if (vanished === 'delete') return false;
    // What somebody removed may still come back by undoing.
    const keepsAll = vanished === 'mark' || arrangement.isRemoved(channelKey) || isArranged(channelKey);
    return (keepsAll ? statements.mark : statements.markEdited).run(nowMs, channelKey).changes > 0;
  }

  function isArranged(key: number): boolean {
    return arrangement.is('favourite', key) || arrangement.is('regrouped', key) || !arrangement.is('enabled', key);
  }

  return { take, remove, arrange, result: () => ({ ...counts, wrote }) };
}

/** Whether TVs would get anything else. */
export function differ(before: readonly StoredSource[], next: readonly StoredSource[]): boolean {
  return (
    before.length !== next.length ||
    next.some(({ url, headers }, at) => url !== before[at]?.url || headers !== before[at].headers)
  );
}

/** Which known source each of the next ones is: that of the same address, else in their order. */
function alignSources<Known extends StoredSource>(
  before: readonly Known[],
  next: readonly StoredSource[],
): (Known | undefined)[] {
  const free = new Set(before);
  const claim = (known: Known | undefined): Known | undefined => {
    if (known !== undefined) free.delete(known);
    return known;
  };
  const same = next.map(({ url }) => claim([...free].find((known) => known.url === url)));
  return same.map((known) => known ?? claim([...free][0]));
}

/** The sources as they are kept: each once, and not too many. */
export function toStored(sources: readonly ListedSource[]): (StoredSource & { identity: string })[] {
  const stored = sources.map(({ url, headers, identity }) => ({ url, headers: JSON.stringify(headers), identity }));
  if (stored.length < 2) return stored;
  const distinct = new Map(stored.toReversed().map((source) => [source.url + source.headers, source]));
  return stored.filter((source) => distinct.get(source.url + source.headers) === source).slice(0, MAX_SOURCES);
}

export function listedColumns(entry: ListEntry): ListedColumns {
  return {
    number: entry.number,
    name: entry.name,
    group_title: entry.group,
    logo: entry.logo,
    tvg_id: entry.tvgId,
    attributes: JSON.stringify(entry.attributes),
  };
}

/** What somebody changed of a channel, its group included. */
export function editedOf({ key, edited }: { key: number; edited: string }, arrangement: Arrangement): string {
  if (!arrangement.is('regrouped', key)) return edited;
  return JSON.stringify([...(JSON.parse(edited) as string[]), 'group_title']);
}

/** What the list says, but for what somebody changed. `edited` is a JSON array of columns. */
export function keepEdited(edited: string, before: ListedColumns, listed: ListedColumns): ListedColumns {
  if (edited === '[]') return listed;
  const columns = new Set(JSON.parse(edited) as string[]);
  const kept = LISTED_COLUMNS.filter((column) => columns.has(column)).map((column) => [column, before[column]]);
  return { ...listed, ...(Object.fromEntries(kept) as Partial<ListedColumns>) };
}

/** The columns in which two states of a channel differ. */
export function differing(before: ListedColumns, next: ListedColumns): (keyof ListedColumns)[] {
  return LISTED_COLUMNS.filter((column) => before[column] !== next[column]);
}

function valuesOf(columns: ListedColumns): SQLInputValue[] {
  const name = String(columns.name);
  return [...ROW_COLUMNS.map((column) => columns[column]), foldName(name), naturalKey(name)];
}

function prepareStatements(database: DatabaseSync) {
  const columns = ROW_COLUMNS.join(', ');
  return {
    isOrdered: database.prepare('SELECT is_ordered FROM lists WHERE key = ?'),
    laterList: database.prepare('SELECT 1 FROM lists WHERE key > ? AND is_ordered = 0'),
    channel: database.prepare(`SELECT key, list, edited, gone_at, ${columns} FROM channels WHERE id = ?`),
    insertChannel: database.prepare(
      `INSERT INTO channels (key, id, list, ${columns}, folded, name_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    updateChannel: database.prepare(
      `UPDATE channels SET (list, ${columns}, folded, name_key, gone_at) = (?, ?, ?, ?, ?, ?, ?, ?, NULL)
       WHERE key = ?`,
    ),
    sources: database.prepare(
      `SELECT url, headers, identity, own_headers, is_hidden, priority FROM sources
       WHERE channel = ? AND list = ? ORDER BY position`,
    ),
    putSource: database.prepare(
      `INSERT INTO sources (channel, list, position, url, headers, identity) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (channel, list, position)
       DO UPDATE SET url = excluded.url, headers = excluded.headers, identity = excluded.identity`,
    ),
    keepEdits: database.prepare(
      `UPDATE sources SET own_headers = ?, is_hidden = ?, priority = ? WHERE channel = ? AND list = ? AND position = ?`,
    ),
    dropSources: database.prepare('DELETE FROM sources WHERE channel = ? AND list = ? AND position >= ?'),
    otherList: database.prepare('SELECT min(list) AS list FROM sources WHERE channel = ? AND list <> ?'),
    handOver: database.prepare('UPDATE channels SET list = ? WHERE key = ? AND list = ?'),
    mark: database.prepare('UPDATE channels SET gone_at = ? WHERE key = ?'),
    markEdited: database.prepare(
      `UPDATE channels SET gone_at = ? WHERE key = ?
       AND (edited <> '[]' OR notes <> '' OR options <> '{}')`,
    ),
    deleteChannel: database.prepare('DELETE FROM channels WHERE key = ?'),
  };
}
