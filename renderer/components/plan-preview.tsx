import { Button, Checkbox, Group, Tabs, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PlanChange, type CommandOutput, type ImportPlan, type ImportReport } from '../../shared/contract.ts';
import { useCommand } from '../use-command.ts';
import { useFormat } from '../use-format.ts';
import { usePager, usePages } from '../use-pager.ts';
import { useRelay } from '../use-relay.ts';
import { useTask } from '../use-task.ts';
import { ChannelLogo } from './channel-logo.tsx';
import { Note } from './note.tsx';
import { canRefresh, RefreshHours } from './refresh-hours.tsx';
import { TaskProgress } from './task-progress.tsx';
import './plan-preview.css';

const FIRST_REFRESH_HOURS = 24;
const ROW_HEIGHT = 42;
const GROUP_HEIGHT = 32;
const SEARCH_SETTLES_MS = 160;
const CHOICE_SETTLES_MS = 250;

type PlanRow = CommandOutput<'lists.planRows'>['rows'][number];

type PlanPreviewProps = { plan: ImportPlan; onBack: () => void; onDone: (report: ImportReport) => void };

/** What taking over a list would change, and which of its groups are wanted. */
export function PlanPreview({ plan, onBack, onDone }: PlanPreviewProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const applying = useTask();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => wantedGroups(plan));
  const [refreshHours, setRefreshHours] = useState(plan.before?.refreshHours ?? FIRST_REFRESH_HOURS);
  const groups = useMemo(() => (chosen.size === plan.groups.length ? null : [...chosen]), [chosen, plan]);
  const count = plan.groups.reduce((sum, group) => sum + (chosen.has(group.name) ? group.count : 0), 0);
  const apply = async (): Promise<void> => {
    const report = await applying.start((taskId) =>
      relay.call('lists.apply', { planId: plan.planId, groups, refreshHours, taskId }),
    );
    if (report !== undefined) onDone(report);
  };
  return (
    <div className="plan">
      <div className="plan__body">
        <GroupChoice groups={plan.groups} chosen={chosen} onChoose={setChosen} />
        <ChangeTable plan={plan} groups={groups} />
      </div>
      {plan.skippedCount > 0 && <SkippedLines plan={plan} />}
      {applying.error !== undefined && (
        <Note tone="bad" role="alert" title={format.sentence(applying.error.sentence)} />
      )}
      <div className="plan__foot">
        {applying.isRunning ? (
          <TaskProgress task={applying} />
        ) : (
          <>
            {canRefresh(plan) && <RefreshHours value={refreshHours} onChange={setRefreshHours} w={220} />}
            <Group ml="auto">
              <Button variant="default" onClick={onBack}>
                {t('action.back')}
              </Button>
              <Button disabled={chosen.size === 0} onClick={() => void apply()}>
                {t('plan.apply', { count, channels: format.count(count) })}
              </Button>
            </Group>
          </>
        )}
      </div>
    </div>
  );
}

/** All groups at first; later those chosen the last time, as far as the list still has them. */
function wantedGroups({ groups, before }: ImportPlan): ReadonlySet<string> {
  const names = groups.map(({ name }) => name);
  if (before === null || before.groups === null) return new Set(names);
  const chosen = new Set(before.groups);
  return new Set(names.filter((name) => chosen.has(name)));
}

type GroupChoiceProps = {
  groups: ImportPlan['groups'];
  chosen: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
};

/** The groups of the list, to take or leave. */
function GroupChoice({ groups, chosen, onChoose }: GroupChoiceProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const [search, setSearch] = useState('');
  const scroller = useRef<HTMLDivElement>(null);
  const shown = groups.filter(({ name }) => name.toLowerCase().includes(search.trim().toLowerCase()));
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => GROUP_HEIGHT,
    overscan: 6,
  });
  const areAllChosen = shown.every(({ name }) => chosen.has(name));
  const toggleAll = (): void => {
    const next = new Set(chosen);
    for (const { name } of shown) {
      if (areAllChosen) next.delete(name);
      else next.add(name);
    }
    onChoose(next);
  };
  const toggle = (name: string): void => {
    const next = new Set(chosen);
    if (!next.delete(name)) next.add(name);
    onChoose(next);
  };
  return (
    <section className="plan__groups" aria-label={t('plan.groups')}>
      <TextInput
        size="xs"
        aria-label={t('plan.searchGroups')}
        placeholder={t('plan.searchGroups')}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <Checkbox
        size="xs"
        label={t('plan.allGroups', { chosen: format.count(chosen.size), total: format.count(groups.length) })}
        checked={areAllChosen}
        indeterminate={!areAllChosen && shown.some(({ name }) => chosen.has(name))}
        onChange={toggleAll}
      />
      <div ref={scroller} className="plan__scroller">
        <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const group = shown[index];
            if (group === undefined) return null;
            const name = group.name === '' ? t('channels.noGroupName') : group.name;
            return (
              <label key={group.name} className="plan__group" style={{ transform: `translateY(${start}px)` }}>
                <Checkbox size="xs" checked={chosen.has(group.name)} onChange={() => toggle(group.name)} />
                <span className="truncate" title={name}>
                  {name}
                </span>
                <span className="figures plan__count">{format.count(group.count)}</span>
              </label>
            );
          })}
        </div>
      </div>
    </section>
  );
}

/** The channels of the plan by what happens to them, if only these groups are taken; null: all. */
function ChangeTable({ plan, groups }: { plan: ImportPlan; groups: readonly string[] | null }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const relay = useRelay();
  const { counts, isCounting } = usePlanCounts(plan, groups);
  const [change, setChange] = useState<PlanChange>(() => firstOf(counts));
  const present = PlanChange.options.filter((option) => option === change || (counts[option] ?? 0) > 0);
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, SEARCH_SETTLES_MS);
  const pager = usePager<PlanRow>(`${change} ${search}`, `${plan.planId} ${isCounting}`, (page) =>
    relay.call('lists.planRows', { planId: plan.planId, change, search, ...page }),
  );
  const pages = usePages(pager);
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: pages.total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => pager.show(first, last), [pager, first, last]);
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [change, search]);
  return (
    <section className="plan__changes" aria-label={t('plan.changes')} aria-busy={isCounting}>
      <Tabs value={change} onChange={(value) => setChange(PlanChange.parse(value))} variant="pills">
        <Tabs.List>
          {present.map((value) => (
            <Tabs.Tab key={value} value={value} size="xs">
              {t(`plan.change.${value}`)} <span className="figures">{format.count(counts[value] ?? 0)}</span>
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={change} className="plan__panel">
          <TextInput
            size="xs"
            aria-label={t('plan.search')}
            placeholder={t('plan.search')}
            leftSection={<IconSearch size={14} aria-hidden />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <div ref={scroller} className="plan__scroller" tabIndex={0} role="list" aria-label={t('plan.changes')}>
            <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }} role="presentation">
              {items.map(({ index, start }) => {
                const row = pages.rowAt(index);
                return (
                  <div
                    key={index}
                    className="plan__row"
                    role="listitem"
                    style={{ transform: `translateY(${start}px)` }}
                  >
                    {row !== undefined && <PlanRowCells row={row} />}
                  </div>
                );
              })}
            </div>
          </div>
        </Tabs.Panel>
      </Tabs>
    </section>
  );
}

/** Asks the relay to plan again, once the choice of groups has come to rest. */
function usePlanCounts(
  plan: ImportPlan,
  groups: readonly string[] | null,
): { counts: ImportPlan['counts']; isCounting: boolean } {
  const [settled] = useDebouncedValue(groups, CHOICE_SETTLES_MS);
  // All of them are what was planned at first.
  const [isNarrowed, setNarrowed] = useState(false);
  if (settled !== null && !isNarrowed) setNarrowed(true);
  const question = isNarrowed ? { planId: plan.planId, groups: settled === null ? null : [...settled] } : null;
  const { value, isLoading } = useCommand('lists.narrow', question);
  return { counts: value?.counts ?? plan.counts, isCounting: isLoading };
}

function firstOf(counts: ImportPlan['counts']): PlanChange {
  return PlanChange.options.find((change) => (counts[change] ?? 0) > 0) ?? 'added';
}

function PlanRowCells({ row }: { row: PlanRow }): ReactNode {
  const format = useFormat();
  const detail = row.detail === null ? row.group : format.sentence(row.detail);
  return (
    <>
      <ChannelLogo logo={row.logo} name={row.name} size={26} />
      <span className="truncate" title={row.name}>
        {row.name}
      </span>
      <span className="truncate plan__detail" title={detail}>
        {detail}
      </span>
    </>
  );
}

function SkippedLines({ plan }: { plan: ImportPlan }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <details className="plan__skipped">
      <summary>{t('plan.skipped', { count: plan.skippedCount, lines: format.count(plan.skippedCount) })}</summary>
      <ul>
        {plan.skipped.map(({ line, reason }) => (
          <li key={line}>{t('plan.skippedLine', { line: format.count(line), reason: format.sentence(reason) })}</li>
        ))}
      </ul>
    </details>
  );
}
