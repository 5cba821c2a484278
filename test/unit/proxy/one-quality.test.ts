import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepOneVariant } from '../../../main/proxy/one-quality.ts';
import type { Quality } from '../../../shared/channel.ts';
import { fixture, rewrite } from '../hls/rewriting.ts';

const BASE_URL = 'http://provider.example/live/master.m3u8?lang=de';

const HIGHEST: Quality = { kind: 'highest' };
const LOWEST: Quality = { kind: 'lowest' };

function atMost(bitsPerSecond: number): Quality {
  return { kind: 'at-most', bitsPerSecond };
}

function keep(playlist: string, quality: Quality): string {
  return keepOneVariant(Buffer.from(playlist), quality, BASE_URL).toString();
}

/** The URIs that are left. */
function urisIn(playlist: string): string[] {
  return playlist.split(/\r\n|\r|\n/).filter((line) => line !== '' && !line.startsWith('#'));
}

/** A multivariant playlist of variants with these attributes, called `v0`, `v1`, ... */
function multivariant(...attributes: string[]): string {
  return ['#EXTM3U', ...attributes.flatMap((list, index) => [`#EXT-X-STREAM-INF:${list}`, `v${index}`]), ''].join('\n');
}

const LADDER = multivariant(
  'BANDWIDTH=2000000,RESOLUTION=1280x720',
  'BANDWIDTH=5000000,RESOLUTION=1920x1080',
  'BANDWIDTH=800000,RESOLUTION=640x360',
);

test.each<[string, Quality, string]>([
  ['the highest', HIGHEST, 'v1'],
  ['the lowest', LOWEST, 'v2'],
  ['the best within a limit', atMost(4_999_999), 'v0'],
  ['the best whose bandwidth is the limit', atMost(5_000_000), 'v1'],
  ['the lowest where none is within the limit', atMost(1000), 'v2'],
])('%s is kept', (_, quality, uri) => {
  expect(urisIn(keep(LADDER, quality))).toEqual([uri]);
});

test('all are kept where all are wanted', () => {
  expect(keep(LADDER, { kind: 'all' })).toBe(LADDER);
});

test('everything but the other variants stays byte for byte: line ends, blank lines, comments, unknown tags, bytes that are no text', () => {
  const sent = Buffer.concat([
    Buffer.from('\uFEFF#EXTM3U\r\n#EXT-X-VERSION:6\r\n\r\n# one\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\na.m3u8\r\n'),
    Buffer.from('#EXT-VENDOR:x="\xFF"\n', 'latin1'),
    Buffer.from('#EXT-X-STREAM-INF:BANDWIDTH=2\n\n# between\n b.m3u8 \r\n#EXT-X-STREAM-INF:BANDWIDTH=1\rc.m3u8'),
  ]);
  const left = Buffer.concat([
    Buffer.from('\uFEFF#EXTM3U\r\n#EXT-X-VERSION:6\r\n\r\n# one\r\n'),
    Buffer.from('#EXT-VENDOR:x="\xFF"\n', 'latin1'),
    Buffer.from('#EXT-X-STREAM-INF:BANDWIDTH=2\n\n# between\n b.m3u8 \r\n'),
  ]);
  expect(keepOneVariant(sent, HIGHEST, BASE_URL)).toEqual(left);
});

test('of variants with the same bandwidth the larger picture is higher, and of equal ones the first is taken', () => {
  const playlist = multivariant(
    'BANDWIDTH=9,RESOLUTION=640x360',
    'BANDWIDTH=9,RESOLUTION=1280x720,AUDIO="a"',
    'BANDWIDTH=9,RESOLUTION=1280x720,AUDIO="b"',
  );
  expect(urisIn(keep(playlist, HIGHEST))).toEqual(['v1']);
  expect(urisIn(keep(playlist, LOWEST))).toEqual(['v0']);
});

test('sound without a picture is no lowest quality, unless there is nothing else', () => {
  const sound = 'BANDWIDTH=64000,CODECS="mp4a.40.5"';
  expect(urisIn(keep(multivariant(sound, 'BANDWIDTH=800000,CODECS="avc1.4d401e,mp4a.40.2"'), LOWEST))).toEqual(['v1']);
  expect(urisIn(keep(multivariant('BANDWIDTH=800000', sound), LOWEST))).toEqual(['v0']);
  expect(urisIn(keep(multivariant('BANDWIDTH=128000,CODECS="mp4a.40.2"', sound), LOWEST))).toEqual(['v1']);
});

test('the renditions that the variant names stay, those of others go', () => {
  const playlist = [
    '#EXTM3U',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="high",NAME="de",URI="high/de.m3u8"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="high",NAME="en",URI="high/en.m3u8"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="low",NAME="de",URI="low/de.m3u8"',
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="high",NAME="de",URI="subtitles.m3u8"',
    '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="de",URI="text.m3u8"',
    '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="en",INSTREAM-ID="CC1"',
    '#EXT-X-SESSION-KEY:METHOD=AES-128,URI="k"',
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="i.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO="high",SUBTITLES="text",CLOSED-CAPTIONS="cc"',
    'high.m3u8',
    '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="low",CLOSED-CAPTIONS=NONE',
    'low.m3u8',
    '',
  ];
  const without = (...gone: number[]): string => playlist.filter((_, index) => !gone.includes(index)).join('\n');
  expect(keep(playlist.join('\n'), HIGHEST)).toBe(without(3, 4, 8, 11, 12));
  expect(keep(playlist.join('\n'), LOWEST)).toBe(without(1, 2, 4, 5, 6, 8, 9, 10));
});

test('a group that is named by a variable is found, and the definitions stay', () => {
  const playlist = [
    '#EXTM3U',
    '#EXT-X-DEFINE:NAME="g",VALUE="stereo"',
    '#EXT-X-DEFINE:QUERYPARAM="lang"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{$g}-{$lang}",NAME="x",URI="x.m3u8"',
    '#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="stereo-de"',
    'v.m3u8',
    '',
  ].join('\n');
  expect(keep(playlist, HIGHEST)).toBe(playlist);
});

test('there is nothing to steer between', () => {
  const playlist = fixture('rfc8216bis-4.4.6.6-content-steering.m3u8').toString();
  expect(playlist).toContain('#EXT-X-CONTENT-STEERING');
  const left = keep(playlist, HIGHEST);
  expect(left).not.toContain('#EXT-X-CONTENT-STEERING');
  expect(urisIn(left)).toHaveLength(1);
});

describe('what has no variants comes back as it is', () => {
  test.each(['rfc8216-8.1-simple-media.m3u8', 'iptv-pointer.m3u8', 'rfc8216bis-4.4.4.9-low-latency.m3u8'])(
    '%s',
    (name) => {
      const body = fixture(name);
      expect(keepOneVariant(body, LOWEST, BASE_URL)).toEqual(body);
    },
  );

  test('a variant without an address', () => {
    const playlist = '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n';
    expect(keep(playlist, HIGHEST)).toBe(playlist);
  });
});

test('whatever the ladder, one variant is left, it is one of the ladder, and the playlist is still multivariant', () => {
  const variant = fc.record({
    bandwidth: fc.integer({ min: 0, max: 20_000_000 }),
    lineEnd: fc.constantFrom('\n', '\r\n', '\n\n'),
  });
  const quality = fc.oneof(
    fc.constant(HIGHEST),
    fc.constant(LOWEST),
    fc.integer({ min: 1, max: 20_000_000 }).map(atMost),
  );
  fc.assert(
    fc.property(fc.array(variant, { minLength: 1, maxLength: 12 }), quality, (variants, wanted) => {
      const text = variants.map(
        ({ bandwidth, lineEnd }, index) => `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth}${lineEnd}v${index}${lineEnd}`,
      );
      const { playlist } = rewrite(keep(`#EXTM3U\n${text.join('')}`, wanted));
      if (playlist.kind !== 'multivariant') throw new Error('no longer multivariant');
      const [left, ...others] = playlist.variants;
      expect(others).toEqual([]);
      const bandwidths = variants.map(({ bandwidth }) => bandwidth);
      const within = bandwidths.filter((bandwidth) => wanted.kind !== 'at-most' || bandwidth <= wanted.bitsPerSecond);
      const isLowest = wanted.kind === 'lowest' || within.length === 0;
      expect(left?.bandwidthBitsPerSecond).toBe(isLowest ? Math.min(...bandwidths) : Math.max(...within));
    }),
  );
});
