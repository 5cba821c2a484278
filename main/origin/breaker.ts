/**
 * Leaves a host alone that has not answered several times in a row, and lets one request through now and then to see
 * whether it is back. Only what happens before a response head counts: a host that answers, even with 503, is there.
 */
export type Breaker = {
  /** How long to wait before asking the host, in milliseconds; 0: now. A 0 while it is failing makes the caller the probe. */
  waitMs(host: string): number;
  answered(host: string): void;
  failed(host: string): void;
};

const FAILURES_TO_OPEN = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

type HostState = { failures: number; openUntil: number; pauseMs: number };

export function createBreaker({ now }: { now: () => number }): Breaker {
  const failing = new Map<string, HostState>();

  return {
    waitMs(host) {
      const state = failing.get(host);
      if (state === undefined || state.failures < FAILURES_TO_OPEN) return 0;
      const waitMs = state.openUntil - now();
      if (waitMs > 0) return waitMs;
      // Half open: this one goes, whoever comes before its outcome waits another pause.
      state.openUntil = now() + state.pauseMs;
      return 0;
    },

    answered(host) {
      failing.delete(host);
    },

    failed(host) {
      const state = failing.get(host) ?? { failures: 0, openUntil: 0, pauseMs: FIRST_PAUSE_MS / 2 };
      state.failures += 1;
      if (state.failures >= FAILURES_TO_OPEN) {
        state.pauseMs = Math.min(LONGEST_PAUSE_MS, state.pauseMs * 2);
        state.openUntil = now() + state.pauseMs;
      }
      failing.set(host, state);
    },
  };
}
