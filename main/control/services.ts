import type { LogStore } from '../log-store.ts';
import type { OperationsLog } from '../operations-log.ts';
import type { Supervisor } from '../supervisor.ts';
import type { Tasks } from './tasks.ts';
import type { Updates } from './updates.ts';

/** What commands are made of. */
export type Services = {
  supervisor: Supervisor;
  tasks: Tasks;
  logStore: LogStore;
  operations: OperationsLog;
  updates: Updates;
  /** Milliseconds of a clock that is never set back. */
  steady: () => number;
};
