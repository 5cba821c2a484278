import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bitSplits } from '../../../renderer/bit-splits.ts';

test('an axis is split at round numbers of bits per second', () => {
  expect(bitSplits(0, 3_000_000, 4).map((bytes) => bytes * 8)).toEqual([0, 10_000_000, 20_000_000]);
});

test('there are never more splits than wanted and one, and never none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), fc.integer({ min: 2, max: 6 }), (most, wanted) => {
      const splits = bitSplits(0, most, wanted);
      expect(splits.length).toBeGreaterThanOrEqual(1);
      expect(splits.length).toBeLessThanOrEqual(wanted + 1);
    }),
  );
});
