import { useCallback, useEffect, useState } from 'react';
import type { LogLine } from '../shared/contract.ts';
import { useConnection, useRelay } from './use-relay.ts';

const PAGE_SIZE = 200;
/** Lines kept: what is older can be asked for again. */
const MAX_LINES = 5000;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies LogLine['level'][];

export type LogFilter = { level: LogLine['level']; text: string; from: number | null };

export type Log = {
  /** Newest first. */
  lines: readonly LogLine[];
  isLoading: boolean;
  hasOlder: boolean;
  loadOlder: () => void;
};

/** The log as filtered; with `isLive`, new lines appear as they are written. */
export function useLog(filter: LogFilter, isLive: boolean): Log {
  const relay = useRelay();
  const isOnline = useConnection() === 'online';
  const { level, text, from } = filter;
  const [lines, setLines] = useState<readonly LogLine[]>([]);
  const [hasOlder, setHasOlder] = useState(false);
  const [isLoading, setLoading] = useState(true);

  useEffect(() => {
    if (!isOnline) return;
    let isCurrent = true;
    setLoading(true);
    relay
      .call('log.query', { level, text, from, limit: PAGE_SIZE })
      .then(
        ({ rows }) => {
          if (!isCurrent) return;
          setLines(rows);
          setHasOlder(rows.length === PAGE_SIZE);
        },
        () => undefined,
      )
      .finally(() => setLoading(false));
    return () => {
      isCurrent = false;
    };
  }, [relay, isOnline, level, text, from]);

  useEffect(() => {
    if (!isLive) return;
    return relay.on('log', (line) => {
      if (!passes(line, { level, text, from })) return;
      setLines((known) => (known.some(({ id }) => id === line.id) ? known : [line, ...known.slice(0, MAX_LINES - 1)]));
    });
  }, [relay, isLive, level, text, from]);

  const oldest = lines.at(-1)?.id;
  const loadOlder = useCallback(() => {
    if (oldest === undefined) return;
    setHasOlder(false);
    relay.call('log.query', { level, text, from, before: oldest, limit: PAGE_SIZE }).then(
      ({ rows }) => {
        setLines((known) => (known.at(-1)?.id === oldest ? [...known, ...rows] : known));
        setHasOlder(rows.length === PAGE_SIZE);
      },
      () => setHasOlder(true),
    );
  }, [relay, oldest, level, text, from]);

  return { lines, isLoading, hasOlder, loadOlder };
}

function passes(line: LogLine, { level, text, from }: LogFilter): boolean {
  const isLoudEnough = LEVELS.indexOf(line.level) >= LEVELS.indexOf(level);
  const isFound = `${line.text} ${line.detail}`.toLowerCase().includes(text.toLowerCase());
  return isLoudEnough && isFound && (from === null || line.at >= from);
}
