import { useSyncExternalStore } from 'react';
import type { Connection, Relay } from './api.ts';
import { useServices } from './relay-context.ts';
import { useSnapshot } from './use-snapshot.ts';

/** The relay, to ask it for something. */
export function useRelay(): Relay {
  return useServices().relay;
}

/** Whether the relay can be reached. */
export function useConnection(): Connection {
  const { connection } = useRelay();
  return useSyncExternalStore(connection.subscribe, connection.get);
}

/** Changes whenever channels or lists may have: at once by what this window did, within a second by what others do. */
export function useRevision(): string {
  const { revision } = useRelay();
  const own = useSyncExternalStore(revision.subscribe, revision.get);
  const all = useSnapshot(({ channelsRevision }) => channelsRevision) ?? 0;
  return `${own} ${all}`;
}
