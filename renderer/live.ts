import type { Snapshot } from '../shared/stats.ts';
import type { Relay } from './api.ts';
import { createReadable, type Readable } from './readable.ts';
import { shareUnchanged } from './share-unchanged.ts';

/** The relay's state as it was last told; undefined until the first time. */
export type Live = Readable<Snapshot | undefined> & {
  /** Follows the relay until the function it returns is called. */
  open: () => () => void;
};

/** Keeps the newest snapshot: every second one is pushed, the first and the one after a reconnection are asked for. */
export function createLive(relay: Pick<Relay, 'call' | 'on' | 'connection'>): Live {
  const snapshot = createReadable<Snapshot | undefined>(undefined);
  const take = (next: Snapshot): void => snapshot.set(shareUnchanged(snapshot.get(), next));
  const ask = (): void => {
    if (relay.connection.get() === 'online') relay.call('app.snapshot', {}).then(take, () => undefined);
  };
  return {
    get: snapshot.get,
    subscribe: snapshot.subscribe,
    open() {
      const stopEvents = relay.on('snapshot', take);
      const stopConnection = relay.connection.subscribe(ask);
      ask();
      return () => {
        stopEvents();
        stopConnection();
      };
    },
  };
}
