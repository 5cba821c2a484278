import { expect, test } from 'vitest';
import { createCacheOutcomes } from '../../../main/stats/cache-outcomes.ts';

const MINUTE = 60_000;

test('answers are counted by how they came about', () => {
  const outcomes = createCacheOutcomes({ now: () => 0 });
  for (const outcome of ['hit-memory', 'hit-memory', 'hit-redis', 'coalesced', 'miss'] as const)
    outcomes.answered(outcome);
  outcomes.hidden();
  expect(outcomes.counts()).toEqual({
    hitMemory: 2,
    hitRedis: 1,
    coalesced: 1,
    miss: 1,
    prefetchUsed: 0,
    prefetchUnused: 0,
    hiddenErrors: 1,
  });
});

test('a prefetch is used once, however many ask, and in vain when nobody does in time', () => {
  let time = 0;
  const outcomes = createCacheOutcomes({ now: () => time });
  outcomes.prefetched('a');
  outcomes.prefetched('b');
  outcomes.prefetched('failed');
  outcomes.asked('a');
  outcomes.asked('a');
  outcomes.asked('never prefetched');
  outcomes.prefetchFailed('failed');
  expect(outcomes.counts()).toMatchObject({ prefetchUsed: 1, prefetchUnused: 0 });
  time = 5 * MINUTE;
  expect(outcomes.counts()).toMatchObject({ prefetchUsed: 1, prefetchUnused: 1 });
  outcomes.asked('b');
  expect(outcomes.counts()).toMatchObject({ prefetchUsed: 1, prefetchUnused: 1 });
});

test('prefetches that nobody asks for do not pile up', () => {
  const outcomes = createCacheOutcomes({ now: () => 0 });
  for (let index = 0; index < 10_500; index += 1) outcomes.prefetched(`key ${index}`);
  expect(outcomes.counts().prefetchUnused).toBe(500);
});
