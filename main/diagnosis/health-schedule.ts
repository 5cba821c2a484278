import type { Diagnosis } from '../../shared/contract.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { Diagnoser, SourceToCheck } from './diagnosis.ts';

/** A source to check, and the channel it belongs to. */
export type ScheduledCheck = SourceToCheck & { channelId: string };

export type HealthScheduleDeps = {
  diagnosis: Diagnoser;
  /** What is to be checked in one night, in this order; a night may end before the last of them. */
  listChecks: () => readonly ScheduledCheck[];
  onDiagnosis: (channelId: string, diagnosis: Diagnosis) => void;
  /** Whether nobody watches: a provider may count a check as one more TV. */
  isIdle: () => boolean;
  log: Logger;
  /** Milliseconds since 1970: tells the night. */
  now: () => number;
  /** Milliseconds of a clock that is never set back: tells how long ago the last one was. */
  steady: () => number;
};

const LOOK_EVERY_MS = 5 * 60_000;
/** Hours of the local clock: from the first up to the last. */
const NIGHT = { from: 3, until: 6 };
const LONGEST_NIGHT_MS = 12 * 60 * 60_000;

/** Checks channels once a night, while nobody watches. */
export function createHealthSchedule({
  diagnosis,
  listChecks,
  onDiagnosis,
  isIdle,
  log,
  now,
  steady,
}: HealthScheduleDeps): Part {
  let timer: NodeJS.Timeout | undefined;
  let finishedAt = -Infinity;
  let night: { running: Promise<void>; controller: AbortController } | undefined;

  async function check(controller: AbortController): Promise<void> {
    const { signal } = controller;
    try {
      const { checked, broken } = await diagnosis.diagnoseMany(listChecks(), {
        signal,
        onProgress({ item, diagnosis: found }) {
          onDiagnosis(item.channelId, found);
          if (!isIdle()) controller.abort();
        },
      });
      finishedAt = steady();
      log.info({ checked, broken }, 'Checked the channels.');
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'the nightly check ran into a bug');
    } finally {
      night = undefined;
    }
  }

  function look(): void {
    const mayCheck = isNight(now()) && isIdle();
    if (night !== undefined && !mayCheck) night.controller.abort();
    if (night !== undefined || !mayCheck || steady() - finishedAt < LONGEST_NIGHT_MS) return;
    const controller = new AbortController();
    night = { running: check(controller), controller };
  }

  return {
    name: 'nightly check',
    start() {
      timer = setInterval(look, LOOK_EVERY_MS).unref();
    },
    async stop() {
      clearInterval(timer);
      night?.controller.abort();
      await night?.running;
    },
  };
}

function isNight(at: number): boolean {
  const hour = new Date(at).getHours();
  return hour >= NIGHT.from && hour < NIGHT.until;
}
