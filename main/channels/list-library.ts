import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type {
  CommandArguments,
  CommandOutput,
  ImportPlan,
  ImportReport,
  ListOrigin,
  ListRow,
} from '../../shared/contract.ts';
import { ProxyError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { LongWork } from './long-work.ts';
import { countChanges, rowsOf, type PlanRow } from './import-plan.ts';
import { inSlices } from './in-slices.ts';
import { importList } from './list-import.ts';
import {
  loadList,
  originKey,
  originName,
  reasonOf,
  shownOrigin,
  type FetchList,
  type LoadedList,
  type ListVersion,
} from './list-origin.ts';
import { planFor, takeOverByPlan } from './list-take-over.ts';
import { createListWriter, type ImportCounts } from './list-writer.ts';
import type { ChannelRepository } from './repository.ts';
import { foldName } from './search-key.ts';

/** A plan holds a whole list; whoever looks at a third one has forgotten the first. */
const MAX_PLANS = 2;

const MANUAL_NAME = 'Added by hand';

/** The lists that channels come from. */
export type ListLibrary = {
  all: () => ListRow[];
  plan: (origin: ListOrigin, work: LongWork) => Promise<ImportPlan>;
  planRows: (query: CommandArguments<'lists.planRows'>) => CommandOutput<'lists.planRows'>;
  apply: (
    planId: string,
    groups: readonly string[] | null,
    refreshHours: number,
    work: LongWork,
  ) => Promise<ImportReport>;
  /** `isByHand`: somebody asked for it, and can undo it. */
  refresh: (listId: number, work: LongWork, isByHand: boolean) => Promise<ImportReport>;
  save: (listId: number, refreshHours: number) => Promise<ListRow>;
  remove: (listId: number) => Promise<{ removed: number }>;
};

type Plan = { origin: ListOrigin; name: string; loaded: LoadedList; rows: PlanRow[] };

type ListRecord = {
  key: number;
  origin: string;
  kind: ListRow['kind'];
  name: string;
  refreshed_at: number | null;
  refresh_hours: number;
  failure: string;
  etag: string;
  last_modified: string;
  credentials: string;
  merges: number;
};

export function createListLibrary({
  channels,
  fetchList,
  log,
  now,
}: {
  channels: ChannelRepository;
  fetchList: FetchList;
  log: Logger;
  now: () => number;
}): ListLibrary {
  const plans = new Map<string, Plan>();

  function records(): ListRecord[] {
    return channels.reader().prepare('SELECT * FROM lists ORDER BY key').all() as unknown as ListRecord[];
  }

  function recordOf(listId: number): ListRecord {
    const record = records().find(({ key }) => key === listId);
    if (record === undefined) throw new ProxyError('BAD_REQUEST', 'There is no such list any more.');
    return record;
  }

  function all(): ListRow[] {
    const counts = channels
      .reader()
      .prepare('SELECT list, count(*) AS count FROM (SELECT DISTINCT channel, list FROM sources) GROUP BY list')
      .all();
    const countOf = new Map(counts.map(({ list, count }) => [list, Number(count)]));
    return records()
      .filter(({ key, kind }) => kind !== 'manual' || countOf.has(key))
      .map((record) => toListRow(record, countOf.get(record.key) ?? 0));
  }

  function rowOf(listId: number): ListRow {
    const row = all().find(({ id }) => id === listId);
    if (row === undefined) throw new ProxyError('BAD_REQUEST', 'There is no such list any more.');
    return row;
  }

  async function load(origin: ListOrigin, work: LongWork, known?: ListVersion): Promise<LoadedList | undefined> {
    work.onProgress(0, null, 'Loading the list');
    try {
      return await loadList(origin, { fetchList, signal: work.signal, ...(known && { known }) });
    } catch (error) {
      throw work.signal.aborted ? error : toListError(error);
    }
  }

  async function plan(origin: ListOrigin, work: LongWork): Promise<ImportPlan> {
    const loaded = await load(origin, work);
    if (loaded === undefined) throw new ProxyError('BAD_LIST', 'The list did not arrive.');
    const { entries, skipped, skippedCount } = loaded.list;
    work.onProgress(0, entries.length, 'Comparing with the channels');
    const key = originKey(origin);
    const takeOverPlan = await planFor(channels.reader(), {
      listKey: records().find((record) => record.origin === key)?.key,
      ...{ entries, groups: null, bringsBack: true, signal: work.signal },
    });
    const rows = await rowsOf(takeOverPlan, work.signal);
    const planId = randomUUID();
    const name = originName(origin);
    plans.set(planId, { origin, name, loaded, rows });
    for (const oldest of [...plans.keys()].slice(0, -MAX_PLANS)) plans.delete(oldest);
    const groups = new Map<string, number>();
    for (const { group } of entries) groups.set(group, (groups.get(group) ?? 0) + 1);
    return {
      ...{ planId, name, skipped, skippedCount, counts: countChanges(rows) },
      groups: [...groups].map(([group, count]) => ({ name: group, count })),
    };
  }

  function planOf(planId: string): Plan {
    const known = plans.get(planId);
    if (known === undefined) {
      throw new ProxyError('BAD_REQUEST', 'This preview is no longer there: load the list again.');
    }
    return known;
  }

  function planRows({
    planId,
    change,
    group,
    search,
    offset,
    limit,
  }: CommandArguments<'lists.planRows'>): CommandOutput<'lists.planRows'> {
    const sought = foldName(search.trim());
    const rows = planOf(planId).rows.filter(
      (row) =>
        (change === null || row.change === change) &&
        (group === null || row.group === group) &&
        (sought === '' || foldName(row.name).includes(sought)),
    );
    return { total: rows.length, rows: rows.slice(offset, offset + limit) };
  }

  async function apply(
    planId: string,
    groups: readonly string[] | null,
    refreshHours: number,
    { signal, onProgress }: LongWork,
  ): Promise<ImportReport> {
    const { origin, name, loaded } = planOf(planId);
    const report = await timed(loaded, () =>
      channels.write({
        what: () => `Took over the list ${name}.`,
        signal,
        hasChanged: ({ wrote }) => wrote,
        run: (writer, anySignal) =>
          takeOverByPlan(writer, {
            listKey: putList(writer, { origin, name, loaded, groups, refreshHours, nowMs: now() }),
            list: loaded.list,
            nowMs: now(),
            vanished: 'drop',
            signal: anySignal,
            onProgress: (done, total) => onProgress(done, total, 'Writing channels'),
          }),
      }),
    );
    plans.delete(planId);
    return report;
  }

  async function refresh(listId: number, work: LongWork, isByHand: boolean): Promise<ImportReport> {
    const record = recordOf(listId);
    try {
      const known = { etag: record.etag, lastModified: record.last_modified };
      const loaded = await load(toOrigin(record), work, known);
      if (loaded !== undefined) return await takeOver(record, loaded, work, isByHand);
      await note(listId, { failure: '', isRefreshed: true });
      const { channelCount } = rowOf(listId);
      return { added: 0, changed: 0, removed: 0, unchanged: channelCount, skippedCount: 0, durationMs: 0 };
    } catch (error) {
      if (error instanceof ProxyError && !work.signal.aborted && error.code !== 'STOPPING') {
        await note(listId, { failure: error.message, isRefreshed: false });
      }
      throw error;
    }
  }

  async function takeOver(
    { key: listKey, origin, name, merges }: ListRecord,
    loaded: LoadedList,
    { signal, onProgress }: LongWork,
    isByHand: boolean,
  ): Promise<ImportReport> {
    const { list, etag, lastModified } = loaded;
    return timed(loaded, () =>
      channels.write({
        ...(isByHand && { what: () => `Refreshed the list ${name || shownOrigin('url', origin)}.` }),
        signal,
        hasChanged: ({ wrote }) => wrote,
        run: async (writer, anySignal) => {
          writer
            .prepare(
              `UPDATE lists SET etag = ?, last_modified = ?, refreshed_at = ?, tried_at = ?, failure = '' WHERE key = ?`,
            )
            .run(etag, lastModified, now(), now(), listKey);
          if (merges === 0)
            return importList(writer, { ...list, origin }, { nowMs: now(), vanished: 'mark', signal: anySignal });
          return takeOverByPlan(writer, {
            ...{ listKey, list, nowMs: now(), vanished: 'mark', signal: anySignal },
            onProgress: (done, total) => onProgress(done, total, 'Writing channels'),
          });
        },
      }),
    );
  }

  /** How a refresh went. */
  async function note(
    listId: number,
    { failure, isRefreshed }: { failure: string; isRefreshed: boolean },
  ): Promise<void> {
    await channels.write({
      hasChanged: () => false,
      run: (writer) =>
        writer
          .prepare(
            'UPDATE lists SET failure = ?, tried_at = ?, refreshed_at = iif(?, tried_at, refreshed_at) WHERE key = ?',
          )
          .run(failure, now(), isRefreshed ? 1 : 0, listId),
    });
  }

  async function timed(
    { list }: LoadedList,
    work: () => Promise<ImportCounts & { wrote: boolean }>,
  ): Promise<ImportReport> {
    const startedAt = performance.now();
    const { added, changed, removed, unchanged } = await work();
    const durationMs = performance.now() - startedAt;
    log.debug({ added, changed, removed, unchanged, durationMs: Math.round(durationMs) }, 'A list was taken over.');
    return { added, changed, removed, unchanged, skippedCount: list.skippedCount, durationMs };
  }

  async function save(listId: number, refreshHours: number): Promise<ListRow> {
    recordOf(listId);
    await channels.write({
      hasChanged: () => false,
      run: (writer) => writer.prepare('UPDATE lists SET refresh_hours = ? WHERE key = ?').run(refreshHours, listId),
    });
    return rowOf(listId);
  }

  async function remove(listId: number): Promise<{ removed: number }> {
    const { name } = recordOf(listId);
    const { removed } = await channels.write({
      run: async (writer, signal): Promise<ImportCounts> => {
        const listWriter = createListWriter(writer, { listKey: listId, nowMs: now(), vanished: 'delete' });
        const rows = writer
          .prepare(
            `SELECT key FROM channels WHERE list = ?1 
             OR EXISTS (SELECT 1 FROM sources WHERE channel = channels.key AND list = ?1)`,
          )
          .all(listId);
        await inSlices(rows, (row) => listWriter.remove(Number(row['key'])), signal);
        writer.prepare('DELETE FROM lists WHERE key = ?').run(listId);
        return listWriter.result();
      },
      what: (counts) => `Removed the list ${name} with ${counts.removed} channels.`,
    });
    return { removed };
  }

  return { all, plan, planRows, apply, refresh, save, remove };
}

/** Remembers a list as it was chosen to be taken over. @returns its key */
function putList(
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
      ...[originKey(origin), origin.kind, name, credentials, JSON.stringify(list.guideUrls)],
      ...[groups === null ? null : JSON.stringify(groups), refreshHours, etag, lastModified, nowMs],
    );
  return Number(row?.['key']);
}

function toListRow(record: ListRecord, channelCount: number): ListRow {
  const { key, kind, origin, name, refreshed_at, refresh_hours, failure } = record;
  return {
    id: key,
    name: name || nameOf(record),
    kind,
    shownOrigin: shownOrigin(kind, origin),
    channelCount,
    refreshedAt: refreshed_at,
    refreshHours: refresh_hours,
    failure,
  };
}

function nameOf(record: ListRecord): string {
  return record.kind === 'manual' ? MANUAL_NAME : originName(toOrigin(record));
}

/** @throws ProxyError BAD_REQUEST when there is nothing to load it from */
function toOrigin({ kind, origin, credentials }: ListRecord): ListOrigin {
  switch (kind) {
    case 'url':
      return { kind, url: origin };
    case 'file':
      return { kind, path: origin };
    case 'xtream':
      return JSON.parse(credentials) as Extract<ListOrigin, { kind: 'xtream' }>;
    case 'text':
    case 'manual':
      throw new ProxyError('BAD_REQUEST', 'This list was not loaded from anywhere: there is nothing to refresh.');
  }
}

function toListError(error: unknown): unknown {
  if (error instanceof ProxyError) return error;
  const reason = reasonOf(error);
  if (reason === undefined) return error;
  // Without its cause: that may hold the address and with it the credentials.
  return new ProxyError('BAD_LIST', reason.charAt(0).toUpperCase() + reason.slice(1));
}
