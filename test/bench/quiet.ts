import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 300;
const PATIENCE_MS = 15_000;
const QUIET_SHARE = 0.08;

/** Waits for a moment in which nothing else uses the machine. False when none came: what follows is noisy. */
export async function untilQuiet(): Promise<boolean> {
  const givesUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < givesUpAt) {
    const before = cpuTimes();
    await sleep(LOOK_MS);
    const after = cpuTimes();
    if ((after.busy - before.busy) / (after.total - before.total) < QUIET_SHARE) return true;
  }
  process.stderr.write('  the machine is busy with something else: this sample is noisy\n');
  return false;
}

function cpuTimes(): { busy: number; total: number } {
  const times = cpus().map((cpu) => cpu.times);
  const total = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { total, busy: total - times.reduce((sum, { idle }) => sum + idle, 0) };
}
