import type { Settings } from '../../shared/settings.ts';
import type { Arrangement } from './arrangement.ts';
import type { Moment } from './arrangement-store.ts';
import type { BackupChannel, BackupList, BackupRecord, BackupSource } from './backup-file.ts';
import { maskedKey, publicUrl } from './list-origin.ts';
import { editedOf } from './list-writer.ts';
import { toOptions } from './repository.ts';

/** Settings that are, or may hold, a password. */
const SECRET_SETTINGS = ['sealingKey', 'redisUrl', 'accessKey', 'upstreamProxy'] as const;

/** The ids of the channels that somebody removed from each list, by its key. */
export type RemovedIds = ReadonlyMap<number, ReadonlySet<string>>;

/** The settings, lists and channels of a database as a backup has them. */
export function* recordsOf(
  { database, arrangement }: Moment,
  { settings, removedFrom, withSecrets }: { settings: Settings; removedFrom: RemovedIds; withSecrets: boolean },
): Generator<BackupRecord> {
  yield {
    settings: withSecrets ? without(settings, ['sealingKey']) : without(settings, SECRET_SETTINGS),
    sealingKey: withSecrets ? settings.sealingKey : null,
  };
  for (const row of database.prepare('SELECT * FROM lists ORDER BY key').iterate() as Iterable<unknown>) {
    const list = toList(row as ListRecord, [...(removedFrom.get((row as ListRecord).key) ?? [])]);
    yield { list: withSecrets ? list : publicList(list) };
  }
  const positions = new Int32Array(arrangement.nextKey);
  arrangement.order.forEach((key, position) => (positions[key] = position));
  const sources = database.prepare('SELECT * FROM sources WHERE channel = ? ORDER BY list, position');
  for (const row of database.prepare('SELECT * FROM channels ORDER BY key').iterate() as Iterable<unknown>) {
    const record = row as ChannelRecord;
    if (!arrangement.has(record.key)) continue;
    const channel = toChannel(record, {
      arrangement,
      position: positions[record.key] ?? 0,
      sources: (sources.all(record.key) as SourceRecord[]).map(toSource),
    });
    yield { channel: withSecrets ? channel : publicChannel(channel) };
  }
}

function without<Value extends object>(value: Value, names: readonly string[]): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name))) as Partial<Value>;
}

function publicList(list: BackupList): BackupList {
  return {
    ...list,
    origin: maskedKey(list.kind, list.origin),
    credentials: '',
    guideUrls: list.guideUrls.map(publicUrl),
  };
}

function publicChannel(channel: BackupChannel): BackupChannel {
  return {
    ...channel,
    logo: publicUrl(channel.logo),
    attributes: Object.fromEntries(Object.entries(channel.attributes).map(([name, text]) => [name, publicUrl(text)])),
    // Headers are there because something wants to be persuaded; what of it is a password, nobody knows.
    sources: channel.sources.map((source) => ({
      ...source,
      url: publicUrl(source.url),
      headers: {},
      ownHeaders: null,
    })),
  };
}

export type ListRecord = {
  key: number;
  origin: string;
  kind: BackupList['kind'];
  name: string;
  guide_urls: string;
  refreshed_at: number | null;
  refresh_hours: number;
  credentials: string;
  groups: string | null;
  merges: number;
  is_ordered: number;
};

/** Read from the database. */
export function toList(row: ListRecord, removed: string[]): BackupList {
  const { key, origin, kind, name, credentials, groups } = row;
  return {
    ...{ key, origin, kind, name, credentials, removed },
    guideUrls: JSON.parse(row.guide_urls) as string[],
    refreshedAt: row.refreshed_at,
    refreshHours: row.refresh_hours,
    groups: groups === null ? null : (JSON.parse(groups) as string[]),
    merges: row.merges === 1,
    isOrdered: row.is_ordered === 1,
  };
}

type ChannelRecord = {
  key: number;
  id: string;
  list: number;
  number: number | null;
  name: string;
  logo: string;
  tvg_id: string;
  attributes: string;
  notes: string;
  options: string;
  edited: string;
  gone_at: number | null;
};

function toChannel(
  row: ChannelRecord,
  { arrangement, position, sources }: { arrangement: Arrangement; position: number; sources: BackupSource[] },
): BackupChannel {
  const { key, id, list, number, name, logo, notes } = row;
  return {
    ...{ id, list, position, number, name, logo, notes, sources },
    group: arrangement.groupOf(key),
    tvgId: row.tvg_id,
    attributes: JSON.parse(row.attributes) as Record<string, string>,
    enabled: arrangement.is('enabled', key),
    favourite: arrangement.is('favourite', key),
    options: toOptions(row.options),
    edited: JSON.parse(editedOf(row, arrangement)) as string[],
    goneAt: row.gone_at,
  };
}

export type SourceRecord = {
  list: number;
  url: string;
  headers: string;
  own_headers: string | null;
  is_hidden: number;
  priority: number;
  identity: string;
};

/** Read from the database. */
export function toSource(row: SourceRecord): BackupSource {
  const { list, url, own_headers: ownHeaders, priority, identity } = row;
  return {
    ...{ list, url, priority, identity },
    headers: JSON.parse(row.headers) as Record<string, string>,
    ownHeaders: ownHeaders === null ? null : (JSON.parse(ownHeaders) as Record<string, string>),
    isHidden: row.is_hidden === 1,
  };
}
