import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import { pinToCore } from './process-usage.ts';

export type ChildOptions<Announcement> = {
  /** Path of the script, and its arguments. */
  script: string;
  args?: readonly string[];
  nodeArgs?: readonly string[];
  /** Added to the environment of this process; undefined takes a variable away. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Run the script as the program that it is, instead of handing it to this Node. */
  isProgram?: boolean;
  /** The one JSON line the program prints on stdout when it is ready. */
  announcement: z.ZodType<Announcement>;
  /** Core to pin it to, where that is possible. */
  core?: number;
  startTimeoutMs?: number;
};

/** A program that is ready. Disposing of it stops it. */
export type Child<Announcement> = AsyncDisposable & {
  announcement: Announcement;
  pid: number;
  /** From spawning it to its announcement. */
  startMs: number;
  /** Everything it printed, line by line, the announcement included. */
  stdout: readonly string[];
  stderr: readonly string[];
  /** Sends SIGTERM (once) and waits for the end, by force when it takes too long; the exit code, null after a signal. */
  stop: () => Promise<number | null>;
  kill: (signal: NodeJS.Signals) => void;
};

/** On a machine that does much else, starting takes its time. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

/** Starts a Node program and waits for its announcement. Throws with its stderr when none comes. */
export async function startChild<Announcement>(options: ChildOptions<Announcement>): Promise<Child<Announcement>> {
  const { script, args = [], nodeArgs = [], env = {}, cwd, isProgram = false, announcement, core } = options;
  const [program, programArgs] = isProgram ? [script, args] : [process.execPath, [...nodeArgs, script, ...args]];
  const startedAt = performance.now();
  const child = spawn(program, programArgs, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const ended = once(child, 'close').catch(() => undefined);
  const stdout = linesOf(child, 'stdout');
  const stderr = linesOf(child, 'stderr');
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    if ((await Promise.race([ended, sleep(STOP_TIMEOUT_MS, 'late', { ref: false })])) === 'late') child.kill('SIGKILL');
    await ended;
    return child.exitCode;
  };
  try {
    const line = await stdout.first(ended, options.startTimeoutMs ?? START_TIMEOUT_MS);
    const startMs = performance.now() - startedAt;
    const { pid } = child;
    if (pid === undefined) throw new Error('it has no process id');
    if (core !== undefined) await pinToCore(pid, core);
    return {
      announcement: announcement.parse(JSON.parse(line)),
      pid,
      startMs,
      stdout: stdout.lines,
      stderr: stderr.lines,
      stop,
      kill: (signal) => void child.kill(signal),
      [Symbol.asyncDispose]: async () => void (await stop()),
    };
  } catch (cause) {
    await stop();
    throw new Error(`${script} did not start:\n${[...stdout.lines, ...stderr.lines].join('\n')}`, { cause });
  }
}

type Lines = {
  lines: readonly string[];
  /** The first line, or a rejection when the program ends or the time is over before there is one. */
  first: (ended: Promise<unknown>, timeoutMs: number) => Promise<string>;
};

function linesOf(child: ChildProcess, name: 'stdout' | 'stderr'): Lines {
  const stream = child[name];
  const lines: string[] = [];
  const first = Promise.withResolvers<string>();
  if (stream) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      first.resolve(line);
    });
  }
  return {
    lines,
    first: async (ended, timeoutMs) => {
      const failed = ended.then(() => Promise.reject(new Error('it ended')));
      const late = sleep(timeoutMs, undefined, { ref: false }).then(() => Promise.reject(new Error('it said nothing')));
      for (const rejection of [failed, late]) rejection.catch(() => undefined);
      return Promise.race([first.promise, failed, late]);
    },
  };
}
