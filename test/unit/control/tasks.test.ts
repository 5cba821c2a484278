import { expect, test } from 'vitest';
import type { Progress } from '../../../shared/contract.ts';
import { say } from '../../../shared/sentences.ts';
import { createTasks } from '../../../main/control/tasks.ts';

function startTasks() {
  const told: Progress[] = [];
  const clock = { now: 1_000 };
  return { told, clock, tasks: createTasks({ tell: (progress) => told.push(progress), steady: () => clock.now }) };
}

/** Work that goes on until it is cancelled. */
function untilCancelled(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('some error of its own')));
  });
}

test('a task answers what its work answers', async () => {
  const { tasks } = startTasks();
  expect(await tasks.run('t', () => Promise.resolve(42))).toBe(42);
  expect(await tasks.run('t', () => 43)).toBe(43);
});

test('progress is told by the id of the task', async () => {
  const { tasks, told } = startTasks();
  await tasks.run('t', ({ onProgress }) => onProgress(1, 3, say('task.writing')));
  expect(told).toEqual([{ taskId: 't', done: 1, total: 3, text: say('task.writing') }]);
});

test('fast progress is thinned out, but its end is always told', async () => {
  const { tasks, told, clock } = startTasks();
  await tasks.run('t', ({ onProgress }) => {
    for (let done = 0; done <= 10_000; done += 1) {
      clock.now += 0.05;
      onProgress(done, 10_000, say('task.writing'));
    }
  });
  expect(told.length).toBeLessThan(10);
  expect(told[0]).toMatchObject({ done: 0 });
  expect(told.at(-1)).toMatchObject({ done: 10_000 });
});

test('a cancelled task fails as cancelled, whatever its work makes of it', async () => {
  const { tasks } = startTasks();
  const running = tasks.run('t', ({ signal }) => untilCancelled(signal));
  tasks.cancel('t');
  await expect(running).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
});

test('cancelling one task leaves the others alone; cancelling all does not', async () => {
  const { tasks } = startTasks();
  const first = tasks.run('first', ({ signal }) => untilCancelled(signal));
  const second = tasks.run('second', ({ signal }) => untilCancelled(signal));
  let isSecondOver = false;
  second.catch(() => undefined).finally(() => (isSecondOver = true));
  tasks.cancel('first');
  await expect(first).rejects.toThrow('aborted');
  expect(isSecondOver).toBe(false);
  tasks.cancelAll();
  await expect(second).rejects.toThrow('aborted');
});

test('an id is taken while its task runs, and free again after it, however it ended', async () => {
  const { tasks } = startTasks();
  const running = tasks.run('t', ({ signal }) => untilCancelled(signal));
  await expect(tasks.run('t', () => 1)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  tasks.cancel('t');
  await expect(running).rejects.toThrow('aborted');
  expect(await tasks.run('t', () => 2)).toBe(2);
});

test('what fails of itself fails with its own error', async () => {
  const { tasks } = startTasks();
  await expect(tasks.run('t', () => Promise.reject(new Error('no such list')))).rejects.toThrow('no such list');
});

test('cancelling what is over does nothing', () => {
  expect(() => startTasks().tasks.cancel('t')).not.toThrow();
});
