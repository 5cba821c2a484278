import type { DatabaseSync } from 'node:sqlite';
import type { ImportReport } from '../../shared/contract.ts';
import { identityKey } from './channel-id.ts';
import type { ListEntry } from './channel-list.ts';
import { planTakeOver, type KnownChannel, type TakeOverPlan } from './import-plan.ts';
import { inSlices } from './in-slices.ts';
import { chosenGroups, readList } from './list-record.ts';
import { createListWriter, LISTED_COLUMNS, type ImportCounts, type ListedColumns } from './list-writer.ts';

/** Plans what taking over a list would do to the channels that the database has now. */
export async function planFor(
  database: DatabaseSync,
  {
    listKey,
    entries,
    groups,
    bringsBack,
    signal,
  }: {
    /** Undefined: the list is new. */
    listKey: number | undefined;
    entries: readonly ListEntry[];
    /** Only these; null: all. */
    groups: readonly string[] | null;
    /** Whether channels that somebody took away come back. */
    bringsBack: boolean;
    signal: AbortSignal;
  },
): Promise<TakeOverPlan> {
  const chosen = groups === null ? undefined : new Set(groups);
  return planTakeOver({
    entries: chosen === undefined ? entries : entries.filter(({ group }) => chosen.has(group)),
    known: await readKnown(database, listKey, signal),
    listKey,
    removedIds: bringsBack ? new Set() : removedFrom(database, listKey),
    signal,
  });
}

/**
 * Takes over a list inside a transaction that the caller has begun: the groups that were chosen for it, and what is the same channel as one.
 * @param vanished what becomes of channels that the list no longer has; `mark` also leaves away what somebody took away
 */
export async function takeOverByPlan(
  database: DatabaseSync,
  {
    listKey,
    list,
    nowMs,
    vanished,
    signal,
    onProgress = () => undefined,
  }: {
    listKey: number;
    list: { entries: readonly ListEntry[] };
    nowMs: number;
    vanished: 'drop' | 'mark';
    signal: AbortSignal;
    onProgress?: (done: number, total: number) => void;
  },
): Promise<ImportCounts & { wrote: boolean }> {
  const bringsBack = vanished === 'drop';
  const groups = chosenGroups(readList(database, listKey));
  const plan = await planFor(database, { listKey, entries: list.entries, groups, bringsBack, signal });
  if (bringsBack) database.prepare('DELETE FROM removed WHERE list = ?').run(listKey);
  const writer = createListWriter(database, { listKey, nowMs, vanished });
  const total = plan.channels.length;
  let done = 0;
  await inSlices(
    plan.channels,
    ({ id, entry, sources }) => {
      writer.take(id, entry, sources);
      onProgress((done += 1), total);
    },
    signal,
  );
  await inSlices(plan.vanished, ({ key }) => writer.remove(key), signal);
  return writer.result();
}

/** How long taking over a list took, and what it changed. */
export async function reportOf<Counts extends ImportCounts>(
  { skippedCount }: { skippedCount: number },
  takeOver: () => Promise<Counts>,
): Promise<ImportReport> {
  const startedAt = performance.now();
  const { added, changed, removed, unchanged } = await takeOver();
  return { added, changed, removed, unchanged, skippedCount, durationMs: performance.now() - startedAt };
}

function removedFrom(database: DatabaseSync, listKey: number | undefined): Set<string> {
  if (listKey === undefined) return new Set();
  const rows = database.prepare('SELECT id FROM removed WHERE list = ?').all(listKey);
  return new Set(rows.map((row) => String(row['id'])));
}

type SourceOfRow = { source_list: number | null; url: string; headers: string; identity: string };

type KnownRow = SourceOfRow &
  ListedColumns & {
    key: number;
    id: string;
    list: number;
    edited: string;
    gone_at: number | null;
  };

/** Every channel there is, with what lists call it. */
async function readKnown(
  database: DatabaseSync,
  listKey: number | undefined,
  signal: AbortSignal,
): Promise<KnownChannel[]> {
  const rows = database
    .prepare(
      `SELECT channels.key, id, channels.list, edited, gone_at, ${LISTED_COLUMNS.join(', ')},
         sources.list AS source_list, url, headers, identity
       FROM channels LEFT JOIN sources ON channel = channels.key
       ORDER BY channels.key, sources.list, sources.position`,
    )
    .iterate() as Iterable<unknown> as Iterable<KnownRow>;
  const known: KnownChannel[] = [];
  let sources: SourceOfRow[] = [];
  let channel: KnownRow | undefined;
  const finish = (): void => {
    if (channel !== undefined) known.push(toKnown(channel, sources, listKey));
    sources = [];
  };
  await inSlices(
    rows,
    (row) => {
      if (row.key !== channel?.key) finish();
      channel = row;
      if (row.source_list !== null) sources.push(row);
    },
    signal,
  );
  finish();
  return known;
}

function toKnown(row: KnownRow, sources: readonly SourceOfRow[], listKey: number | undefined): KnownChannel {
  const { key, id, list, edited, gone_at, number, name, group_title, logo, tvg_id, attributes } = row;
  const today = identityKey({ tvgId: String(tvg_id), name: String(name), group: String(group_title) });
  const fromLists = new Set(sources.map(({ identity }) => identity));
  return {
    ...{ key, id, list, edited, isGone: gone_at !== null },
    columns: { number, name, group_title, logo, tvg_id, attributes },
    identities: [...fromLists.add(today)],
    ownSources: sources.filter(({ source_list }) => source_list === listKey),
  };
}
