import type { Logger } from '../log.ts';
import type { LogStore } from '../log-store.ts';
import type { OperationsLog } from '../operations-log.ts';
import type { Supervisor } from '../supervisor.ts';
import { createDispatch, type Dispatch } from './dispatch.ts';
import { createEvents, type Events } from './events.ts';
import { createHandlers } from './handlers.ts';
import { createTasks } from './tasks.ts';
import type { Updates } from './updates.ts';

/** The server side of the contract, for any transport. */
export type Control = {
  dispatch: Dispatch;
  events: Events;
  /** Ends what goes on for the window. */
  stop(): void;
};

export type ControlDeps = {
  supervisor: Supervisor;
  logStore: LogStore;
  operations: OperationsLog;
  updates: Updates;
  log: Logger;
  /** Milliseconds of a clock that is never set back. */
  steady: () => number;
};

export function createControl({ supervisor, logStore, operations, updates, log, steady }: ControlDeps): Control {
  const events = createEvents({
    snapshot: () => supervisor.snapshot(),
    followLog: (listener) => logStore.onLine(listener),
    log,
  });
  const tasks = createTasks({ tell: events.tellProgress, steady });
  const handlers = createHandlers({ supervisor, tasks, logStore, operations, updates, steady });
  const leaveUpdates = updates.onChange(events.tellUpdates);
  return {
    dispatch: createDispatch({ handlers, log }),
    events,
    stop() {
      leaveUpdates();
      tasks.cancelAll();
    },
  };
}
