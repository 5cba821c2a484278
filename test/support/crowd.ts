import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { CrowdOrder, CrowdState } from './crowd-process.ts';

/**
 * The connections of attackers, in a process of their own: whoever opens them by the thousand has no time to play TV as well, nor to
 * be a provider. In a home an attacker uses its own processor, so it gets here what the others leave.
 */
export type Crowd = AsyncDisposable & {
  /** Opens more from one address, and sends on each what comes first. */
  open: (count: number, localAddress: string, first?: string) => Promise<CrowdState>;
  /** Sends the same on all that are open, over and over. */
  drip: (piece: string, everyMs: number) => Promise<CrowdState>;
  state: () => Promise<CrowdState>;
};

const PROGRAM = fileURLToPath(new URL('crowd-process.ts', import.meta.url));

/** @param port of loopback, that it connects to */
export function startCrowd(port: number): Crowd {
  const child = fork(PROGRAM, [], { execArgv: [] });
  setPriority(child.pid ?? 0, constants.priority.PRIORITY_BELOW_NORMAL);
  const ended = once(child, 'exit');
  const tell = (order: CrowdOrder): Promise<CrowdState> => answerOf(child, order);

  return {
    open: (count, localAddress, first = '') => tell({ order: 'open', port, count, localAddress, first }),
    drip: (piece, everyMs) => tell({ order: 'drip', piece, everyMs }),
    state: () => tell({ order: 'state' }),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function answerOf(child: ChildProcess, order: CrowdOrder): Promise<CrowdState> {
  child.send(order);
  const [state] = (await once(child, 'message')) as [CrowdState];
  return state;
}
