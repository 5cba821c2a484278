import { expect, test } from 'vitest';
import { continueWith } from '../../../renderer/use-history.ts';

const sample = (second: number) => ({ at: second * 1000, fromSource: second, toClients: second });

test('live samples continue the history without repeating what it has', () => {
  const all = continueWith([sample(1), sample(2)], [sample(2), sample(3)]);
  expect(all.map(({ at }) => at / 1000)).toEqual([1, 2, 3]);
});

test('what is older than ten minutes is dropped', () => {
  const all = continueWith([sample(1), sample(100)], [sample(650)]);
  expect(all.map(({ at }) => at / 1000)).toEqual([100, 650]);
});
