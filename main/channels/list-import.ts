import type { DatabaseSync } from 'node:sqlite';
import type { Moment } from './arrangement-store.ts';
import { channelId, identityKey } from './channel-id.ts';
import type { ChannelList, ListEntry } from './channel-list.ts';
import { inSlices } from './in-slices.ts';
import { takeOverByPlan } from './list-take-over.ts';
import { createListWriter, MAX_SOURCES, type ImportCounts } from './list-writer.ts';
import { removedFrom } from './removed-channels.ts';

/** A list and where it came from: an absolute path or a URL. */
export type ImportedList = ChannelList & { origin: string };

/** A channel that the list had when it was last taken over. */
type ListedRow = { key: number; id: string; identity: string };

/** What a list from the web is loaded again by itself after, until somebody says otherwise. */
const REFRESH_HOURS = 24;

/**
 * Writes one list as it is, inside a transaction that the caller has begun, a slice at a time. Channels already there keep their ids
 * and what people edited; of channels that only this list had and no longer has, at least those that somebody edited stay, marked.
 * A list that somebody has taken over through a plan is taken over like then: with its groups, and merged.
 */
export async function importList(
  moment: Moment,
  list: ImportedList,
  { nowMs, vanished = 'drop', signal }: { nowMs: number; vanished?: 'drop' | 'mark'; signal: AbortSignal },
): Promise<ImportCounts & { wrote: boolean }> {
  const { key: listKey, merges } = openList(moment.database, list, nowMs);
  if (merges === 1) return takeOverByPlan(moment, { listKey, list, nowMs, vanished: 'mark', signal });

  const ids = createIds(moment, { listKey, removed: await removedFrom(moment, listKey, signal) });
  const writer = createListWriter(moment, { listKey, nowMs, vanished });
  const merged = await mergeEntries(list.entries, signal);
  await inSlices(ids.listedChannels(), (row) => ids.expect(row, merged), signal);
  await inSlices(
    merged,
    ([identity, entry]) => {
      const id = ids.idOf(identity, entry);
      if (id === undefined) return;
      const sources = entry.sources.map((source) => ({ ...source, identity }));
      writer.take(id, entry, sources);
    },
    signal,
  );
  await inSlices(ids.notTaken(), writer.remove, signal);
  writer.arrange();
  return writer.result();
}

function openList(
  database: DatabaseSync,
  { origin, guideUrls }: ImportedList,
  nowMs: number,
): { key: number; merges: number } {
  const isUrl = /^https?:/i.test(origin);
  return database
    .prepare(
      `INSERT INTO lists (origin, guide_urls, refreshed_at, kind, refresh_hours) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (origin) DO UPDATE
       SET guide_urls = excluded.guide_urls, refreshed_at = excluded.refreshed_at, failure = ''
       RETURNING key, merges`,
    )
    .get(origin, JSON.stringify(guideUrls), nowMs, isUrl ? 'url' : 'file', isUrl ? REFRESH_HOURS : 0) as {
    key: number;
    merges: number;
  };
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

/** Which channel each entry of a list is. */
function createIds(
  { database, arrangement }: Moment,
  { listKey, removed }: { listKey: number; removed: ReadonlySet<string> },
) {
  const usedIds = new Set<string>();
  const keptIds = new Map<string, string>();
  const notYetTaken = new Map<string, number>();
  const statements = {
    nameInOtherLists: database.prepare(
      `SELECT key, name FROM channels WHERE id = ?1
       AND NOT EXISTS (SELECT 1 FROM sources WHERE channel = channels.key AND list = ?2)`,
    ),
    listed: database.prepare(
      `SELECT channels.key, id, identity FROM channels JOIN sources ON channel = channels.key AND sources.list = ?
       WHERE gone_at IS NULL ORDER BY channels.key, sources.position`,
    ),
  };

  /** A channel that only other lists have is the same as this entry when it is called the same; else the id is not free. */
  function isFree(id: string, { name }: ListEntry): boolean {
    if (usedIds.has(id)) return false;
    const stranger = statements.nameInOtherLists.get(id, listKey);
    if (stranger === undefined || !arrangement.has(Number(stranger['key']))) return true;
    return folded(String(stranger['name'])) === folded(name);
  }

  return {
    listedChannels: () => statements.listed.iterate(listKey) as Iterable<unknown> as Iterable<ListedRow>,

    /** A channel that is still in the list has its id for good, whoever would be the first to get that id today. */
    expect({ key, id, identity }: ListedRow, merged: ReadonlyMap<string, ListEntry>): void {
      notYetTaken.set(id, key);
      if (!merged.has(identity) || keptIds.has(identity)) return;
      keptIds.set(identity, id);
      usedIds.add(id);
    },

    /** @returns undefined when somebody has removed this channel */
    idOf(identity: string, entry: ListEntry): string | undefined {
      const id = keptIds.get(identity) ?? channelId(entry, (candidate) => isFree(candidate, entry));
      usedIds.add(id);
      notYetTaken.delete(id);
      return removed.has(id) ? undefined : id;
    },

    notTaken: () => [...notYetTaken.values()],
  };
}

function folded(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
