import type { EditableSettings } from '../shared/contract.ts';
import type { Relay } from './api.ts';
import { createReadable, type Readable } from './readable.ts';

/** The settings as the relay has them; undefined until they are known. */
export type SavedSettings = Readable<EditableSettings | undefined> & {
  /** Changes some of them, and tells whether the relay restarted for it. @throws RelayError with the field that is wrong */
  save: (settings: Partial<EditableSettings>) => Promise<{ restarted: boolean }>;
  /** Asks again, after something else than `save` has changed them. */
  reload: () => void;
  /** Follows the relay until the function it returns is called. */
  open: () => () => void;
};

export function createSavedSettings(relay: Pick<Relay, 'call' | 'connection'>): SavedSettings {
  const saved = createReadable<EditableSettings | undefined>(undefined);
  const reload = (): void => {
    if (relay.connection.get() === 'online') relay.call('settings.get', {}).then(saved.set, () => undefined);
  };
  return {
    get: saved.get,
    subscribe: saved.subscribe,
    reload,
    async save(settings) {
      const answer = await relay.call('settings.save', { settings });
      saved.set(answer.settings);
      return { restarted: answer.restarted };
    },
    open() {
      const stop = relay.connection.subscribe(reload);
      reload();
      return stop;
    },
  };
}
