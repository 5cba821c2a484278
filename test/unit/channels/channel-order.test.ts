import { describe, expect, test } from 'vitest';
import { withListed, withMoved } from '../../../main/channels/channel-order.ts';

const keys = (...values: number[]) => Int32Array.from(values);

describe('moving', () => {
  test.for([
    ['before another one, in the order given', [5, 3], 2, [1, 5, 3, 2, 4]],
    ['to the end', [1, 2], undefined, [3, 4, 5, 1, 2]],
    ['before one that is moved itself: before the next that stays', [4, 2], 2, [1, 4, 2, 3, 5]],
    ['of all', [5, 4, 3, 2, 1], 3, [5, 4, 3, 2, 1]],
  ] as const)('%s', ([, moved, before, expected]) => {
    expect([...withMoved(keys(1, 2, 3, 4, 5), keys(...moved), before)]).toEqual(expected);
  });
});

describe('a list that was taken over', () => {
  const place = (
    order: number[],
    listed: number[],
    own: number[],
    { isOrdered = false, behind = [] as number[] } = {},
  ) => [
    ...withListed({
      order: keys(...order),
      listed: keys(...listed),
      wasListed: (key) => own.includes(key),
      isOrdered,
      isBehind: (key) => behind.includes(key),
    }),
  ];

  test('has its order, and what it has no more keeps its place', () => {
    expect(place([1, 2, 3], [3, 1], [1, 2, 3])).toEqual([3, 2, 1]);
  });

  test('puts what is new where it stands, before the lists behind it', () => {
    expect(place([1, 2, 8, 9, 3], [3, 1, 2], [1, 2])).toEqual([3, 1, 2, 8, 9]);
  });

  test('leaves its channels where people put them, and what is new comes behind the last of them', () => {
    expect(place([2, 9, 1, 8, 3], [3, 1, 2], [1, 2], { isOrdered: true })).toEqual([2, 9, 1, 3, 8]);
  });

  test('takes what another list gave up to its own place', () => {
    expect(place([1, 2, 8, 9], [8, 1, 2], [1, 2])).toEqual([8, 1, 2, 9]);
  });

  test('that has no channels yet comes last, or before the first list behind it', () => {
    expect(place([8, 9, 1, 2], [1, 2], [])).toEqual([8, 9, 1, 2]);
    expect(place([8, 9, 1, 2], [1, 2], [], { behind: [9] })).toEqual([8, 1, 2, 9]);
  });
});
