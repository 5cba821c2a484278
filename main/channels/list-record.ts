import type { DatabaseSync } from 'node:sqlite';
import type { ListOrigin, ListRow } from '../../shared/contract.ts';
import { readSentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { MASK, maskedKey, originKey, originName, shownOrigin, type LoadedList } from './list-origin.ts';

const MANUAL_NAME = 'Added by hand';

/** A list as the database keeps it. */
export type ListRecord = {
  key: number;
  origin: string;
  kind: ListRow['kind'];
  name: string;
  refreshed_at: number | null;
  refresh_hours: number;
  /** A JSON array of the groups that are taken over; null: all. */
  groups: string | null;
  failure: string;
  etag: string;
  last_modified: string;
  credentials: string;
  merges: number;
};

/** All lists, the oldest first. */
export function readLists(database: DatabaseSync): ListRecord[] {
  return database.prepare('SELECT * FROM lists ORDER BY key').all() as unknown as ListRecord[];
}

/** @throws ProxyError BAD_REQUEST when there is none */
export function readList(database: DatabaseSync, listKey: number): ListRecord {
  const record = readLists(database).find(({ key }) => key === listKey);
  if (record === undefined) throw new ProxyError('BAD_REQUEST', say('list.unknown'));
  return record;
}

/** The list of an origin when it was taken over before, also when only a backup without passwords remembers it. */
export function findList(database: DatabaseSync, origin: ListOrigin): ListRecord | undefined {
  const lists = readLists(database);
  const masked = maskedKey(origin.kind, originKey(origin));
  return lists.find((list) => list.origin === originKey(origin)) ?? lists.find((list) => list.origin === masked);
}

/** The groups of a list that are taken over; null: all. */
export function chosenGroups({ groups }: Pick<ListRecord, 'groups'>): string[] | null {
  return groups === null ? null : (JSON.parse(groups) as string[]);
}

/** Remembers a list as it was chosen to be taken over. @returns its key */
export function putList(
  writer: DatabaseSync,
  {
    origin,
    name,
    loaded: { list, etag, lastModified },
    groups,
    refreshHours,
    nowMs,
  }: {
    origin: ListOrigin;
    name: string;
    loaded: LoadedList;
    groups: readonly string[] | null;
    refreshHours: number;
    nowMs: number;
  },
): number {
  const key = originKey(origin);
  const known = findList(writer, origin);
  if (known !== undefined && known.origin !== key) {
    writer.prepare('UPDATE lists SET origin = ? WHERE key = ?').run(key, known.key);
  }
  const credentials = origin.kind === 'xtream' ? JSON.stringify(origin) : '';
  const row = writer
    .prepare(
      `INSERT INTO lists (origin, kind, name, credentials, guide_urls, groups, refresh_hours, etag, last_modified,
         refreshed_at, merges) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT (origin) DO UPDATE SET (name, credentials, guide_urls, groups, refresh_hours, etag, last_modified,
         refreshed_at, merges, failure) = (excluded.name, excluded.credentials, excluded.guide_urls, excluded.groups,
         excluded.refresh_hours, excluded.etag, excluded.last_modified, excluded.refreshed_at, 1, '')
       RETURNING key`,
    )
    .get(
      ...[key, origin.kind, name, credentials, JSON.stringify(list.guideUrls)],
      ...[groups === null ? null : JSON.stringify(groups), refreshHours, etag, lastModified, nowMs],
    );
  return Number(row?.['key']);
}

/** A list as the window shows it. */
export function toListRow(record: ListRecord, channelCount: number): ListRow {
  const { key, kind, origin, refreshed_at, refresh_hours, failure } = record;
  return {
    id: key,
    name: nameOf(record),
    kind,
    shownOrigin: shownOrigin(kind, origin),
    channelCount,
    refreshedAt: refreshed_at,
    refreshHours: refresh_hours,
    failure: readSentence(failure),
  };
}

/** What people call it. */
export function nameOf({ name, kind, origin }: ListRecord): string {
  if (name !== '') return name;
  switch (kind) {
    case 'url':
      return originName({ kind, url: origin });
    case 'file':
      return originName({ kind, path: origin });
    case 'xtream':
    case 'text':
      return shownOrigin(kind, origin);
    case 'manual':
      return MANUAL_NAME;
  }
}

/** Where to load a list from. @throws ProxyError BAD_REQUEST when that is nowhere, or no longer known */
export function toOrigin({ kind, origin, credentials }: ListRecord): ListOrigin {
  switch (kind) {
    case 'url':
      if (origin.includes(MASK)) throw withoutPassword();
      return { kind, url: origin };
    case 'file':
      return { kind, path: origin };
    case 'xtream':
      if (credentials === '') throw withoutPassword();
      return JSON.parse(credentials) as Extract<ListOrigin, { kind: 'xtream' }>;
    case 'text':
    case 'manual':
      throw new ProxyError('BAD_REQUEST', say('list.fromNowhere'));
  }
}

function withoutPassword(): ProxyError {
  return new ProxyError('BAD_REQUEST', say('list.withoutPassword'));
}
