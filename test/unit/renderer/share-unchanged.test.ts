import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareUnchanged } from '../../../renderer/share-unchanged.ts';

test('a value that equals its predecessor is its predecessor', () => {
  const previous = { at: 1, viewers: [{ id: 'a' }], urls: ['x'] };
  expect(shareUnchanged(previous, structuredClone(previous))).toBe(previous);
});

test('what changed is new, and what stands beside it keeps its identity', () => {
  const previous = { at: 1, viewers: [{ id: 'a' }, { id: 'b' }], urls: ['x'] };
  const next = shareUnchanged(previous, { at: 2, viewers: [{ id: 'a' }, { id: 'c' }], urls: ['x'] });
  expect(next).toEqual({ at: 2, viewers: [{ id: 'a' }, { id: 'c' }], urls: ['x'] });
  expect(next.urls).toBe(previous.urls);
  expect(next.viewers[0]).toBe(previous.viewers[0]);
  expect(next.viewers).not.toBe(previous.viewers);
});

test('a shorter list and a missing key are changes', () => {
  expect(shareUnchanged([1, 2], [1])).toEqual([1]);
  expect(shareUnchanged({ a: 1, b: 2 }, { a: 1 })).toEqual({ a: 1 });
});

test('the result always equals the next value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (previous, next) => {
      expect(shareUnchanged(previous, next)).toEqual(next);
    }),
  );
});
