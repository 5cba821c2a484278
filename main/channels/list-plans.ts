import { randomUUID } from 'node:crypto';
import type { CommandArguments, CommandOutput, ImportPlan, ImportReport, ListOrigin } from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { countChanges, rowsOf, type PlanRow } from './import-plan.ts';
import { loadForPeople, originName, type FetchList, type LoadedList } from './list-origin.ts';
import { chosenGroups, findList, putList } from './list-record.ts';
import { planFor, reportOf, takeOverByPlan } from './list-take-over.ts';
import type { LongWork } from './long-work.ts';
import type { ChannelRepository } from './repository.ts';
import { foldName } from './search-key.ts';

const NEVER = new AbortController().signal;

/** A plan holds a whole list; whoever looks at a third one has forgotten the first. */
const MAX_PLANS = 2;

/** Lists that were loaded and compared with the channels, and of which nothing is written yet. */
export type ListPlans = {
  plan: (origin: ListOrigin, work: LongWork) => Promise<ImportPlan>;
  /** @throws ProxyError BAD_REQUEST when the plan was forgotten */
  planRows: (query: CommandArguments<'lists.planRows'>) => CommandOutput<'lists.planRows'>;
  /** Plans again for some groups only; the last choice holds, whichever is done first. */
  narrow: (planId: string, groups: readonly string[] | null) => Promise<Pick<ImportPlan, 'counts'>>;
  apply: (
    planId: string,
    groups: readonly string[] | null,
    refreshHours: number,
    work: LongWork,
  ) => Promise<ImportReport>;
};

/** @property choices how often groups were chosen */
type Plan = { origin: ListOrigin; name: string; loaded: LoadedList; rows: PlanRow[]; choices: number };

export function createListPlans({
  channels,
  fetchList,
  now,
}: {
  channels: ChannelRepository;
  fetchList: FetchList;
  now: () => number;
}): ListPlans {
  const plans = new Map<string, Plan>();

  async function plan(origin: ListOrigin, work: LongWork): Promise<ImportPlan> {
    const loaded = await loadForPeople(origin, { fetchList, work });
    if (loaded === undefined) throw new ProxyError('BAD_LIST', say('list.absent'));
    const { entries, skipped, skippedCount } = loaded.list;
    work.onProgress(0, entries.length, say('task.comparing'));
    const known = findList(channels.reader().database, origin);
    const rows = await compare(loaded, { listKey: known?.key, groups: null, signal: work.signal });
    const planId = randomUUID();
    const name = originName(origin);
    plans.set(planId, { origin, name, loaded, rows, choices: 0 });
    for (const oldest of [...plans.keys()].slice(0, -MAX_PLANS)) plans.delete(oldest);
    const groups = new Map<string, number>();
    for (const { group } of entries) groups.set(group, (groups.get(group) ?? 0) + 1);
    return {
      ...{ planId, name, skipped, skippedCount, kind: origin.kind, counts: countChanges(rows) },
      before: known === undefined ? null : { groups: chosenGroups(known), refreshHours: known.refresh_hours },
      groups: [...groups].map(([group, count]) => ({ name: group, count })),
    };
  }

  async function compare(
    { list: { entries } }: LoadedList,
    choice: { listKey: number | undefined; groups: readonly string[] | null; signal: AbortSignal },
  ): Promise<PlanRow[]> {
    const takeOver = await planFor(channels.reader(), { entries, bringsBack: true, ...choice });
    return rowsOf(takeOver, choice.signal);
  }

  async function narrow(planId: string, groups: readonly string[] | null): Promise<Pick<ImportPlan, 'counts'>> {
    const narrowed = planOf(planId);
    const choice = (narrowed.choices += 1);
    // Somebody may have taken the list over, or removed it, since it was planned.
    const listKey = findList(channels.reader().database, narrowed.origin)?.key;
    const rows = await compare(narrowed.loaded, { listKey, groups, signal: NEVER });
    if (choice === narrowed.choices) narrowed.rows = rows;
    return { counts: countChanges(narrowed.rows) };
  }

  function planOf(planId: string): Plan {
    const known = plans.get(planId);
    if (known === undefined) {
      throw new ProxyError('BAD_REQUEST', say('list.planGone'));
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
    const report = await reportOf(loaded.list, () =>
      channels.write({
        run: (moment, anySignal) =>
          takeOverByPlan(moment, {
            listKey: putList(moment.database, { origin, name, loaded, groups, refreshHours, nowMs: now() }),
            list: loaded.list,
            nowMs: now(),
            vanished: 'drop',
            signal: anySignal,
            onProgress: (done, total) => onProgress(done, total, say('task.writing')),
          }),
        what: () => say('done.takeOver', { name }),
        signal,
        hasChanged: ({ wrote }) => wrote,
      }),
    );
    plans.delete(planId);
    return report;
  }

  return { plan, planRows, narrow, apply };
}
