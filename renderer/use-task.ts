import { useCallback, useEffect, useRef, useState } from 'react';
import type { Progress } from '../shared/contract.ts';
import { toRelayError } from './failure.ts';
import type { RelayError } from './api.ts';
import { useRelay } from './use-relay.ts';

/** Long work: how far it is, and a way to end it. */
export type Task = {
  isRunning: boolean;
  progress: Progress | undefined;
  error: RelayError | undefined;
  /** Does it under an id of its own; undefined when it failed or was cancelled. */
  start: <Output>(work: (taskId: string) => Promise<Output>) => Promise<Output | undefined>;
  cancel: () => void;
};

/** Follows one piece of long work at a time; leaving the component cancels it. */
export function useTask(): Task {
  const relay = useRelay();
  const [isRunning, setRunning] = useState(false);
  const [progress, setProgress] = useState<Progress>();
  const [error, setError] = useState<RelayError>();
  const current = useRef<string>(undefined);

  const cancel = useCallback(() => {
    const taskId = current.current;
    current.current = undefined;
    setRunning(false);
    if (taskId !== undefined) relay.call('tasks.cancel', { taskId }).catch(() => undefined);
  }, [relay]);

  useEffect(() => relay.on('progress', (next) => next.taskId === current.current && setProgress(next)), [relay]);
  useEffect(() => cancel, [cancel]);

  const start = useCallback(async <Output>(work: (taskId: string) => Promise<Output>): Promise<Output | undefined> => {
    const taskId = createTaskId();
    current.current = taskId;
    setProgress(undefined);
    setError(undefined);
    setRunning(true);
    try {
      const output = await work(taskId);
      return current.current === taskId ? output : undefined;
    } catch (failure) {
      if (current.current === taskId) setError(toRelayError(failure));
      return undefined;
    } finally {
      if (current.current === taskId) {
        current.current = undefined;
        setRunning(false);
      }
    }
  }, []);

  return { isRunning, progress, error, start, cancel };
}

/** Unique among the few tasks of a relay; a page over plain HTTP has no `crypto.randomUUID`. */
function createTaskId(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
}
