import { describe, expect, test } from 'vitest';
import { fuzzContract } from '../../fuzz/contract.ts';
import type { Coverage } from '../../fuzz/coverage.ts';
import { fuzzGuided, type Target } from '../../fuzz/guided.ts';
import { TARGETS } from '../../fuzz/targets.ts';

/** A short run of what `npm run fuzz` does for as long as it is told to: always the same inputs. */
const SEED = 1;
const RUNS = 150;
const SLOW_RUNS = 16;
const SLOW = new Set(['settings file', 'backup file', 'channel database']);
const NO_COVERAGE: Coverage = { newBlocks: () => 0, [Symbol.dispose]: () => undefined };

test.each(TARGETS.map((target) => [target.name, target] as const))(
  'no promise is broken by any %s',
  async (name, target) => {
    const isOver = (runs: number): boolean => runs >= (SLOW.has(name) ? SLOW_RUNS : RUNS);
    expect((await fuzzGuided(target, { seed: SEED, coverage: NO_COVERAGE, isOver })).finding).toBeUndefined();
  },
);

test('no promise is broken by any input of any command', async () => {
  expect((await fuzzContract({ seed: SEED, isOver: (runs) => runs >= 100 })).finding).toBeUndefined();
});

describe('the fuzzer itself', () => {
  const broken: Target = {
    name: 'broken',
    seeds: [Buffer.from('abc')],
    dictionary: ['needle'],
    maxBytes: 100,
    limitMs: 1_000,
    run(input) {
      if (input.includes('needle')) throw new Error('found');
    },
  };
  const find = () => fuzzGuided(broken, { seed: 7, coverage: NO_COVERAGE, isOver: (runs) => runs > 20_000 });

  test('finds what breaks, and the same again with the same seed', async () => {
    const [first, second] = [await find(), await find()];
    expect(first.finding?.reason).toContain('found');
    expect(second.finding?.input.equals(first.finding?.input ?? Buffer.alloc(0))).toBe(true);
  });
});
