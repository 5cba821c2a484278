import { LRUCache } from 'lru-cache';
import type { SQLInputValue } from 'node:sqlite';
import type { ChannelDetail, ChannelQuery, ChannelRow } from '../../shared/contract.ts';
import { readSentence } from '../../shared/sentence.ts';
import { ProxyError } from '../errors.ts';
import { inSlices } from './in-slices.ts';
import { toOptions, type ChannelRepository } from './repository.ts';
import { foldName } from './search-key.ts';

/** Lists of keys kept until something is written: the four orders, and what was searched for lately. */
const MAX_KEPT = 12;

/** The channels as a table to look at: any part of it, in any order, without holding up TVs however many there are. */
export type ChannelTable = {
  query: (query: ChannelQuery) => Promise<{ total: number; rows: ChannelRow[] }>;
  groups: () => { name: string; count: number }[];
  /** @throws ProxyError UNKNOWN_CHANNEL */
  detail: (id: string) => ChannelDetail;
  /** The keys of all channels in this order. */
  inOrder: (sort: ChannelQuery['sort']) => Promise<readonly number[]>;
};

export function createChannelTable({
  channels,
  playlistPath,
  successRate,
}: {
  channels: ChannelRepository;
  playlistPath: (channelId: string) => string;
  successRate: (channelId: string, url: string) => number | undefined;
}): ChannelTable {
  const kept = new LRUCache<string, Promise<readonly number[]>>({ max: MAX_KEPT });

  /** What was found once is right until the next write. */
  function keep(name: string, find: () => Promise<readonly number[]>): Promise<readonly number[]> {
    const key = `${channels.revision()} ${name}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const found = find();
    found.catch(() => kept.delete(key));
    kept.set(key, found);
    return found;
  }

  async function keysOf(sql: string, ...values: SQLInputValue[]): Promise<number[]> {
    const statement = channels.reader().prepare(sql);
    statement.setReturnArrays(true);
    const keys: number[] = [];
    await inSlices(statement.iterate(...values) as Iterable<unknown> as Iterable<[number]>, ([key]) => keys.push(key));
    return keys;
  }

  function inOrder(sort: ChannelQuery['sort']): Promise<readonly number[]> {
    switch (sort) {
      case 'position':
        return keep(sort, () => keysOf('SELECT key FROM channels ORDER BY position, key'));
      case 'name':
        return keep(sort, () => keysOf('SELECT key FROM channels ORDER BY name_key, key'));
      case 'number':
        return keep(sort, byNumber);
      case 'group':
        return keep(sort, byGroup);
    }
  }

  async function byNumber(): Promise<number[]> {
    const numbered = await keysOf('SELECT key FROM channels WHERE number IS NOT NULL ORDER BY number, key');
    const isNumbered = new Set(numbered);
    const others = (await inOrder('position')).filter((key) => !isNumbered.has(key));
    return numbered.concat(others);
  }

  /** Groups as people sort them; in each of them the channels in their order. */
  async function byGroup(): Promise<number[]> {
    const counted = groupsInTable().map((group) => ({ ...group, members: [] as number[] }));
    // Begun before anything else can be written: the same channels as were counted.
    const finding = keysOf('SELECT key FROM channels ORDER BY group_title');
    const ordered = await inOrder('position');
    const keys = await finding;
    const membersBeside = new Map<number, number[]>();
    let start = 0;
    for (const { count, members } of counted) {
      const end = start + count;
      await inSlices(keys.slice(start, end), (key) => membersBeside.set(key, members));
      start = end;
    }
    await inSlices(ordered, (key) => membersBeside.get(key)?.push(key));
    return sorted(counted).flatMap(({ members }) => members);
  }

  function groups(): { name: string; count: number }[] {
    return sorted(groupsInTable());
  }

  function groupsInTable(): { name: string; count: number }[] {
    return channels
      .reader()
      .prepare('SELECT group_title AS name, count(*) AS count FROM channels GROUP BY group_title ORDER BY group_title')
      .all() as { name: string; count: number }[];
  }

  async function matching({
    search,
    group,
    state,
    sort,
    descending,
  }: Omit<ChannelQuery, 'offset' | 'limit'>): Promise<readonly number[]> {
    const ordered = await inOrder(sort);
    const { where, values } = conditionsOf({ search, group, state });
    if (where === '') return descending ? ordered.toReversed() : ordered;
    const matches = new Set(await keysOf(`SELECT key FROM channels WHERE ${where}`, ...values));
    const found = ordered.filter((key) => matches.has(key));
    return descending ? found.toReversed() : found;
  }

  async function query({ offset, limit, ...rest }: ChannelQuery): Promise<{ total: number; rows: ChannelRow[] }> {
    const found = await keep(JSON.stringify(rest), () => matching(rest));
    return { total: found.length, rows: rowsOf(found.slice(offset, offset + limit)) };
  }

  function rowsOf(keys: readonly number[]): ChannelRow[] {
    const rows = channels
      .reader()
      .prepare(`${ROWS} WHERE key IN (SELECT value FROM json_each(?))`)
      .all(JSON.stringify(keys)) as StoredRow[];
    const byKey = new Map(rows.map((row) => [row.key, row]));
    return keys.flatMap((key) => {
      const row = byKey.get(key);
      return row === undefined ? [] : [toChannelRow(row)];
    });
  }

  function detail(id: string): ChannelDetail {
    const reader = channels.reader();
    const row = reader.prepare(`${ROWS} WHERE id = ?`).get(id) as StoredRow | undefined;
    if (row === undefined) throw unknownChannel();
    const sources = reader
      .prepare(
        `SELECT url, coalesce(own_headers, headers) AS headers, priority, name AS list_name FROM sources
         JOIN lists ON lists.key = list WHERE channel = ? AND is_hidden = 0 ORDER BY priority, list, position`,
      )
      .all(row.key);
    return {
      ...toChannelRow(row),
      attributes: JSON.parse(row.attributes) as Record<string, string>,
      options: toOptions(row.options),
      sources: sources.map(({ url, headers, priority, list_name: listName }) => ({
        url: String(url),
        headers: JSON.parse(String(headers)) as Record<string, string>,
        listName: String(listName),
        priority: Number(priority),
        successRate: successRate(id, String(url)) ?? null,
      })),
      path: playlistPath(id),
    };
  }

  return { query, groups, detail, inOrder };
}

function sorted<Group extends { name: string }>(groups: readonly Group[]): Group[] {
  const collator = new Intl.Collator(undefined, { numeric: true });
  return groups.toSorted((one, other) => collator.compare(one.name, other.name));
}

/** What is said of an id that nothing has. */
export function unknownChannel(): ProxyError {
  return new ProxyError('UNKNOWN_CHANNEL', 'There is no such channel any more.');
}

const ROWS = `SELECT *, (SELECT count(*) FROM sources WHERE channel = channels.key AND is_hidden = 0) AS source_count
  FROM channels`;

type StoredRow = {
  key: number;
  id: string;
  number: number | null;
  name: string;
  group_title: string;
  logo: string;
  tvg_id: string;
  attributes: string;
  options: string;
  enabled: number;
  favourite: number;
  notes: string;
  gone_at: number | null;
  health: ChannelRow['health'];
  health_sentence: string;
  source_count: number;
};

function toChannelRow(row: StoredRow): ChannelRow {
  const { id, name, number, logo, notes, health } = row;
  return {
    ...{ id, name, number, logo, notes, health },
    group: row.group_title,
    tvgId: row.tvg_id,
    enabled: row.enabled === 1,
    favourite: row.favourite === 1,
    sourceCount: row.source_count,
    goneAt: row.gone_at,
    healthSentence: readSentence(row.health_sentence),
  };
}

const STATES: Record<Exclude<ChannelQuery['state'], 'all'>, string> = {
  enabled: 'enabled = 1',
  disabled: 'enabled = 0',
  favourite: 'favourite = 1',
  gone: 'gone_at IS NOT NULL',
  broken: `health = 'broken'`,
};

function conditionsOf({ search, group, state }: Pick<ChannelQuery, 'search' | 'group' | 'state'>): {
  where: string;
  values: SQLInputValue[];
} {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const sought = foldName(search.trim());
  if (sought !== '') {
    conditions.push('instr(folded, ?)');
    values.push(sought);
  }
  if (group !== null) {
    conditions.push('group_title = ?');
    values.push(group);
  }
  if (state !== 'all') conditions.push(STATES[state]);
  return { where: conditions.join(' AND '), values };
}
