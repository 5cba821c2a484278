import { LRUCache } from 'lru-cache';
import type { ChannelDetail, ChannelQuery, ChannelRow } from '../../shared/contract.ts';
import { readSentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import type { Arrangement } from './arrangement.ts';
import type { Moment } from './arrangement-store.ts';
import { concatenated, marksOf } from './channel-order.ts';
import { keysFrom, keysMatching } from './channel-selection.ts';
import { toOptions, type ChannelRepository } from './repository.ts';

/** Lists of keys kept until something is written: what was searched for lately, in which order. */
const MAX_KEPT = 12;

/** The channels as a table to look at: any part of it, in any order, without holding up TVs however many there are. */
export type ChannelTable = {
  query: (query: ChannelQuery) => { total: number; rows: ChannelRow[] };
  groups: () => { name: string; count: number }[];
  /** @throws ProxyError UNKNOWN_CHANNEL */
  detail: (id: string) => ChannelDetail;
  /** The keys of all channels of a moment in this order. */
  inOrder: (moment: Moment, sort: ChannelQuery['sort']) => Int32Array;
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
  const kept = new LRUCache<string, Int32Array>({ max: MAX_KEPT });
  const keptInRows = new LRUCache<string, readonly number[]>({ max: MAX_KEPT });

  /** Keys in an order that rows have: right until rows are written, also in a transaction that has not written any yet. */
  function inRows({ database, arrangement }: Moment, from: string): Int32Array {
    const name = `${channels.rowRevision()} ${from}`;
    const keys = keptInRows.get(name) ?? keysFrom(database, `(SELECT key FROM ${from})`);
    keptInRows.set(name, keys);
    return Int32Array.from(keys).filter((key) => arrangement.has(key));
  }

  function inOrder(moment: Moment, sort: ChannelQuery['sort']): Int32Array {
    switch (sort) {
      case 'position':
        return moment.arrangement.order;
      case 'name':
        return inRows(moment, 'channels ORDER BY name_key, key');
      case 'number':
        return withRest(inRows(moment, 'channels WHERE number IS NOT NULL ORDER BY number, key'), moment.arrangement);
      case 'group':
        return byGroup(moment.arrangement);
    }
  }

  function matching({ sort, descending, ...filter }: Omit<ChannelQuery, 'offset' | 'limit'>): Int32Array {
    const moment = channels.reader();
    const found = keysMatching(moment, inOrder(moment, sort), filter);
    return descending ? found.toReversed() : found;
  }

  function query({ offset, limit, ...rest }: ChannelQuery): { total: number; rows: ChannelRow[] } {
    const name = `${channels.revision()} ${JSON.stringify(rest)}`;
    const found = kept.get(name) ?? matching(rest);
    kept.set(name, found);
    return { total: found.length, rows: rowsOf(found.subarray(offset, offset + limit)) };
  }

  function rowsOf(keys: Int32Array): ChannelRow[] {
    const { database, arrangement } = channels.reader();
    const rows = database
      .prepare(`${ROWS} WHERE key IN (SELECT value FROM json_each(?))`)
      .all(JSON.stringify([...keys])) as StoredRow[];
    const byKey = new Map(rows.map((row) => [row.key, row]));
    return [...keys].flatMap((key) => {
      const row = byKey.get(key);
      return row === undefined ? [] : [toChannelRow(row, arrangement)];
    });
  }

  function detail(id: string): ChannelDetail {
    const { database, arrangement } = channels.reader();
    const row = database.prepare(`${ROWS} WHERE id = ?`).get(id) as StoredRow | undefined;
    if (row === undefined || !arrangement.has(row.key)) throw unknownChannel();
    const sources = database
      .prepare(
        `SELECT url, coalesce(own_headers, headers) AS headers, priority, name AS list_name FROM sources
         JOIN lists ON lists.key = list WHERE channel = ? AND is_hidden = 0 ORDER BY priority, list, position`,
      )
      .all(row.key);
    return {
      ...toChannelRow(row, arrangement),
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

  return { query, groups: () => sorted(channels.reader().arrangement.groups()), detail, inOrder };
}

/** These, and then all others as they stand. */
function withRest(keys: Int32Array, { order }: Arrangement): Int32Array {
  const isFirst = marksOf(keys);
  return concatenated(
    keys,
    order.filter((key) => isFirst[key] !== 1),
  );
}

/** Groups as people sort them; in each of them the channels in their order. */
function byGroup(arrangement: Arrangement): Int32Array {
  const starts = new Map<string, number>();
  let start = 0;
  for (const { name, count } of sorted(arrangement.groups())) {
    starts.set(name, start);
    start += count;
  }
  const keys = new Int32Array(arrangement.order.length);
  for (const key of arrangement.order) {
    const group = arrangement.groupOf(key);
    const at = starts.get(group) ?? 0;
    keys[at] = key;
    starts.set(group, at + 1);
  }
  return keys;
}

function sorted<Group extends { name: string }>(groups: readonly Group[]): Group[] {
  const collator = new Intl.Collator(undefined, { numeric: true });
  return groups.toSorted((one, other) => collator.compare(one.name, other.name));
}

/** What is said of an id that nothing has. */
export function unknownChannel(): ProxyError {
  return new ProxyError('UNKNOWN_CHANNEL', say('channel.unknown'));
}

const ROWS = `SELECT *, (SELECT count(*) FROM sources WHERE channel = channels.key AND is_hidden = 0) AS source_count
  FROM channels`;

type StoredRow = {
  key: number;
  id: string;
  number: number | null;
  name: string;
  logo: string;
  tvg_id: string;
  attributes: string;
  options: string;
  notes: string;
  gone_at: number | null;
  health: ChannelRow['health'];
  health_sentence: string;
  source_count: number;
};

function toChannelRow(row: StoredRow, arrangement: Arrangement): ChannelRow {
  const { key, id, name, number, logo, notes, health } = row;
  return {
    ...{ id, name, number, logo, notes, health },
    group: arrangement.groupOf(key),
    tvgId: row.tvg_id,
    enabled: arrangement.is('enabled', key),
    favourite: arrangement.is('favourite', key),
    sourceCount: row.source_count,
    goneAt: row.gone_at,
    healthSentence: readSentence(row.health_sentence),
  };
}
