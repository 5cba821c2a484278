/** Lets one after the other ask a host, with a rest in between, so that no provider takes a check for an attack. */
export type HostQueue = {
  /** Does the work when the host's turn has come. @throws the signal's reason at once when it is aborted, also while waiting */
  run<Result>(host: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
  /** Leaves a host alone for this long from now on. */
  rest(host: string, restMs: number): void;
};

type Line = { last: Promise<unknown>; waiting: number; restsUntil: number };

/**
 * @param pause resolves after so many milliseconds; rejects when the signal is aborted
 * @param restMs between two turns at the same host
 */
export function createHostQueue({
  now,
  pause,
  restMs,
}: {
  now: () => number;
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  restMs: number;
}): HostQueue {
  const lines = new Map<string, Line>();

  function lineOf(host: string): Line {
    forgetIdleLines();
    const line = lines.get(host) ?? { last: Promise.resolve(), waiting: 0, restsUntil: 0 };
    lines.set(host, line);
    return line;
  }

  function forgetIdleLines(): void {
    for (const [host, { waiting, restsUntil }] of lines) {
      if (waiting === 0 && restsUntil <= now()) lines.delete(host);
    }
  }

  return {
    run(host, signal, work) {
      const line = lineOf(host);
      const turn = line.last.then(async () => {
        signal.throwIfAborted();
        if (line.restsUntil > now()) await pause(line.restsUntil - now(), signal);
        try {
          return await work();
        } finally {
          line.restsUntil = Math.max(line.restsUntil, now() + restMs);
        }
      });
      line.waiting += 1;
      line.last = turn.then(
        () => void (line.waiting -= 1),
        () => void (line.waiting -= 1),
      );
      return untilAborted(turn, signal);
    },

    rest(host, ms) {
      const line = lineOf(host);
      line.restsUntil = Math.max(line.restsUntil, now() + ms);
    },
  };
}

function untilAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
