import type { DatabaseSync } from 'node:sqlite';
import { ChannelOptions } from '../../shared/channel.ts';
import type { SettingsEdit } from '../../shared/contract.ts';
import type { Settings } from '../../shared/settings.ts';
import { maskUrl } from '../mask-url.ts';
import {
  readBackup,
  writeBackup,
  type BackupChannel,
  type BackupContent,
  type BackupList,
  type BackupRecord,
  type BackupSource,
} from './backup-file.ts';
import { inSlices, keyRanges } from './in-slices.ts';
import { toOptions, type ChannelRepository } from './repository.ts';
import { foldName, naturalKey } from './search-key.ts';

/** What a backup brought back; its settings are for the caller to bring into force. */
export type RestoredBackup = {
  channels: number;
  settings: SettingsEdit;
  /** Null when the backup has no secrets. */
  sealingKey: string | null;
};

/** Everything that people have put into the relay, as one text and back. */
export type Backup = {
  /** An empty passphrase: without anything secret. */
  create: (passphrase: string, settings: Settings) => Promise<{ fileName: string; text: string }>;
  restore: (text: string, passphrase: string) => Promise<RestoredBackup>;
};

export function createBackup({ channels, now }: { channels: ChannelRepository; now: () => number }): Backup {
  return {
    async create(passphrase, settings) {
      using snapshot = channels.snapshot();
      const records = recordsOf(snapshot, settings, passphrase !== '');
      const date = new Date(now()).toISOString().slice(0, 10);
      return {
        fileName: `hearthcast-${date}.backup`,
        text: await writeBackup(records, { passphrase, nowMs: now() }),
      };
    },

    async restore(text, passphrase) {
      const content = await readBackup(text, passphrase);
      await channels.write({
        what: () => `Restored a backup of ${content.channels.length} channels.`,
        run: (writer, signal) => replaceAll(writer, content, signal),
      });
      const { settings, sealingKey } = content;
      return { channels: content.channels.length, settings, sealingKey };
    },
  };
}

/** Settings that are, or may hold, a password. */
const SECRET_SETTINGS = ['sealingKey', 'redisUrl', 'accessKey', 'upstreamProxy'] as const;

function* recordsOf(database: DatabaseSync, settings: Settings, withSecrets: boolean): Generator<BackupRecord> {
  yield {
    settings: withSecrets ? without(settings, ['sealingKey']) : without(settings, SECRET_SETTINGS),
    sealingKey: withSecrets ? settings.sealingKey : null,
  };
  const removed = database.prepare('SELECT id FROM removed WHERE list = ?');
  for (const row of database.prepare('SELECT * FROM lists ORDER BY key').iterate() as Iterable<unknown>) {
    const list = toList(
      row as ListRecord,
      removed.all((row as ListRecord).key).map(({ id }) => String(id)),
    );
    yield { list: withSecrets ? list : publicList(list) };
  }
  const sources = database.prepare('SELECT * FROM sources WHERE channel = ? ORDER BY list, position');
  for (const row of database.prepare('SELECT * FROM channels ORDER BY key').iterate() as Iterable<unknown>) {
    const record = row as ChannelRecord;
    const channel = toChannel(record, (sources.all(record.key) as SourceRecord[]).map(toSource));
    yield { channel: withSecrets ? channel : publicChannel(channel) };
  }
}

function without<Value extends object>(value: Value, names: readonly string[]): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name))) as Partial<Value>;
}

/** The address as it is when nothing in it is secret, else with the secrets masked. */
function publicUrl(url: string): string {
  const masked = maskUrl(url);
  return masked.includes('***') ? masked : url;
}

function publicOrigin({ kind, origin }: Pick<BackupList, 'kind' | 'origin'>): string {
  return kind === 'xtream' ? `xtream:***@${publicUrl(origin.slice(origin.indexOf('@') + 1))}` : publicUrl(origin);
}

function publicList(list: BackupList): BackupList {
  return { ...list, origin: publicOrigin(list), credentials: '', guideUrls: list.guideUrls.map(publicUrl) };
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

/** Puts a backup in place of all channels and lists. What it does not tell of the secrets is taken over from what is there. */
async function replaceAll(database: DatabaseSync, content: BackupContent, signal: AbortSignal): Promise<void> {
  const { lists, channels } = content.hasSecrets ? content : await withKnownSecrets(database, content, signal);
  await clear(database, signal);
  const put = prepareWrites(database);
  for (const list of lists) put.list(list);
  await inSlices(channels, (channel) => put.channel(channel), signal);
}

async function withKnownSecrets(
  database: DatabaseSync,
  { lists, channels }: BackupContent,
  signal: AbortSignal,
): Promise<Pick<BackupContent, 'lists' | 'channels'>> {
  const known = { lists: new Map<string, BackupList>(), sources: new Map<string, BackupSource>() };
  const addressOf = (id: string, url: string): string => `${id} ${url}`;
  for (const row of database.prepare('SELECT * FROM lists').iterate() as Iterable<unknown>) {
    const list = toList(row as ListRecord, []);
    known.lists.set(publicOrigin(list), list);
  }
  const rows = database.prepare('SELECT id, sources.* FROM sources JOIN channels ON channels.key = channel').iterate();
  await inSlices(
    rows as Iterable<unknown> as Iterable<SourceRecord & { id: string }>,
    (row) => known.sources.set(addressOf(row.id, publicUrl(row.url)), toSource(row)),
    signal,
  );
  return {
    lists: lists.map((list) => {
      const { origin, credentials, guideUrls } = known.lists.get(list.origin) ?? list;
      const isLost = origin.includes('***');
      return { ...list, origin, credentials, guideUrls, refreshHours: isLost ? 0 : list.refreshHours };
    }),
    channels: channels.map((channel) => ({
      ...channel,
      sources: channel.sources.map((source) => {
        const { url, headers, ownHeaders } = known.sources.get(addressOf(channel.id, source.url)) ?? source;
        return { ...source, url, headers, ownHeaders };
      }),
    })),
  };
}

async function clear(database: DatabaseSync, signal: AbortSignal): Promise<void> {
  for (const table of ['sources', 'channels', 'removed', 'lists']) {
    const keys = database.prepare(`SELECT min(key) AS first, max(key) AS last FROM ${table}`).get();
    const drop = database.prepare(`DELETE FROM ${table} WHERE key BETWEEN ? AND ?`);
    const ranges = keyRanges(Number(keys?.['first']), Number(keys?.['last']));
    await inSlices(ranges, ([from, to]) => drop.run(from, to), signal);
  }
}

function prepareWrites(database: DatabaseSync) {
  const putList = database.prepare(
    `INSERT INTO lists (key, origin, kind, name, guide_urls, refreshed_at, refresh_hours, credentials, groups, merges,
       is_ordered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const putRemoved = database.prepare('INSERT OR IGNORE INTO removed (list, id) VALUES (?, ?)');
  const putChannel = database.prepare(
    `INSERT INTO channels (id, list, position, number, name, folded, name_key, group_title, logo, tvg_id, attributes,
       enabled, favourite, notes, options, edited, gone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const putSource = database.prepare(
    `INSERT INTO sources (channel, list, position, url, headers, own_headers, is_hidden, priority, identity)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    list(list: BackupList): void {
      const { key, origin, kind, name, guideUrls, refreshedAt, refreshHours, credentials, groups } = list;
      putList.run(
        ...[key, origin, kind, name, JSON.stringify(guideUrls), refreshedAt, refreshHours, credentials],
        ...[groups === null ? null : JSON.stringify(groups), Number(list.merges), Number(list.isOrdered)],
      );
      for (const id of list.removed) putRemoved.run(key, id);
    },
    channel(channel: BackupChannel): void {
      const { id, list, position, number, name, group, logo, tvgId, notes, goneAt } = channel;
      const { lastInsertRowid } = putChannel.run(
        ...[id, list, position, number, name, foldName(name), naturalKey(name), group, logo, tvgId],
        ...[JSON.stringify(channel.attributes), Number(channel.enabled), Number(channel.favourite), notes],
        ...[optionsText(channel), JSON.stringify(channel.edited), goneAt],
      );
      for (const [index, source] of channel.sources.entries()) {
        putSource.run(
          ...[lastInsertRowid, source.list, index, source.url, JSON.stringify(source.headers)],
          ...[source.ownHeaders && JSON.stringify(source.ownHeaders), Number(source.isHidden)],
          ...[source.priority, source.identity],
        );
      }
    },
  };
}

/** As `toOptions` likes it best where there are none. */
function optionsText({ options }: BackupChannel): string {
  const isDefault = JSON.stringify(options) === JSON.stringify(ChannelOptions.parse({}));
  return isDefault ? '{}' : JSON.stringify(options);
}

type ListRecord = {
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

function toList(row: ListRecord, removed: string[]): BackupList {
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
  position: number;
  number: number | null;
  name: string;
  group_title: string;
  logo: string;
  tvg_id: string;
  attributes: string;
  enabled: number;
  favourite: number;
  notes: string;
  options: string;
  edited: string;
  gone_at: number | null;
};

function toChannel(row: ChannelRecord, sources: BackupSource[]): BackupChannel {
  const { id, list, position, number, name, logo, notes } = row;
  return {
    ...{ id, list, position, number, name, logo, notes, sources },
    group: row.group_title,
    tvgId: row.tvg_id,
    attributes: JSON.parse(row.attributes) as Record<string, string>,
    enabled: row.enabled === 1,
    favourite: row.favourite === 1,
    options: toOptions(row.options),
    edited: JSON.parse(row.edited) as string[],
    goneAt: row.gone_at,
  };
}

type SourceRecord = {
  list: number;
  url: string;
  headers: string;
  own_headers: string | null;
  is_hidden: number;
  priority: number;
  identity: string;
};

function toSource(row: SourceRecord): BackupSource {
  const { list, url, own_headers: ownHeaders, priority, identity } = row;
  return {
    ...{ list, url, priority, identity },
    headers: JSON.parse(row.headers) as Record<string, string>,
    ownHeaders: ownHeaders === null ? null : (JSON.parse(ownHeaders) as Record<string, string>),
    isHidden: row.is_hidden === 1,
  };
}
