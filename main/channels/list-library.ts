import type { ImportReport, ListRow } from '../../shared/contract.ts';
import { keepSentence, type Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { inSlices } from './in-slices.ts';
import { importList } from './list-import.ts';
import { loadForPeople, type FetchList, type LoadedList } from './list-origin.ts';
import { nameOf, readList, readLists, toListRow, toOrigin, type ListRecord } from './list-record.ts';
import { reportOf, takeOverByPlan } from './list-take-over.ts';
import { createListWriter, type ImportCounts } from './list-writer.ts';
import type { LongWork } from './long-work.ts';
import type { ChannelRepository } from './repository.ts';

/** The lists that channels come from. */
export type ListLibrary = {
  all: () => ListRow[];
  /** `isByHand`: somebody asked for it, and can undo it. */
  refresh: (listId: number, work: LongWork, isByHand: boolean) => Promise<ImportReport>;
  save: (listId: number, refreshHours: number) => Promise<ListRow>;
  remove: (listId: number) => Promise<{ removed: number }>;
};

export function createListLibrary({
  channels,
  fetchList,
  now,
}: {
  channels: ChannelRepository;
  fetchList: FetchList;
  now: () => number;
}): ListLibrary {
  function all(): ListRow[] {
    const { database } = channels.reader();
    const countOf = channelCounts();
    return readLists(database)
      .filter(({ key, kind }) => kind !== 'manual' || countOf.has(key))
      .map((record) => toListRow(record, countOf.get(record.key) ?? 0));
  }

  /** How many living channels each list has. */
  function channelCounts(): Map<number, number> {
    const { database, arrangement } = channels.reader();
    const keys = database
      .prepare(
        `SELECT list, json_group_array(channel) AS channels FROM (SELECT DISTINCT channel, list FROM sources)
         GROUP BY list`,
      )
      .all();
    const counts = keys.map((row): [number, number] => [
      Number(row['list']),
      (JSON.parse(String(row['channels'])) as number[]).filter((key) => arrangement.has(key)).length,
    ]);
    return new Map(counts.filter(([, count]) => count > 0));
  }

  function rowOf(listId: number): ListRow {
    return toListRow(readList(channels.reader().database, listId), channelCounts().get(listId) ?? 0);
  }

  async function refresh(listId: number, work: LongWork, isByHand: boolean): Promise<ImportReport> {
    const record = readList(channels.reader().database, listId);
    const origin = toOrigin(record);
    try {
      const known = { etag: record.etag, lastModified: record.last_modified };
      const loaded = await loadForPeople(origin, { fetchList, work, known });
      if (loaded !== undefined) return await takeOver(record, loaded, work, isByHand);
      await note(listId, { failure: null, isRefreshed: true });
      const { channelCount } = rowOf(listId);
      return { added: 0, changed: 0, removed: 0, unchanged: channelCount, skippedCount: 0, durationMs: 0 };
    } catch (error) {
      if (error instanceof ProxyError && !work.signal.aborted && error.code !== 'STOPPING') {
        await note(listId, { failure: error.sentence, isRefreshed: false });
      }
      throw error;
    }
  }

  async function takeOver(
    record: ListRecord,
    { list, etag, lastModified }: LoadedList,
    { signal, onProgress }: LongWork,
    isByHand: boolean,
  ): Promise<ImportReport> {
    const { key: listKey, origin, merges } = record;
    return reportOf(list, () =>
      channels.write({
        run: (moment, anySignal) => {
          moment.database
            .prepare(
              `UPDATE lists SET etag = ?, last_modified = ?, refreshed_at = ?, tried_at = ?, failure = '' WHERE key = ?`,
            )
            .run(etag, lastModified, now(), now(), listKey);
          const options = { nowMs: now(), vanished: 'mark', signal: anySignal } as const;
          if (merges === 0) return importList(moment, { ...list, origin }, options);
          const tell = (done: number, total: number): void => onProgress(done, total, say('task.writing'));
          return takeOverByPlan(moment, { ...options, listKey, list, onProgress: tell });
        },
        ...(isByHand && { what: () => say('done.refresh', { name: nameOf(record) }) }),
        signal,
        hasChanged: ({ wrote }) => wrote,
      }),
    );
  }

  /** How a refresh went. */
  async function note(
    listId: number,
    { failure, isRefreshed }: { failure: Sentence | null; isRefreshed: boolean },
  ): Promise<void> {
    await channels.write({
      hasChanged: () => false,
      run: ({ database }) =>
        database
          .prepare(
            'UPDATE lists SET failure = ?, tried_at = ?, refreshed_at = iif(?, tried_at, refreshed_at) WHERE key = ?',
          )
          .run(keepSentence(failure), now(), isRefreshed ? 1 : 0, listId),
    });
  }

  async function save(listId: number, refreshHours: number): Promise<ListRow> {
    readList(channels.reader().database, listId);
    await channels.write({
      hasChanged: () => false,
      run: ({ database }) =>
        database.prepare('UPDATE lists SET refresh_hours = ? WHERE key = ?').run(refreshHours, listId),
    });
    return rowOf(listId);
  }

  async function remove(listId: number): Promise<{ removed: number }> {
    const name = nameOf(readList(channels.reader().database, listId));
    const { removed } = await channels.write({
      run: async (moment, signal): Promise<ImportCounts> => {
        const listWriter = createListWriter(moment, { listKey: listId, nowMs: now(), vanished: 'delete' });
        const rows = moment.database
          .prepare(
            `SELECT key FROM channels WHERE list = ?1
             OR EXISTS (SELECT 1 FROM sources WHERE channel = channels.key AND list = ?1)`,
          )
          .all(listId);
        await inSlices(rows, (row) => listWriter.remove(Number(row['key'])), signal);
        moment.database.prepare('DELETE FROM lists WHERE key = ?').run(listId);
        return listWriter.result();
      },
      what: (counts) => say('done.removeList', { name, count: counts.removed }),
    });
    return { removed };
  }

  return { all, refresh, save, remove };
}
