import type { Progress } from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';
import type { Sentence } from '../../shared/sentence.ts';
import { ProxyError } from '../errors.ts';

/** Long work under way. */
export type Task = {
  /** Aborted when somebody cancels the task. */
  signal: AbortSignal;
  /** How far it is; @param total null: not known */
  onProgress: (done: number, total: number | null, text: Sentence) => void;
};

/** Long work by the id that its caller chose. */
export type Tasks = {
  /** @throws ProxyError BAD_REQUEST when a task of this id is under way; an AbortError when it is cancelled */
  run<Output>(taskId: string, work: (task: Task) => Output | Promise<Output>): Promise<Output>;
  /** Does nothing when the task is over already. */
  cancel(taskId: string): void;
  cancelAll(): void;
};

/** Nobody reads faster, and some work has 50,000 steps. */
const REPORT_EVERY_MS = 100;

export function createTasks({
  tell,
  steady,
}: {
  tell: (progress: Progress) => void;
  /** Milliseconds of a clock that is never set back. */
  steady: () => number;
}): Tasks {
  const running = new Map<string, AbortController>();

  return {
    async run(taskId, work) {
      // No await between looking and taking: a second caller must see the first.
      if (running.has(taskId)) throw new ProxyError('BAD_REQUEST', say('task.underWay'));
      const controller = new AbortController();
      running.set(taskId, controller);
      const { signal } = controller;
      let reportedAt = -Infinity;
      try {
        return await work({
          signal,
          onProgress(done, total, text) {
            const isLast = done === total;
            if (!isLast && steady() - reportedAt < REPORT_EVERY_MS) return;
            reportedAt = steady();
            tell({ taskId, done, total, text });
          },
        });
      } catch (error) {
        // However the work put it: it ended because it was told to.
        signal.throwIfAborted();
        throw error;
      } finally {
        running.delete(taskId);
      }
    },
    cancel(taskId) {
      running.get(taskId)?.abort();
    },
    cancelAll() {
      for (const controller of running.values()) controller.abort();
    },
  };
}
