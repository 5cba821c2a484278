import type { ImportReport } from '../../shared/contract.ts';
import type { Arrangement } from './arrangement.ts';
import type { Moment } from './arrangement-store.ts';
import { identityKey } from './channel-id.ts';
import type { ListEntry } from './channel-list.ts';
import { planTakeOver, type KnownChannel, type TakeOverPlan } from './import-plan.ts';
import { inSlices } from './in-slices.ts';
import { chosenGroups, readList } from './list-record.ts';
import { createListWriter, editedOf, ROW_COLUMNS, type ImportCounts, type ListedColumns } from './list-writer.ts';
import { removedFrom } from './removed-channels.ts';

/** Plans what taking over a list would do to the channels that the database has now. */
export async function planFor(
  moment: Moment,
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
    known: await readKnown(moment, listKey, signal),
    listKey,
    removedIds: bringsBack || listKey === undefined ? new Set() : await removedFrom(moment, listKey, signal),
    signal,
  });
}

/**
 * Takes over a list inside a transaction that the caller has begun: the groups that were chosen for it, and what is the same channel as one.
 * @param vanished what becomes of channels that the list no longer has; `mark` also leaves away what somebody took away
 */
export async function takeOverByPlan(
  moment: Moment,
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
  const { database } = moment;
  const bringsBack = vanished === 'drop';
  const groups = chosenGroups(readList(database, listKey));
  const plan = await planFor(moment, { listKey, entries: list.entries, groups, bringsBack, signal });
  if (bringsBack) database.prepare('DELETE FROM removed WHERE list = ?').run(listKey);
  const writer = createListWriter(moment, { listKey, nowMs, vanished });
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
  writer.arrange();
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

type SourceOfRow = { source_list: number | null; url: string; headers: string; identity: string };

type KnownRow = SourceOfRow &
  Omit<ListedColumns, 'group_title'> & {
    key: number;
    id: string;
    list: number;
    edited: string;
    gone_at: number | null;
  };

/** Every channel there is, with what lists call it. */
async function readKnown(
  { database, arrangement }: Moment,
  listKey: number | undefined,
  signal: AbortSignal,
): Promise<KnownChannel[]> {
  const rows = database
    .prepare(
      `SELECT channels.key, id, channels.list, edited, gone_at, ${ROW_COLUMNS.join(', ')},
         sources.list AS source_list, url, headers, identity
       FROM channels LEFT JOIN sources ON channel = channels.key
       ORDER BY channels.key, sources.list, sources.position`,
    )
    .iterate() as Iterable<unknown> as Iterable<KnownRow>;
  const known: KnownChannel[] = [];
  let sources: SourceOfRow[] = [];
  let channel: KnownRow | undefined;
  const finish = (): void => {
    if (channel !== undefined && arrangement.has(channel.key)) {
      known.push(toKnown(channel, arrangement, { sources, listKey }));
    }
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

function toKnown(
  row: KnownRow,
  arrangement: Arrangement,
  { sources, listKey }: { sources: readonly SourceOfRow[]; listKey: number | undefined },
): KnownChannel {
  const { key, id, list, gone_at, number, name, logo, tvg_id, attributes } = row;
  const group_title = arrangement.groupOf(key);
  const today = identityKey({ tvgId: String(tvg_id), name: String(name), group: group_title });
  const fromLists = new Set(sources.map(({ identity }) => identity));
  return {
    ...{ key, id, list, edited: editedOf(row, arrangement), isGone: gone_at !== null },
    columns: { number, name, group_title, logo, tvg_id, attributes },
    identities: [...fromLists.add(today)],
    ownSources: sources.filter(({ source_list }) => source_list === listKey),
  };
}
