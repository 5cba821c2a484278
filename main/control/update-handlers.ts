import type { Handlers } from './dispatch.ts';
import type { Services } from './services.ts';

/** Commands on the version of the program. Each answers with how it stands then; what comes later is an event. */
export type UpdateHandlers = Pick<Handlers, 'updates.get' | 'updates.check' | 'updates.download' | 'updates.restart'>;

export function createUpdateHandlers({ updates }: Services): UpdateHandlers {
  return {
    'updates.get': () => updates.state,
    'updates.check': async () => {
      await updates.check();
      return updates.state;
    },
    'updates.download': () => {
      updates.download();
      return updates.state;
    },
    'updates.restart': () => {
      updates.restart();
      return updates.state;
    },
  };
}
