import { createChannelHandlers } from './channel-handlers.ts';
import type { Handlers } from './dispatch.ts';
import { createHealthHandlers } from './health-handlers.ts';
import { withNotes } from './operations.ts';
import { createRelayHandlers } from './relay-handlers.ts';
import type { Services } from './services.ts';
import { createUpdateHandlers } from './update-handlers.ts';

/** Every command of the contract, each noted in the log of operations when it changes something. */
export function createHandlers(services: Services): Handlers {
  const handlers = {
    ...createRelayHandlers(services),
    ...createChannelHandlers(services),
    ...createHealthHandlers(services),
    ...createUpdateHandlers(services),
  };
  return withNotes(handlers, (who, what) => services.operations.note(who, what));
}
