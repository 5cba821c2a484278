import type { EventName, EventValue, Progress, UpdateState } from '../../shared/contract.ts';
import type { Logger } from '../log.ts';

/** Hears what the relay tells without being asked. */
export type EventListener = <Name extends EventName>(name: Name, value: EventValue<Name>) => void;

/** What is told to everybody who listens. */
export type Events = {
  /** The listener hears a snapshot at once, and another every second. Returns how to stop. */
  subscribe(listener: EventListener): () => void;
  tellProgress: (progress: Progress) => void;
  tellUpdates: (state: UpdateState) => void;
};

const SNAPSHOT_EVERY_MS = 1_000;

/**
 * @param snapshot builds the whole state; called only while somebody listens
 * @param followLog hands over log lines as they are written until the returned function is called
 */
export function createEvents({
  snapshot,
  followLog,
  log,
}: {
  snapshot: () => EventValue<'snapshot'>;
  followLog: (listener: (line: EventValue<'log'>) => void) => () => void;
  log: Logger;
}): Events {
  const listeners = new Set<EventListener>();
  let leaveSources: (() => void) | undefined;

  const tell: EventListener = (name, value) => {
    for (const listener of listeners) listener(name, value);
  };

  function tick(): void {
    try {
      tell('snapshot', snapshot());
    } catch (error) {
      log.error({ err: error }, 'the state of the relay could not be told');
    }
  }

  function followSources(): () => void {
    const ticking = setInterval(tick, SNAPSHOT_EVERY_MS).unref();
    const leaveLog = followLog((line) => tell('log', line));
    return () => {
      clearInterval(ticking);
      leaveLog();
    };
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      leaveSources ??= followSources();
      listener('snapshot', snapshot());
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        leaveSources?.();
        leaveSources = undefined;
      };
    },
    tellProgress: (progress) => tell('progress', progress),
    tellUpdates: (state) => tell('updates', state),
  };
}
