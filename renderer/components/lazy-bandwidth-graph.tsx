import { lazy, Suspense, type ComponentProps, type ReactNode } from 'react';
import { useHistory } from '../use-history.ts';
import type { HistoryRange } from '../../shared/stats.ts';
import type { BandwidthGraph } from './bandwidth-graph.tsx';

type Props = Omit<ComponentProps<typeof BandwidthGraph>, 'history'> & { channelId: string | null; range: HistoryRange };

const Graph = lazy(async () => ({ default: (await import('./bandwidth-graph.tsx')).BandwidthGraph }));

/** The graph with its data; its place is there from the start, so that nothing jumps when it comes. */
export function LazyBandwidthGraph({ channelId, ...props }: Props): ReactNode {
  const history = useHistory(props.range, channelId);
  const place = <div style={{ height: props.height }} />;
  if (history === undefined) return place;
  return (
    <Suspense fallback={place}>
      <Graph {...props} history={history} />
    </Suspense>
  );
}
