import { describe, expect, test } from 'vitest';
import {
  isPlaylist,
  startsLikePlaylist,
  type MediaPlaylist,
  type MultivariantPlaylist,
} from '../../../main/hls/playlist.ts';
import { fixture, rewrite } from './rewriting.ts';

function media(playlist: string | Buffer): MediaPlaylist {
  const read = rewrite(playlist).playlist;
  if (read.kind !== 'media') throw new TypeError(`a ${read.kind} playlist`);
  return read;
}

function multivariant(name: string): MultivariantPlaylist {
  const read = rewrite(fixture(name)).playlist;
  if (read.kind !== 'multivariant') throw new TypeError(`a ${read.kind} playlist`);
  return read;
}

describe('what counts as a playlist', () => {
  test.each([
    ['#EXTM3U', true],
    ['\uFEFF#EXTM3U\r\n', true],
    ['#EXTM3U x-tvg-url="http://guide.example/"\n', true],
    ['', false],
    ['#EXTM3', false],
    ['\n#EXTM3U\n', false],
    ['#EXTINF:6,\na.ts\n', false],
    ['<html>#EXTM3U</html>', false],
    ['#EXTM3U\n\0', false],
  ])('%j: %s', (text, expected) => {
    expect(isPlaylist(Buffer.from(text))).toBe(expected);
  });

  test.each([
    ['', true],
    ['#EXT', true],
    ['\uFEFF#', true],
    ['#EXTM3U\n#EXT', true],
    ['G', false],
    ['<!DOCTYPE', false],
    ['#EXTINF', false],
  ])('as far as %j has arrived, it may be one: %s', (text, expected) => {
    expect(startsLikePlaylist(Buffer.from(text))).toBe(expected);
  });

  test('a byte order mark that is still arriving is no objection', () => {
    expect(startsLikePlaylist(Buffer.from([0xef, 0xbb]))).toBe(true);
  });
});

describe('a media playlist', () => {
  test('says what a live edge needs', () => {
    const { targetDurationSeconds, mediaSequence, endList, canBlockReload, partTargetSeconds, segments } = media(
      fixture('rfc8216-8.2-live-media.m3u8'),
    );
    expect({ targetDurationSeconds, mediaSequence, endList, canBlockReload, partTargetSeconds }).toEqual({
      targetDurationSeconds: 8,
      mediaSequence: 2680,
      endList: false,
      canBlockReload: false,
      partTargetSeconds: undefined,
    });
    expect(segments.map(({ sequenceNumber, reference }) => [sequenceNumber, reference.durationSeconds])).toEqual([
      [2680, 7.975],
      [2681, 7.941],
      [2682, 7.975],
    ]);
  });

  test('gives each segment the keys that apply to it and can be fetched', () => {
    const { segments, encryptionMethods } = media(fixture('rfc8216-8.3-encrypted-media.m3u8'));
    expect(encryptionMethods).toEqual(['AES-128', 'SAMPLE-AES']);
    expect(segments.map(({ keys }) => keys.map(({ reference, format }) => [format, reference.url]))).toEqual([
      [['identity', 'https://keys.example.com/key.php?r=52&file=a.ts']],
      [['identity', 'https://keys.example.com/key.php?r=52&file=a.ts']],
      [['identity', 'https://origin.example/live/keys/53.key']],
      [],
    ]);
  });

  test('a key that cannot be fetched replaces the one of its format', () => {
    const { segments } = media(
      '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://k"\n#EXTINF:6,\na.ts\n',
    );
    expect(segments[0]?.keys).toEqual([]);
  });

  test('gives each segment its byte range and the initialization section that applies until the next; gaps are left out', () => {
    const { segments, endList } = media(fixture('rfc8216-4.3.2.5-map-and-byte-ranges.m3u8'));
    expect(endList).toBe(true);
    expect(
      segments.map(({ sequenceNumber, reference, byteRange, initialization }) => [
        sequenceNumber,
        reference.url.slice('https://origin.example/live/ch1/'.length),
        byteRange,
        initialization?.reference.name,
        initialization?.byteRange,
      ]),
    ).toEqual([
      [10, 'main.mp4', { offset: 720, length: 1000 }, 'main', { offset: 0, length: 720 }],
      [11, 'main.mp4', { offset: 1720, length: 2000 }, 'main', { offset: 0, length: 720 }],
      [12, 'advert/1.png', undefined, 'advert-init', undefined],
      [14, 'advert/3.cmfv', undefined, 'advert-init', undefined],
    ]);
  });

  test('a byte range without offset continues the previous one only in the same resource', () => {
    const { segments } = media(
      '#EXTM3U\n#EXT-X-BYTERANGE:10@5\na.ts\n#EXT-X-BYTERANGE:10\nb.ts\n#EXT-X-BYTERANGE:7\nb.ts\nb.ts\n#EXT-X-BYTERANGE:1\nb.ts\n',
    );
    expect(segments.map(({ byteRange }) => byteRange?.offset)).toEqual([5, 0, 10, undefined, 0]);
  });

  test('a delta update counts the segments it skips', () => {
    const { segments, canBlockReload, partTargetSeconds, mediaSequence } = media(
      fixture('rfc8216bis-4.4.4.9-low-latency.m3u8'),
    );
    expect({ canBlockReload, partTargetSeconds, mediaSequence }).toEqual({
      canBlockReload: true,
      partTargetSeconds: 0.33334,
      mediaSequence: 266,
    });
    expect(segments.map(({ sequenceNumber, reference }) => [sequenceNumber, reference.name])).toEqual([
      [269, 'fileSequence269'],
      [270, 'fileSequence270'],
    ]);
  });

  test('shares each reference with the link that was written for it', () => {
    const { playlist, references } = rewrite(fixture('rfc8216-8.2-live-media.m3u8'));
    const segments = playlist.kind === 'media' ? playlist.segments : [];
    expect(segments.map(({ reference }) => references.indexOf(reference))).toEqual([0, 1, 2]);
  });

  test.each([
    ['#EXTM3U\n#EXTINF:5.5,\na.ts\n#EXTINF:7.25,\nb.ts\n', 7.25],
    ['#EXTM3U\n', 0],
    ['#EXTM3U\n#EXT-X-TARGETDURATION:-4\n', 0],
  ])('without a usable target duration, its longest segment stands in: %j', (text, expected) => {
    expect(media(text).targetDurationSeconds).toBe(expected);
  });
});

describe('a multivariant playlist', () => {
  test('names its variants', () => {
    const { variants } = multivariant('rfc8216-8.4-multivariant.m3u8');
    expect(variants.map(({ reference, bandwidthBitsPerSecond }) => [reference.name, bandwidthBitsPerSecond])).toEqual([
      ['low', 1_280_000],
      ['mid', 2_560_000],
      ['720p', 7_680_000],
      ['audio', 65_000],
    ]);
    expect(variants[0]).toMatchObject({
      averageBandwidthBitsPerSecond: 1_000_000,
      resolution: { width: 640, height: 360 },
      framesPerSecond: 25,
      codecs: 'avc1.4d401e,mp4a.40.2',
      audioGroup: undefined,
    });
  });

  test('does not give the attributes of one variant to the next URI', () => {
    const { playlist } = rewrite('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\nb\n');
    const variants = playlist.kind === 'multivariant' ? playlist.variants : [];
    expect(variants.map(({ bandwidthBitsPerSecond }) => bandwidthBitsPerSecond)).toEqual([1, undefined]);
  });

  test('names its renditions, also those inside the variants', () => {
    const { renditions, variants } = multivariant('rfc8216-8.6-alternative-audio.m3u8');
    expect(renditions.map(({ reference, ...rendition }) => ({ ...rendition, url: reference?.url }))).toEqual([
      { type: 'AUDIO', group: 'aac', name: 'Français, URI=x', language: 'fr', isDefault: true, url: undefined },
      {
        type: 'AUDIO',
        group: 'aac',
        name: 'English, URI=x',
        language: 'en',
        isDefault: false,
        url: 'https://origin.example/live/ch1/main/english-audio.m3u8',
      },
      {
        type: 'SUBTITLES',
        group: 'subs',
        name: '中文',
        language: 'zh',
        isDefault: false,
        url: 'https://origin.example/live/ch1/subs/%E4%B8%AD%E6%96%87.m3u8',
      },
      { type: 'CLOSED-CAPTIONS', group: 'cc', name: 'CC1', language: undefined, isDefault: false, url: undefined },
    ]);
    expect(variants.map(({ audioGroup, subtitlesGroup }) => [audioGroup, subtitlesGroup])).toEqual([
      ['aac', 'subs'],
      ['aac', undefined],
    ]);
  });
});

describe('a plain M3U', () => {
  test('that only names the real playlist points at it', () => {
    const { playlist } = rewrite(fixture('iptv-pointer.m3u8'));
    expect(playlist).toMatchObject({
      kind: 'pointer',
      targets: [{ kind: 'playlist', url: 'http://provider.example.com/live/user/secret/1042.m3u8?x=a.ts' }],
    });
  });

  test('that names a stream is a media playlist', () => {
    expect(media('#EXTM3U\n#EXTINF:-1,News\nhttp://provider.example/live/1042.ts?x=a.m3u8\n').segments).toHaveLength(1);
  });
});
