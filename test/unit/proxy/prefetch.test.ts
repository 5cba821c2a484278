import { describe, expect, test } from 'vitest';
import { upcoming } from '../../../main/proxy/prefetch.ts';
import { livePlaylist, MULTIVARIANT, reference, segment } from './playlists.ts';

const namesOf = (resources: ReturnType<typeof upcoming>) => resources.map(({ reference: { name } }) => name);

describe('what is fetched before a TV asks', () => {
  test('is what a reload brought, and nothing when it brought nothing', () => {
    expect(namesOf(upcoming(livePlaylist([2, 6]), livePlaylist([1, 5])))).toEqual(['seg6']);
    expect(upcoming(livePlaylist([2, 5]), livePlaylist([1, 5]))).toEqual([]);
  });

  test('is the live edge first, and never more than two segments', () => {
    expect(namesOf(upcoming(livePlaylist([3, 7]), livePlaylist([1, 5])))).toEqual(['seg7', 'seg6']);
    expect(namesOf(upcoming(livePlaylist([30, 40]), livePlaylist([1, 5])))).toEqual(['seg40', 'seg39']);
  });

  test('comes with the initialization section and the keys it needs', () => {
    const before = livePlaylist([1, 5]);
    const fragmented = segment(6, {
      initialization: { reference: reference('init'), byteRange: undefined },
      keys: [{ reference: reference('key', { kind: 'key' }), format: 'identity' }],
    });
    const playlist = livePlaylist([2, 5], { segments: [...livePlaylist([2, 5]).segments, fragmented] });
    expect(namesOf(upcoming(playlist, before))).toEqual(['seg6', 'init', 'key']);
  });

  test('is asked for in the very parts that the playlist names', () => {
    const part = segment(6, {
      byteRange: { offset: 1000, length: 500 },
      initialization: { reference: reference('init'), byteRange: { offset: 0, length: 720 } },
    });
    expect(upcoming(livePlaylist([2, 6], { segments: [part] }), livePlaylist([1, 5]))).toMatchObject([
      { reference: { name: 'seg6' }, range: { start: 1000, end: 1499 } },
      { reference: { name: 'init' }, range: { start: 0, end: 719 } },
    ]);
  });
});

describe('nothing is fetched before a TV asks', () => {
  test.each([
    ['at the first load, since its TV is about to ask itself', livePlaylist([1, 5]), undefined],
    ['of a finished playlist', livePlaylist([1, 6], { endList: true }), livePlaylist([1, 5])],
    ['of a choice of variants', MULTIVARIANT, MULTIVARIANT],
    ['when it was something else before', livePlaylist([1, 5]), MULTIVARIANT],
    ['when there was no segment before', livePlaylist([1, 5]), livePlaylist([1, 0])],
    ['when there is none now', livePlaylist([6, 5]), livePlaylist([1, 5])],
  ])('%s', (_, playlist, before) => {
    expect(upcoming(playlist, before)).toEqual([]);
  });
});
