import type { Part } from '../lifecycle.ts';
import type { History } from './history.ts';
import type { Traffic } from './traffic.ts';
import type { Viewers } from './viewers.ts';

export type SamplerDeps = {
  traffic: Pick<Traffic, 'sample'>;
  viewers: Pick<Viewers, 'sample'>;
  history: Pick<History, 'add'>;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Milliseconds of a clock that nobody sets, and that runs while the computer does. */
  uptime: () => number;
  /** Called after each sample, when all figures are of the same moment. */
  onSample: () => void;
};

const STEP_MS = 1_000;
/** A timer may fire a little before the full second that it waited for. */
const EARLY_MS = 50;

/** Reads the counters at every full second, so that each second of the history has exactly one sample. */
export function createSampler({ traffic, viewers, history, now, uptime, onSample }: SamplerDeps): Part {
  let timer: NodeJS.Timeout | undefined;

  function sample(): void {
    history.add({ at: now(), ...traffic.sample(uptime()) });
    viewers.sample();
    onSample();
  }

  function waitForFullSecond(): void {
    const missingMs = STEP_MS - (now() % STEP_MS);
    timer = setTimeout(
      () => {
        waitForFullSecond();
        sample();
      },
      missingMs < EARLY_MS ? missingMs + STEP_MS : missingMs,
    ).unref();
  }

  return {
    name: 'sampler',
    start() {
      // The rates of the first second count from here.
      traffic.sample(uptime());
      waitForFullSecond();
    },
    stop() {
      clearTimeout(timer);
      sample();
    },
  };
}
