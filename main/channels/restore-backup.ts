import type { DatabaseSync } from 'node:sqlite';
import { ChannelOptions } from '../../shared/channel.ts';
import type { Moment } from './arrangement-store.ts';
import type { BackupChannel, BackupContent, BackupList, BackupSource } from './backup-file.ts';
import { toList, toSource, type ListRecord, type SourceRecord } from './backup-records.ts';
import { inSlices, keyRanges } from './in-slices.ts';
import { MASK, maskedKey, publicUrl } from './list-origin.ts';
import { foldName, naturalKey } from './search-key.ts';

/** Puts a backup in place of all channels and lists. What it does not tell of the secrets is taken over from what is there. */
export async function replaceAll(moment: Moment, content: BackupContent, signal: AbortSignal): Promise<void> {
  const { database } = moment;
  const { lists, channels } = content.hasSecrets ? content : await withKnownSecrets(database, content, signal);
  await clear(moment, signal);
  const put = prepareWrites(moment);
  for (const list of lists) put.list(list);
  const inOrder = channels.toSorted((one, other) => one.position - other.position);
  await inSlices(inOrder, (channel) => put.channel(channel), signal);
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
    known.lists.set(maskedKey(list.kind, list.origin), list);
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
      const isLost = origin.includes(MASK);
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

async function clear({ database, arrangement }: Moment, signal: AbortSignal): Promise<void> {
  for (const key of [...arrangement.order, ...arrangement.removed()]) arrangement.drop(key);
  for (const table of ['sources', 'channels', 'removed', 'lists']) {
    const keys = database.prepare(`SELECT min(key) AS first, max(key) AS last FROM ${table}`).get();
    const drop = database.prepare(`DELETE FROM ${table} WHERE key BETWEEN ? AND ?`);
    const ranges = keyRanges(Number(keys?.['first']), Number(keys?.['last']));
    await inSlices(ranges, ([from, to]) => drop.run(from, to), signal);
  }
}

function prepareWrites({ database, arrangement }: Moment) {
  const putList = database.prepare(
    `INSERT INTO lists (key, origin, kind, name, guide_urls, refreshed_at, refresh_hours, credentials, groups, merges,
       is_ordered) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const putRemoved = database.prepare('INSERT OR IGNORE INTO removed (list, id) VALUES (?, ?)');
  const putChannel = database.prepare(
    `INSERT INTO channels (key, id, list, number, name, folded, name_key, logo, tvg_id, attributes, notes, options,
       edited, gone_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
      const { id, list, number, name, logo, tvgId, notes, edited, goneAt } = channel;
      const key = arrangement.add(channel.group);
      arrangement.set('enabled', key, channel.enabled);
      arrangement.set('favourite', key, channel.favourite);
      arrangement.set('regrouped', key, edited.includes('group_title'));
      putChannel.run(
        ...[key, id, list, number, name, foldName(name), naturalKey(name), logo, tvgId],
        ...[JSON.stringify(channel.attributes), notes, optionsText(channel)],
        ...[JSON.stringify(edited.filter((column) => column !== 'group_title')), goneAt],
      );
      for (const [index, source] of channel.sources.entries()) {
        putSource.run(
          ...[key, source.list, index, source.url, JSON.stringify(source.headers)],
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
