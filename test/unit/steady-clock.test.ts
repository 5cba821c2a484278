import { expect, test } from 'vitest';
import { createSteadyClock } from '../../main/steady-clock.ts';

const HOUR_MS = 3_600_000;

function arrange() {
  const clocks = { wall: 1_000_000, monotonic: 50 };
  const steady = createSteadyClock(
    () => clocks.wall,
    () => clocks.monotonic,
  );
  const run = (ms: number): void => {
    clocks.wall += ms;
    clocks.monotonic += ms;
  };
  return { clocks, steady, run };
}

test('runs with the wall clock', () => {
  const { steady, run } = arrange();
  expect(steady()).toBe(1_000_000);
  run(250);
  expect(steady()).toBe(1_000_250);
});

test('neither goes back nor stands still when the clock is set back', () => {
  const { clocks, steady, run } = arrange();
  clocks.wall -= HOUR_MS;
  expect(steady()).toBe(1_000_000);
  run(10);
  expect(steady()).toBe(1_000_010);
});

test('counts what the computer slept through', () => {
  const { clocks, steady } = arrange();
  clocks.wall += 8 * HOUR_MS;
  clocks.monotonic += 5;
  expect(steady()).toBe(1_000_000 + 8 * HOUR_MS);
});

test('does not follow a clock that is trimmed a little', () => {
  const { clocks, steady, run } = arrange();
  run(100);
  clocks.wall += 40;
  expect(steady()).toBe(1_000_100);
});
