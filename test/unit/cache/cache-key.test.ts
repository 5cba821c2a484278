import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cacheKey } from '../../../main/cache/cache-key.ts';

const URL_OF_SEGMENT = 'http://cdn.example/live/seg-1042.ts?token=abc';

describe('the same resource', () => {
  test('has one key, whatever the token in its query is by now', () => {
    const tokens = fc.webQueryParameters();
    fc.assert(
      fc.property(tokens, tokens, (before, after) => {
        const url = 'http://cdn.example/live/seg-1042.ts';
        expect(cacheKey('ch_a', `${url}?${before}`, false)).toBe(cacheKey('ch_a', `${url}?${after}`, false));
        expect(cacheKey('ch_a', `${url}?${before}`, false)).toBe(cacheKey('ch_a', url, false));
      }),
    );
  });

  test('has one key with and without the credentials of its URL, which are nowhere in it', () => {
    const key = cacheKey('ch_a', 'http://bob:secret@cdn.example/seg.ts?x=a@b', true);
    expect(key).toBe(cacheKey('ch_a', 'http://cdn.example/seg.ts?x=a@b', true));
    expect(key).not.toMatch(/bob|secret/);
  });
});

describe('different resources have different keys', () => {
  const key = cacheKey('ch_a', URL_OF_SEGMENT, false);

  test.each([
    ['of another channel', cacheKey('ch_b', URL_OF_SEGMENT, false)],
    ['on another host', cacheKey('ch_a', 'http://cdn2.example/live/seg-1042.ts?token=abc', false)],
    ['on another port', cacheKey('ch_a', 'http://cdn.example:8080/live/seg-1042.ts?token=abc', false)],
    ['in another folder', cacheKey('ch_a', 'http://cdn.example/hd/seg-1042.ts?token=abc', false)],
    ['by another name', cacheKey('ch_a', 'http://cdn.example/live/seg-1043.ts?token=abc', false)],
    ['with other percent-encoding', cacheKey('ch_a', 'http://cdn.example/live%2Fseg-1042.ts?token=abc', false)],
    ['in parts', cacheKey('ch_a', URL_OF_SEGMENT, false, { start: 0, end: 99 })],
  ])('%s', (_, other) => {
    expect(other).not.toBe(key);
  });

  test('that only the query tells apart, where the playlist says so', () => {
    const keys = ['?n=1', '?n=2', ''].map((query) => cacheKey('ch_a', `http://cdn.example/play${query}`, true));
    expect(new Set(keys).size).toBe(3);
  });

  test('when they are parts of one file', () => {
    const parts = [
      { start: 0, end: 99 },
      { start: 0, end: 199 },
      { start: 100, end: 199 },
      { start: 100, end: undefined },
      { suffixLength: 100 },
    ];
    const keys = parts.map((part) => cacheKey('ch_a', 'http://cdn.example/movie.mp4', false, part));
    expect(new Set(keys).size).toBe(parts.length);
  });
});
