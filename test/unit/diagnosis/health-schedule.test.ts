import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../main/log.ts';
import type { Diagnoser } from '../../../main/diagnosis/diagnosis.ts';
import { createHealthSchedule } from '../../../main/diagnosis/health-schedule.ts';
import { createSteadyClock } from '../../../main/steady-clock.ts';
import type { Diagnosis } from '../../../shared/contract.ts';
import { say } from '../../../shared/sentences.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** What one check takes here. */
const CHECK_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function localTime(hour: number, minute = 0): Date {
  return new Date(2027, 0, 5, hour, minute);
}

/** Finds that everything plays, one after the other, in a minute each. */
const LEISURELY: Diagnoser = {
  diagnose: ({ index }) => Promise.resolve(diagnosisOf(index)),
  async diagnoseMany(items, { signal, onProgress }) {
    let done = 0;
    for (const item of items) {
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
      signal.throwIfAborted();
      done += 1;
      onProgress({ item, diagnosis: diagnosisOf(item.index), done, total: items.length });
    }
    return { checked: done, broken: 0 };
  },
};

function diagnosisOf(source: number): Diagnosis {
  const checkedAt = Date.now();
  return {
    verdict: 'plays',
    sentence: say('plays.with', { facts: [] }),
    findings: [],
    checkedAt,
    betterHeaders: null,
    source,
  };
}

/** A started schedule over channels, which lists those first that were not checked for longest. */
function startSchedule(channelIds: readonly string[], { isIdle = (): boolean => true } = {}) {
  const checkedAt = new Map(channelIds.map((id) => [id, 0]));
  const checked: string[] = [];
  const schedule = createHealthSchedule({
    diagnosis: LEISURELY,
    listChecks: () =>
      [...checkedAt]
        .toSorted(([, one], [, other]) => one - other)
        .map(([channelId]) => ({ channelId, source: { url: 'http://provider.example/', headers: {} }, index: 0 })),
    onDiagnosis(channelId, diagnosis) {
      checked.push(channelId);
      checkedAt.set(channelId, diagnosis.checkedAt);
    },
    isIdle,
    log: silentLogger,
    now: Date.now,
    steady: createSteadyClock(Date.now, () => performance.now()),
  });
  void schedule.start?.();
  return { checked, stop: async () => schedule.stop?.() };
}

test('channels are checked once a night, and not by day', async () => {
  vi.setSystemTime(localTime(12));
  const { checked, stop } = startSchedule(['ch_a', 'ch_b']);
  await vi.advanceTimersByTimeAsync(14 * HOUR_MS);
  expect(checked).toEqual([]);
  await vi.advanceTimersByTimeAsync(6 * HOUR_MS);
  expect(checked).toEqual(['ch_a', 'ch_b']);
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(checked).toEqual(['ch_a', 'ch_b', 'ch_a', 'ch_b']);
  await stop();
});

test('a clock that is a year off for a while keeps no night from being used', async () => {
  vi.setSystemTime(localTime(2));
  const { checked, stop } = startSchedule(['ch_a']);
  await vi.advanceTimersByTimeAsync(3 * HOUR_MS);
  expect(checked).toEqual(['ch_a']);
  vi.setSystemTime(localTime(5).getTime() + 365 * DAY_MS);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  vi.setSystemTime(localTime(5, 10));
  const until = checked.length;
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(checked).toHaveLength(until + 1);
  await stop();
});

test('nothing is checked while somebody watches, and a check under way gives way; what is left comes next', async () => {
  vi.setSystemTime(localTime(2, 59));
  let isIdle = false;
  const { checked, stop } = startSchedule(['ch_a', 'ch_b', 'ch_c'], { isIdle: () => isIdle });
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  expect(checked).toEqual([]);
  isIdle = true;
  await vi.advanceTimersByTimeAsync(5 * 60_000 + CHECK_MS - 1);
  isIdle = false;
  await vi.advanceTimersByTimeAsync(HOUR_MS / 2);
  expect(checked).toHaveLength(1);
  isIdle = true;
  await vi.advanceTimersByTimeAsync(HOUR_MS / 2);
  expect(checked).toEqual(['ch_a', 'ch_b', 'ch_c', 'ch_a']);
  await stop();
});

test('what a night is too short for goes on in the next', async () => {
  vi.setSystemTime(localTime(2));
  const ids = Array.from({ length: 250 }, (_, index) => `ch_${index}`);
  const { checked, stop } = startSchedule(ids);
  await vi.advanceTimersByTimeAsync(12 * HOUR_MS);
  const inFirstNight = checked.length;
  expect(inFirstNight).toBeGreaterThan(100);
  expect(inFirstNight).toBeLessThan(250);
  await vi.advanceTimersByTimeAsync(DAY_MS);
  expect(new Set(checked).size).toBe(250);
  await stop();
});

test('stopping ends a check under way', async () => {
  vi.setSystemTime(localTime(3));
  const { checked, stop } = startSchedule(['ch_a', 'ch_b']);
  await vi.advanceTimersByTimeAsync(5 * 60_000 + CHECK_MS / 2);
  const stopped = stop();
  await vi.advanceTimersByTimeAsync(DAY_MS);
  await stopped;
  expect(checked).toEqual([]);
});
