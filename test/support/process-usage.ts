import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

/** What a process has used so far; null where the platform does not tell. */
export type ProcessUsage = { cpuSeconds: number; rssBytes: number; peakRssBytes: number } | null;

/** The kernel's clock ticks a second as /proc shows them: 100 on every Linux that Node supports. */
const TICKS_PER_SECOND = 100;

/** Reads another process's usage from /proc (Linux only). */
export async function readProcessUsage(pid: number): Promise<ProcessUsage> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    /* The command name in brackets may hold anything, so fields are counted from the last bracket. */
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      rssBytes: kibibytes('VmRSS') * 1024,
      peakRssBytes: kibibytes('VmHWM') * 1024,
    };
  } catch {
    return null;
  }
}

/** Pins all threads of a process to one core. False where that is impossible, which only makes figures noisier. */
export async function pinToCore(pid: number, core: number): Promise<boolean> {
  if (process.platform !== 'linux' || availableParallelism() <= core) return false;
  return promisify(execFile)('taskset', ['-a', '-c', '-p', String(core), String(pid)]).then(
    () => true,
    () => false,
  );
}
