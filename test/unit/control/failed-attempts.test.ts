import { expect, test } from 'vitest';
import { createFailedAttempts } from '../../../main/control/failed-attempts.ts';
import { createSteadyClock } from '../../../main/steady-clock.ts';

function counting() {
  const clock = { now: 0 };
  return { clock, attempts: createFailedAttempts({ steady: () => clock.now }) };
}

test('attempts are counted by address', () => {
  const { attempts } = counting();
  attempts.add('10.0.0.1');
  expect(attempts.add('10.0.0.1').count).toBe(2);
  expect(attempts.add('10.0.0.2').count).toBe(1);
});

test('they are forgotten a minute after the first, however many follow', () => {
  const { attempts, clock } = counting();
  attempts.add('10.0.0.1');
  clock.now = 59_000;
  expect(attempts.add('10.0.0.1')).toEqual({ count: 2, forgottenInSeconds: 1 });
  clock.now = 60_000;
  expect(attempts.add('10.0.0.1')).toEqual({ count: 1, forgottenInSeconds: 60 });
});

test('a clock that is set back by a year locks nobody out for longer', () => {
  const clock = { wall: Date.UTC(2027, 10, 28), uptime: 0 };
  const steady = createSteadyClock(
    () => clock.wall,
    () => clock.uptime,
  );
  const attempts = createFailedAttempts({ steady });
  for (let attempt = 0; attempt < 30; attempt += 1) attempts.add('10.0.0.1');
  clock.wall -= 365 * 86_400_000;
  expect(attempts.add('10.0.0.1')).toEqual({ count: 31, forgottenInSeconds: 60 });
  clock.wall += 60_000;
  clock.uptime += 60_000;
  expect(attempts.add('10.0.0.1').count).toBe(1);
});

test('of very many addresses only the latest thousand are remembered', () => {
  const { attempts } = counting();
  attempts.add('first');
  for (let address = 0; address < 999; address += 1) attempts.add(`10.0.${address}`);
  expect(attempts.add('first').count).toBe(2);
  for (let address = 0; address < 1000; address += 1) attempts.add(`10.1.${address}`);
  expect(attempts.add('first').count).toBe(1);
});
