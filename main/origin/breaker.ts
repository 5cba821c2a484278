import { LRUCache } from 'lru-cache';
import type { Sentence } from '../../shared/sentence.ts';

/**
 * Leaves a host alone that has not answered several times in a row, and lets one request through now and then to see
 * whether it is back. Only what happens before a response head counts: a host that answers, even with 503, is there.
 */
export type Breaker = {
  /** How long not to ask the host, and what its last failure was; `undefined`: ask. While it is failing, who may ask is the probe. */
  refusal(host: string): { waitMs: number; reason: Sentence } | undefined;
  answered(host: string): void;
  failed(host: string, reason: Sentence): void;
};

const FAILURES_TO_OPEN = 5;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** A probe is mostly answered, or not, within this; one that is lost gets a successor after another pause. */
const PROBE_WAIT_MS = 250;
/** A hostile playlist names as many hosts as it likes. */
const MAX_HOSTS = 1_000;

type HostState = { failures: number; reason: Sentence; openUntil: number; pauseMs: number; isProbing: boolean };

export function createBreaker({ now }: { now: () => number }): Breaker {
  const failing = new LRUCache<string, HostState>({ max: MAX_HOSTS });

  return {
    refusal(host) {
      const state = failing.get(host);
      if (state === undefined || state.failures < FAILURES_TO_OPEN) return undefined;
      const { reason } = state;
      const waitMs = state.openUntil - now();
      if (waitMs > 0) return { waitMs: state.isProbing ? Math.min(waitMs, PROBE_WAIT_MS) : waitMs, reason };
      // Half open: this one goes, whoever comes before its outcome waits for that.
      state.openUntil = now() + state.pauseMs;
      state.isProbing = true;
      return undefined;
    },

    answered(host) {
      failing.delete(host);
    },

    failed(host, reason) {
      const state = failing.get(host) ?? {
        failures: 0,
        reason,
        openUntil: 0,
        pauseMs: FIRST_PAUSE_MS / 2,
        isProbing: false,
      };
      failing.set(host, state);
      state.failures += 1;
      state.reason = reason;
      // A host that drops a hundred requests at once has failed once: only a probe that fails makes the pause longer.
      if (state.failures !== FAILURES_TO_OPEN && !state.isProbing) return;
      state.isProbing = false;
      state.pauseMs = Math.min(LONGEST_PAUSE_MS, state.pauseMs * 2);
      state.openUntil = now() + state.pauseMs;
    },
  };
}
