import { Worker } from 'node:worker_threads';

/** Ends the process when one input keeps it busy for ever, which nothing in the same thread could notice. */
export type Watchdog = AsyncDisposable & { noteInput: (target: string, input: Buffer) => void };

const HUNG_AFTER_MS = 30_000;
const MAX_BYTES = 1024 * 1024;

const WORKER = `
  const { workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const counter = new Int32Array(workerData.counter);
  const bytes = Buffer.from(workerData.input);
  let seen = -1;
  setInterval(() => {
    const now = Atomics.load(counter, 0);
    if (now !== 0 && now === seen) {
      writeSync(1, 'FINDING: this input hangs (base64): ' + bytes.subarray(0, Atomics.load(counter, 1)).toString('base64') + '\\n');
      process.kill(process.pid, 'SIGKILL');
    }
    seen = now;
  }, ${HUNG_AFTER_MS});
`;

export function startWatchdog(): Watchdog {
  const counter = new SharedArrayBuffer(8);
  const shared = new SharedArrayBuffer(MAX_BYTES);
  const [counts, bytes] = [new Int32Array(counter), Buffer.from(shared)];
  const worker = new Worker(WORKER, { eval: true, workerData: { counter, input: shared } });
  return {
    noteInput(_target, input) {
      input.copy(bytes);
      Atomics.store(counts, 1, Math.min(input.length, MAX_BYTES));
      Atomics.add(counts, 0, 1);
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}
