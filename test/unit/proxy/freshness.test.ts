import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { targetDurationMs } from '../../../main/hls/playlist.ts';
import { observe, repeatMs, reuseMs } from '../../../main/proxy/freshness.ts';
import { livePlaylist, MULTIVARIANT } from './playlists.ts';

describe('a live playlist', () => {
  test('whose last reload brought nothing new is reused for half a target duration (RFC 8216 6.3.4)', () => {
    expect(reuseMs(livePlaylist([1, 5]), 'unchanged')).toBe(3000);
    expect(reuseMs(livePlaylist([1, 5]), 'first')).toBe(3000);
  });

  test('that has just changed is not asked for again before the next segment is nearly due', () => {
    const ms = reuseMs(livePlaylist([1, 5]), 'changed');
    expect(ms).toBeGreaterThan(3000);
    expect(ms).toBeLessThan(6000);
  });

  test('is never older than a target duration', () => {
    const seconds = fc.double({ min: 0.25, max: 60, noNaN: true });
    fc.assert(
      fc.property(seconds, fc.constantFrom('first', 'changed', 'unchanged'), (targetDurationSeconds, observation) => {
        const playlist = livePlaylist([1, 5], { targetDurationSeconds });
        expect(reuseMs(playlist, observation)).toBeLessThanOrEqual(targetDurationSeconds * 1000);
      }),
    );
  });

  test('is repeated for one target duration more while the origin fails', () => {
    expect(repeatMs(livePlaylist([1, 5], { targetDurationSeconds: 2 }))).toBe(2000);
  });

  test('with parts is reloaded in step with them', () => {
    const playlist = livePlaylist([1, 5], { partTargetSeconds: 1 });
    expect(reuseMs(playlist, 'changed')).toBe(500);
  });

  test.each([
    ['parts of 50 ms', { partTargetSeconds: 0.05 }],
    ['a target duration of 50 ms', { targetDurationSeconds: 0.05 }],
  ])('with %s does not make the relay ask in a loop', (_, overrides) => {
    expect(reuseMs(livePlaylist([1, 5], overrides), 'unchanged')).toBeGreaterThanOrEqual(200);
  });

  test('without a target duration is taken to have one of a few seconds', () => {
    const playlist = livePlaylist([1, 0], { targetDurationSeconds: 0 });
    expect(targetDurationMs(playlist)).toBe(4000);
    expect(reuseMs(playlist, 'unchanged')).toBe(2000);
  });
});

test.each([
  ['a choice of variants', MULTIVARIANT],
  ['a finished playlist', livePlaylist([1, 5], { endList: true })],
])('%s may be reused for long, since it does not move', (_, playlist) => {
  expect(reuseMs(playlist, 'first')).toBeGreaterThanOrEqual(30_000);
  expect(repeatMs(playlist)).toBeGreaterThanOrEqual(30_000);
});

describe('a reload', () => {
  test.each([
    ['is the first when there was none before', livePlaylist([1, 5]), undefined, 'first'],
    ['is the first when there was another kind before', livePlaylist([1, 5]), MULTIVARIANT, 'first'],
    ['brought something when the last segment is another', livePlaylist([2, 6]), livePlaylist([1, 5]), 'changed'],
    ['brought something when only segments were added', livePlaylist([1, 6]), livePlaylist([1, 5]), 'changed'],
    ['brought something when the stream began anew', livePlaylist([1, 3]), livePlaylist([90, 95]), 'changed'],
    ['brought something when the first segment came', livePlaylist([1, 1]), livePlaylist([1, 0]), 'changed'],
    ['brought nothing when the last segment is the same', livePlaylist([1, 5]), livePlaylist([1, 5]), 'unchanged'],
    ['brought nothing when only old segments went', livePlaylist([3, 5]), livePlaylist([1, 5]), 'unchanged'],
    ['brought nothing when there is still no segment', livePlaylist([1, 0]), livePlaylist([1, 0]), 'unchanged'],
  ])('%s', (_, playlist, before, observation) => {
    expect(observe(playlist, before)).toBe(observation);
  });
});
