import { commands } from '../../shared/contract.ts';
import type { Handlers } from '../../main/control/dispatch.ts';

/** Handlers for a test: those it scripts, and for every other command one that fails as a bug does. */
export function scriptedHandlers(scripted: Partial<Handlers>): Handlers {
  const unscripted = Object.keys(commands).map((name) => [
    name,
    () => {
      throw new Error(`${name} is not scripted`);
    },
  ]);
  return { ...(Object.fromEntries(unscripted) as unknown as Handlers), ...scripted };
}
