import { afterEach, expect, test, vi } from 'vitest';
import { createSampler } from '../../../main/stats/sampler.ts';
import { createTraffic } from '../../../main/stats/traffic.ts';

afterEach(() => void vi.useRealTimers());

test('every full second has one sample with what flowed in it, and the last one what was left', async () => {
  vi.useFakeTimers({ now: 1_000_000_000_400 });
  const traffic = createTraffic();
  const added: { at: number; toClients: number }[] = [];
  const sampled: number[] = [];
  let told = 0;
  const sampler = createSampler({
    traffic,
    viewers: { sample: () => void sampled.push(Date.now()) },
    history: { add: ({ at, total }) => added.push({ at, toClients: total.toClients }) },
    now: Date.now,
    uptime: () => performance.now(),
    onSample: () => (told += 1),
  });
  await sampler.start?.();
  const send = (bytes: number) => traffic.follow('ch_a', { sentBytes: () => bytes })();
  send(5);
  await vi.advanceTimersByTimeAsync(600);
  send(7);
  await vi.advanceTimersByTimeAsync(2000);
  send(9);
  await sampler.stop?.();
  await vi.advanceTimersByTimeAsync(5000);
  expect(added).toEqual([
    { at: 1_000_000_001_000, toClients: 5 },
    { at: 1_000_000_002_000, toClients: 7 },
    { at: 1_000_000_003_000, toClients: 0 },
    { at: 1_000_000_003_000, toClients: 9 },
  ]);
  expect(sampled).toHaveLength(4);
  expect(told).toBe(4);
});

test('a timer that fires a little early does not make a second sample of the same second', async () => {
  vi.useFakeTimers({ now: 1_000_000_000_995 });
  const added: number[] = [];
  const sampler = createSampler({
    traffic: createTraffic(),
    viewers: { sample: () => undefined },
    history: { add: ({ at }) => added.push(at) },
    now: Date.now,
    uptime: () => performance.now(),
    onSample: () => undefined,
  });
  await sampler.start?.();
  await vi.advanceTimersByTimeAsync(1010);
  expect(added).toEqual([1_000_000_002_000]);
});

test('a clock that is a year ahead for a while makes no rate wrong', async () => {
  vi.useFakeTimers({ now: 1_000_000_000_000 });
  const traffic = createTraffic();
  let skewMs = 0;
  const sampler = createSampler({
    traffic,
    viewers: { sample: () => undefined },
    history: { add: () => undefined },
    now: () => Date.now() + skewMs,
    uptime: () => performance.now(),
    onSample: () => undefined,
  });
  await sampler.start?.();
  const rates: number[] = [];
  for (let second = 0; second < 40; second += 1) {
    skewMs = second >= 15 && second < 25 ? 365 * 86_400_000 : 0;
    traffic.addFromSource('ch_a', 5_000);
    await vi.advanceTimersByTimeAsync(1_000);
    rates.push(traffic.figures().total.bytesPerSecond.fromSource, traffic.figures().total.bytesPerSecond10.fromSource);
  }
  expect(new Set(rates)).toEqual(new Set([5_000]));
});
