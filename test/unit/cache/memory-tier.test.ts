import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryTier } from '../../../main/cache/memory-tier.ts';
import { headOf, patternedBytes } from './recordings.ts';

const KIB = 1024;
const storedOf = (bytes: number) => ({ head: headOf({ contentLength: bytes }), body: patternedBytes(bytes) });

function createTier({ maxBytes = 100 * KIB, maxEntryBytes = 50 * KIB } = {}) {
  const clock = { ms: 1_000_000 };
  return { clock, tier: createMemoryTier({ maxBytes, maxEntryBytes, now: () => clock.ms }) };
}

describe('the memory tier', () => {
  test('gives back what was kept, at once and as a promise', async () => {
    const { tier } = createTier();
    const stored = storedOf(10);
    tier.keep('a', stored, 1000);
    await tier.set('b', stored, 1000);
    expect(tier.peek('a')).toBe(stored);
    expect(tier.peek('b')).toBe(stored);
    expect(await tier.get('a')).toBe(stored);
    expect(tier.peek('c')).toBeUndefined();
    expect(await tier.get('c')).toBeUndefined();
  });

  test('never holds more bytes than it may, whatever is put into it', () => {
    const puts = fc.array(fc.record({ key: fc.nat(30), bytes: fc.nat(60 * KIB) }), { maxLength: 60 });
    fc.assert(
      fc.property(puts, (sequence) => {
        const { tier } = createTier();
        for (const { key, bytes } of sequence) {
          tier.keep(String(key), storedOf(bytes), 1000);
          expect(tier.bytes).toBeLessThanOrEqual(100 * KIB);
        }
        const held = Array.from({ length: 31 }, (_, key) => tier.peek(String(key))?.body.length ?? 0);
        expect(held.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(tier.bytes);
      }),
      { numRuns: 50 },
    );
  });

  test('counts empty bodies too, so that they cannot fill it without end', () => {
    const { tier } = createTier();
    for (let index = 0; index < 1000; index += 1) tier.keep(String(index), storedOf(0), 1000);
    expect(tier.entries).toBeLessThanOrEqual(100);
  });

  test('gives up what was not used for longest', () => {
    const { tier } = createTier();
    for (const key of ['a', 'b', 'c']) tier.keep(key, storedOf(30 * KIB), 1000);
    tier.peek('a');
    tier.keep('d', storedOf(30 * KIB), 1000);
    expect(['a', 'b', 'c', 'd'].filter((key) => tier.peek(key) !== undefined)).toEqual(['a', 'c', 'd']);
  });

  test('made smaller, it keeps what was used last, for as long as that was to be kept', () => {
    const { clock, tier } = createTier();
    for (const key of ['a', 'b', 'c']) tier.keep(key, storedOf(25 * KIB), 1000);
    tier.peek('a');
    clock.ms += 600;
    tier.resize({ maxBytes: 60 * KIB, maxEntryBytes: 30 * KIB });
    expect(['a', 'b', 'c'].filter((key) => tier.peek(key) !== undefined)).toEqual(['a', 'c']);
    expect(tier.bytes).toBeLessThanOrEqual(60 * KIB);
    tier.keep('large', storedOf(31 * KIB), 1000);
    expect(tier.peek('large')).toBeUndefined();
    clock.ms += 401;
    expect(tier.peek('a')).toBeUndefined();
  });

  test('made larger, it loses nothing and takes more', () => {
    const { tier } = createTier();
    for (const key of ['a', 'b', 'c']) tier.keep(key, storedOf(30 * KIB), 1000);
    tier.resize({ maxBytes: 200 * KIB, maxEntryBytes: 100 * KIB });
    tier.keep('large', storedOf(90 * KIB), 1000);
    expect(['a', 'b', 'c', 'large'].filter((key) => tier.peek(key) !== undefined)).toEqual(['a', 'b', 'c', 'large']);
  });

  test('does not keep a body over the limit, and nothing else gives way to it', () => {
    const { tier } = createTier();
    tier.keep('small', storedOf(10), 1000);
    tier.keep('large', storedOf(50 * KIB), 1000);
    tier.keep('too large', storedOf(50 * KIB + 1), 1000);
    expect(tier.peek('too large')).toBeUndefined();
    expect(tier.peek('large')).toBeDefined();
    expect(tier.peek('small')).toBeDefined();
  });

  test('forgets what has expired, by the clock it was given', () => {
    const { clock, tier } = createTier();
    tier.keep('a', storedOf(10), 1000);
    clock.ms += 1000;
    expect(tier.peek('a')).toBeDefined();
    clock.ms += 1;
    expect(tier.peek('a')).toBeUndefined();
  });

  test('does not live longer for being used', () => {
    const { clock, tier } = createTier();
    tier.keep('a', storedOf(10), 1000);
    for (let step = 0; step < 5; step += 1) {
      clock.ms += 300;
      tier.peek('a');
    }
    expect(tier.peek('a')).toBeUndefined();
  });

  test('frees what has expired when it is swept, though nobody asks for it', () => {
    const { clock, tier } = createTier();
    tier.keep('a', storedOf(10 * KIB), 1000);
    tier.keep('b', storedOf(10 * KIB), 5000);
    clock.ms += 1001;
    tier.sweep();
    expect(tier.entries).toBe(1);
    expect(tier.bytes).toBeLessThan(12 * KIB);
    tier.clear();
    expect(tier).toMatchObject({ entries: 0, bytes: 0 });
  });
});
