import { useSyncExternalStore } from 'react';
import type { Snapshot } from '../shared/stats.ts';
import { useServices } from './relay-context.ts';

/**
 * A part of the live state; the component renders again only when that part changes. `select` returns something of the
 * snapshot or a primitive, never a new object.
 */
export function useSnapshot<Part>(select: (snapshot: Snapshot) => Part): Part | undefined {
  const { live } = useServices();
  return useSyncExternalStore(live.subscribe, () => {
    const snapshot = live.get();
    return snapshot === undefined ? undefined : select(snapshot);
  });
}
