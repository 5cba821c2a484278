import { Button, SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { IconBug, IconNotes, IconSearch } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LogLine } from '../../shared/contract.ts';
import { createBugReport } from '../bug-report.ts';
import { copyText } from '../clipboard.ts';
import { useAction } from '../use-action.ts';
import { useFormat } from '../use-format.ts';
import { useLog } from '../use-log.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { EmptyNote } from './empty-note.tsx';
import './log-view.css';

const SEARCH_SETTLES_MS = 200;
const LINE_HEIGHT = 32;
const LOAD_AHEAD_LINES = 30;
const LEVELS = LogLine.shape.level.options;
const MINUTE_MS = 60_000;
const SPANS = { all: null, '10m': 10 * MINUTE_MS, '1h': 60 * MINUTE_MS, '24h': 1440 * MINUTE_MS } as const;
type Span = keyof typeof SPANS;
const SPAN_NAMES = ['all', '10m', '1h', '24h'] as const satisfies Span[];

/** The relay's log: filtered, live, and ready to be sent to somebody who can help. */
export function LogView(): ReactNode {
  const { t } = useTranslation();
  const [level, setLevel] = useState<LogLine['level']>('info');
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed, SEARCH_SETTLES_MS);
  const [span, setSpan] = useState<{ name: Span; from: number | null }>({ name: 'all', from: null });
  const [isLive, setLive] = useState(true);
  const log = useLog({ level, text, from: span.from }, isLive);
  const version = useSnapshot((snapshot) => snapshot.version) ?? '';
  const { run: copyReport } = useAction(async () => {
    const browser = navigator.userAgent;
    await copyText(createBugReport({ version, browser, at: Date.now(), lines: log.lines }));
    notifications.show({ message: t('activity.copied') });
  });
  return (
    <>
      <div className="log-view__tools">
        <TextInput
          className="log-view__search"
          aria-label={t('activity.search')}
          placeholder={t('activity.search')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('activity.level')}
          value={level}
          onChange={(value) => setLevel(LogLine.shape.level.parse(value))}
          data={LEVELS.map((value) => ({ value, label: t(`activity.levels.${value}`) }))}
        />
        <Select
          className="log-view__span"
          aria-label={t('activity.time')}
          allowDeselect={false}
          value={span.name}
          onChange={(value) => setSpan(spanNow(value))}
          data={SPAN_NAMES.map((value) => ({ value, label: t(`activity.spans.${value}`) }))}
        />
        <Switch
          size="sm"
          label={t('activity.live')}
          checked={isLive}
          onChange={(event) => setLive(event.currentTarget.checked)}
        />
        <Button
          ml="auto"
          variant="default"
          leftSection={<IconBug size={17} aria-hidden />}
          disabled={log.lines.length === 0}
          onClick={copyReport}
        >
          {t('activity.copyReport')}
        </Button>
      </div>
      <LogLines {...log} />
    </>
  );
}

function spanNow(value: string | null): { name: Span; from: number | null } {
  const name = SPAN_NAMES.find((known) => known === value) ?? 'all';
  const lengthMs = SPANS[name];
  return { name, from: lengthMs === null ? null : Date.now() - lengthMs };
}

function LogLines({ lines, isLoading, hasOlder, loadOlder }: ReturnType<typeof useLog>): ReactNode {
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
  const [openId, setOpenId] = useState<number>();
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: 12,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasOlder && last > lines.length - LOAD_AHEAD_LINES) loadOlder();
  }, [hasOlder, last, lines.length, loadOlder]);
  return (
    <div ref={scroller} className="log-view" tabIndex={0} role="log" aria-label={t('activity.log')} aria-live="off">
      {lines.length === 0 && !isLoading && (
        <EmptyNote icon={IconNotes} title={t('activity.none')} text={t('activity.noneText')} />
      )}
      <div className="log-view__lines" style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, key, start }) => {
          const line = lines[index];
          return line === undefined ? null : (
            <div
              key={key}
              ref={virtualizer.measureElement}
              data-index={index}
              className="log-view__place"
              style={{ transform: `translateY(${start}px)` }}
            >
              <Line line={line} isOpen={line.id === openId} onToggle={setOpenId} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

type LineProps = { line: LogLine; isOpen: boolean; onToggle: (id: number | undefined) => void };

const Line = memo(function Line({ line, isOpen, onToggle }: LineProps): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <button
        type="button"
        className={`log-view__line log-view__line--${line.level}`}
        aria-expanded={isOpen}
        onClick={() => onToggle(isOpen ? undefined : line.id)}
      >
        <time
          className="figures log-view__time"
          dateTime={new Date(line.at).toISOString()}
          title={format.dateAndTime(line.at)}
        >
          {format.clockWithSeconds(line.at)}
        </time>
        <span className="log-view__level">{t(`activity.levels.${line.level}`)}</span>
        <span className="truncate">{line.text}</span>
      </button>
      {isOpen && <pre className="log-view__detail">{`${line.text}\n${prettyJson(line.detail)}`.trim()}</pre>}
    </>
  );
});

function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
