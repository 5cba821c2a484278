import type { CommandOutput, ImportPlan, PlanChange } from '../../shared/contract.ts';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { channelId, identityKey, tellingTvgId } from './channel-id.ts';
import type { ListEntry } from './channel-list.ts';
import { inSlices } from './in-slices.ts';
import {
  differ,
  differing,
  keepEdited,
  listedColumns,
  MAX_SOURCES,
  toStored,
  type ListedColumns,
  type ListedSource,
  type StoredSource,
} from './list-writer.ts';
import { mergeName } from './search-key.ts';

/** A row of the table that shows a plan. */
export type PlanRow = CommandOutput<'lists.planRows'>['rows'][number];

/** A channel of the database, as far as a list may have to do with it. */
export type KnownChannel = {
  key: number;
  id: string;
  /** The list that names it. */
  list: number;
  columns: ListedColumns;
  /** A JSON array of the columns that somebody changed. */
  edited: string;
  isGone: boolean;
  /** What lists call it. */
  identities: readonly string[];
  /** What it has from the list that is to be taken over. */
  ownSources: readonly (StoredSource & { identity: string })[];
};

/** What becomes of a channel that the list has. */
export type PlannedChannel = {
  id: string;
  known: KnownChannel | undefined;
  /** The list's first word on it; the others are further sources. */
  entry: ListEntry;
  others: readonly ListEntry[];
  sources: readonly ListedSource[];
  change: Exclude<PlanChange, 'removed'>;
  /** Null where there is nothing more to say. */
  detail: Sentence | null;
};

/** What taking over a list would do to the channels. */
export type TakeOverPlan = { channels: PlannedChannel[]; vanished: KnownChannel[] };

/** What becomes one channel, while the list is gone through. */
type Target = { id: string; known: KnownChannel | undefined; entries: ListEntry[]; isAnonymous: boolean };

/** What an entry may be found by; `guide` is empty when its tvg-id tells nothing. */
type EntryKeys = { identity: string; guide: string; merged: string };

/** `News +1` has the guide of `News`, but is an hour late. */
const SHIFT = /\+\s*\d+\s*h?\b/i;

/**
 * Compares a list with the channels there are. Entries that are the same channel become one: what the list has always called so,
 * else what has the same tvg-id, else what is called the same but for its picture quality.
 * @param listKey the list, when it was taken over before
 * @param removedIds channels that somebody has taken away and that must not come back
 */
export async function planTakeOver({
  entries,
  known,
  listKey,
  removedIds,
  signal,
}: {
  entries: readonly ListEntry[];
  known: readonly KnownChannel[];
  listKey: number | undefined;
  removedIds: ReadonlySet<string>;
  signal: AbortSignal;
}): Promise<TakeOverPlan> {
  const isOwn = (channel: KnownChannel): boolean => channel.list === listKey || channel.ownSources.length > 0;
  const targets = createTargets();
  for (const channels of [known.filter(isOwn), known.filter((channel) => !isOwn(channel))]) {
    await inSlices(channels, targets.addKnown, signal);
  }
  await inSlices(entries, targets.addEntry, signal);

  const channels: PlannedChannel[] = [];
  const taken = new Set<KnownChannel>();
  await inSlices(
    targets.named,
    (target) => {
      if (target.known !== undefined) taken.add(target.known);
      if (target.known !== undefined || !removedIds.has(target.id)) channels.push(plannedChannel(target, listKey));
    },
    signal,
  );
  return { channels, vanished: known.filter((channel) => isOwn(channel) && !channel.isGone && !taken.has(channel)) };
}

/** Finds what an entry belongs to, in the order of certainty. */
function createTargets() {
  const ids = new Set<string>();
  const named = new Set<Target>();
  const byIdentity = new Map<string, Target>();
  const byTvgId = new Map<string, Target>();
  const byName = new Map<string, Target>();
  /** Only these can belong to an entry with a tvg-id that nothing else has. */
  const anonymousByName = new Map<string, Target>();

  function find({ identity, guide, merged }: EntryKeys): Target | undefined {
    return (
      byIdentity.get(identity) ??
      (guide === '' ? byName.get(merged) : (byTvgId.get(guide) ?? anonymousByName.get(merged)))
    );
  }

  function remember(target: Target, { identity, guide, merged }: EntryKeys): void {
    setOnce(byIdentity, identity, target);
    setOnce(byName, merged, target);
    if (guide === '') {
      if (target.isAnonymous) setOnce(anonymousByName, merged, target);
      return;
    }
    setOnce(byTvgId, guide, target);
    target.isAnonymous = false;
    if (anonymousByName.get(merged) === target) anonymousByName.delete(merged);
  }

  function addKnown(known: KnownChannel): void {
    ids.add(known.id);
    const target: Target = { id: known.id, known, entries: [], isAnonymous: true };
    known.identities.forEach((identity) => remember(target, keysOf(identity)));
  }

  function addEntry(entry: ListEntry): void {
    const keys = keysOf(identityKey(entry));
    const target = find(keys) ?? newTarget(entry);
    if (target.entries.length < MAX_SOURCES) target.entries.push(entry);
    remember(target, keys);
    named.add(target);
  }

  function newTarget(entry: ListEntry): Target {
    const id = channelId(entry, (candidate) => !ids.has(candidate));
    ids.add(id);
    return { id, known: undefined, entries: [], isAnonymous: true };
  }

  /** `named` are those that the list has, in its order. */
  return { addKnown, addEntry, named };
}

function plannedChannel({ id, known, entries }: Target, listKey: number | undefined): PlannedChannel {
  const [entry, ...others] = entries as [ListEntry, ...ListEntry[]];
  const sources = entries.flatMap((from) => {
    const identity = identityKey(from);
    return from.sources.map((source) => ({ ...source, identity }));
  });
  const planned = { id, known, entry, others, sources };
  if (known === undefined) return { ...planned, change: 'added', detail: sourceCount(sources.length) };
  if (known.list !== listKey && known.ownSources.length === 0 && !known.isGone) {
    return { ...planned, change: 'merged', detail: say('plan.sourceOf', { name: String(known.columns.name) }) };
  }
  const details = [...columnChanges(known, entry, listKey), ...sourceChanges(known.ownSources, toStored(sources))];
  return {
    ...planned,
    change: details.length > 0 ? 'changed' : 'unchanged',
    detail: joined(details),
  };
}

function columnChanges(known: KnownChannel, entry: ListEntry, listKey: number | undefined): Sentence[] {
  if (known.list !== listKey && !known.isGone) return [];
  const next = keepEdited(known.edited, known.columns, listedColumns(entry));
  const changes = differing(known.columns, next).map((column) =>
    column === 'name' ? say('plan.was', { name: String(known.columns.name) }) : say(`plan.${column}`),
  );
  return known.isGone ? [say('plan.back'), ...changes] : changes;
}

function sourceChanges(before: readonly StoredSource[], next: readonly StoredSource[]): Sentence[] {
  if (!differ(before, next)) return [];
  if (before.length !== next.length) return [say('plan.otherSources', { count: next.length, before: before.length })];
  return [say(next.some(({ url }, at) => url !== before[at]?.url) ? 'plan.address' : 'plan.headers')];
}

function sourceCount(count: number): Sentence | null {
  return count === 1 ? null : say('plan.sources', { count });
}

function joined([first, ...others]: readonly Sentence[]): Sentence | null {
  if (first === undefined) return null;
  return others.length === 0 ? first : say('plan.changes', { changes: [first, ...others] });
}

function keysOf(identity: string): EntryKeys {
  const [tvgId = '', name = ''] = identity.split('\n');
  const telling = tellingTvgId(tvgId);
  const shift = SHIFT.exec(name)?.[0].replace(/\s/g, '') ?? '';
  return { identity, guide: telling === '' ? '' : telling + shift, merged: mergeName(name) };
}

function setOnce<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (!map.has(key)) map.set(key, value);
}

/** The plan as a table: a row for each channel, and one for each entry that is new as another source of it. */
export async function rowsOf({ channels, vanished }: TakeOverPlan, signal: AbortSignal): Promise<PlanRow[]> {
  const rows: PlanRow[] = [];
  await inSlices(
    channels,
    ({ id, known, entry, others, sources, change, detail }) => {
      rows.push(rowOf(change, id, entry, detail));
      if (others.length === 0) return;
      const adding = new Set(toStored(sources).map(({ identity }) => identity));
      for (const { identity } of known?.ownSources ?? []) adding.delete(identity);
      adding.delete(identityKey(entry));
      for (const other of others) {
        if (adding.has(identityKey(other)))
          rows.push(rowOf('merged', id, other, say('plan.sourceOf', { name: entry.name })));
      }
    },
    signal,
  );
  await inSlices(
    vanished,
    ({ id, columns: { name, group_title: group, logo } }) =>
      rows.push(
        rowOf('removed', id, { name: String(name), group: String(group), logo: String(logo) }, say('plan.gone')),
      ),
    signal,
  );
  return rows;
}

function rowOf(
  change: PlanChange,
  id: string,
  { name, group, logo }: Pick<ListEntry, 'name' | 'group' | 'logo'>,
  detail: Sentence | null,
): PlanRow {
  return { change, id, name, group, logo, detail };
}

/** How many rows of each kind there are. */
export function countChanges(rows: readonly PlanRow[]): ImportPlan['counts'] {
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0, merged: 0 };
  for (const { change } of rows) counts[change] += 1;
  return counts;
}
