import { useSyncExternalStore } from 'react';
import type { Connection, Relay } from './api.ts';
import { useServices } from './relay-context.ts';

/** The relay, to ask it for something. */
export function useRelay(): Relay {
  return useServices().relay;
}

/** Whether the relay can be reached. */
export function useConnection(): Connection {
  const { connection } = useRelay();
  return useSyncExternalStore(connection.subscribe, connection.get);
}

/** Changes whenever channels or lists may have. */
export function useRevision(): number {
  const { revision } = useRelay();
  return useSyncExternalStore(revision.subscribe, revision.get);
}
