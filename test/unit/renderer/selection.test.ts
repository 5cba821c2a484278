import { expect, test } from 'vitest';
import { ALL, countOf, isChosen, joined, NONE, only, toChannels, toggled } from '../../../renderer/selection.ts';

const FILTER = { search: 'news', group: null, state: 'all' } as const;

test('rows are chosen one by one', () => {
  const selection = joined(toggled(toggled(only('ch_a'), 'ch_b'), 'ch_a'), ['ch_b', 'ch_c']);
  expect(countOf(selection, 100)).toBe(2);
  expect(isChosen(selection, 'ch_a')).toBe(false);
  expect(toChannels(selection, FILTER)).toEqual({ kind: 'ids', ids: ['ch_b', 'ch_c'] });
  expect(countOf(NONE, 100)).toBe(0);
});

test('all rows but some are chosen without naming the others', () => {
  const selection = joined(toggled(toggled(ALL, 'ch_a'), 'ch_b'), ['ch_b', 'ch_c']);
  expect(countOf(selection, 100_000)).toBe(99_999);
  expect([isChosen(selection, 'ch_a'), isChosen(selection, 'ch_b')]).toEqual([false, true]);
  expect(toChannels(selection, FILTER)).toEqual({ kind: 'matching', ...FILTER, except: ['ch_a'] });
});
