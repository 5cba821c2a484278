import { useEffect, useMemo, useState } from 'react';
import { HISTORY_STEP_SECONDS, type HistoryRange, type HistorySample, type Snapshot } from '../shared/stats.ts';
import { useServices } from './relay-context.ts';
import { useCommand } from './use-command.ts';

/** The seconds that each range reaches back. */
export const RANGE_SECONDS: Record<HistoryRange, number> = { '10m': 600, '2h': 7200, '30d': 2_592_000 };

export type History = { stepSeconds: number; samples: readonly HistorySample[] };

/**
 * What flowed in a range, up to now: asked for once, then continued from the live state (10 minutes) or asked for again
 * with every step (the longer ones).
 */
export function useHistory(range: HistoryRange, channelId: string | null): History | undefined {
  const stepSeconds = HISTORY_STEP_SECONDS[range];
  const isLive = stepSeconds === 1;
  const round = useRounds(isLive ? undefined : stepSeconds);
  const { value } = useCommand('stats.history', { range, channelId }, round);
  const isThisRange = value?.stepSeconds === stepSeconds;
  const live = useLiveSamples(isLive, channelId);
  return useMemo(() => {
    if (value === undefined || !isThisRange) return undefined;
    return { stepSeconds, samples: isLive ? continueWith(value.samples, live) : value.samples };
  }, [value, isThisRange, stepSeconds, isLive, live]);
}

/** Samples, followed by those of `live` that are newer, no older than the range reaches. */
export function continueWith(samples: readonly HistorySample[], live: readonly HistorySample[]): HistorySample[] {
  const known = samples.at(-1)?.at ?? 0;
  const all = [...samples, ...live.filter(({ at }) => at > known)];
  const from = (all.at(-1)?.at ?? 0) - RANGE_SECONDS['10m'] * 1000;
  return all.filter(({ at }) => at >= from);
}

/** Counts the steps that have passed. */
function useRounds(everySeconds: number | undefined): number {
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (everySeconds === undefined) return;
    const timer = setInterval(() => setRound((last) => last + 1), everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds]);
  return round;
}

/** One sample a second from the live state, since the component came on screen. */
function useLiveSamples(isLive: boolean, channelId: string | null): readonly HistorySample[] {
  const { live } = useServices();
  const [samples, setSamples] = useState<readonly HistorySample[]>([]);
  useEffect(() => {
    if (!isLive) return;
    setSamples([]);
    return live.subscribe(() => {
      const snapshot = live.get();
      if (snapshot === undefined) return;
      const sample = { at: snapshot.at, ...flowOf(snapshot, channelId) };
      setSamples((last) => [...last.slice(1 - RANGE_SECONDS['10m']), sample]);
    });
  }, [live, isLive, channelId]);
  return samples;
}

function flowOf(snapshot: Snapshot, channelId: string | null): { fromSource: number; toClients: number } {
  if (channelId === null) return snapshot.traffic.bytesPerSecond;
  const channel = snapshot.channels.find(({ id }) => id === channelId);
  return channel?.traffic.bytesPerSecond ?? { fromSource: 0, toClients: 0 };
}
