import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readStream, shownBy, spliceOnto, writeStream, type Splice, type Stream } from '../../../main/hls/splice.ts';

type Source = { name: string; firstNumber: number; window: number; cuts: ReadonlySet<number>; isEncrypted: boolean };

const source = (name: string): fc.Arbitrary<Source> =>
  fc
    .record({
      firstNumber: fc.nat(100_000),
      window: fc.integer({ min: 1, max: 12 }),
      cuts: fc.uniqueArray(fc.nat(40), { maxLength: 8 }),
      isEncrypted: fc.boolean(),
    })
    .map(({ cuts, ...rest }) => ({ name, cuts: new Set(cuts), ...rest }));

/** A source's playlist after so many segments have come, as an origin writes it. */
function playlistOf({ name, firstNumber, window, cuts, isEncrypted }: Source, age: number): string {
  const cutsBefore = [...cuts].filter((cut) => cut <= age).length;
  const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:2', `#EXT-X-MEDIA-SEQUENCE:${firstNumber + age}`];
  lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${cutsBefore}`);
  if (isEncrypted) lines.push('#EXT-X-KEY:METHOD=AES-128,URI="key"');
  for (let index = age; index < age + window; index += 1) {
    if (index > age && cuts.has(index)) lines.push('#EXT-X-DISCONTINUITY');
    lines.push('#EXTINF:2,', `${name}-${firstNumber + index}.ts`);
  }
  return `${lines.join('\r\n')}\r\n`;
}

function streamOf(text: string): Stream {
  const stream = readStream(text);
  if (stream === undefined) throw new Error(`cannot be spliced:\n${text}`);
  return stream;
}

const steps = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 });
/** Which source plays next, and how far it moves on at each reload. */
const evening = fc.array(fc.record({ source: fc.constantFrom(0, 1, 2), steps }), { minLength: 1, maxLength: 6 });
const sources = fc.tuple(source('a'), source('b'), source('c'));

/** All that TVs are shown on an evening of changing sources, in order. */
function playEvening(all: readonly Source[], parts: readonly { source: number; steps: readonly number[] }[]): string[] {
  const ages = all.map(() => 0);
  const shown: string[] = [];
  let splice: Splice | undefined;
  for (const [turn, part] of parts.entries()) {
    const playing = all[part.source];
    if (playing === undefined) throw new Error('no such source');
    for (const [reload, step] of part.steps.entries()) {
      ages[part.source] = (ages[part.source] ?? 0) + step;
      const present = streamOf(playlistOf(playing, ages[part.source] ?? 0));
      if (reload === 0 && turn > 0) splice = spliceOnto(streamOf(shown.at(-1) ?? ''), present);
      if (splice === undefined) {
        shown.push(writeStream(present));
        continue;
      }
      const out = shownBy(splice, present);
      ({ splice } = out);
      shown.push(writeStream(out.stream));
    }
  }
  return shown;
}

describe('a stream that goes on from other sources', () => {
  test('gives each segment one number, one link and one discontinuity number for good, and never goes backwards', () => {
    fc.assert(
      fc.property(sources, evening, (all, parts) => {
        const known = new Map<number, string>();
        let before: Stream | undefined;
        for (const text of playEvening(all, parts)) {
          const stream = streamOf(text);
          const numbers = stream.segments.map(({ number }) => number);
          const [first = 0] = numbers;
          expect(numbers).toEqual(numbers.map((_, index) => first + index));
          for (const { number, discontinuity, lines, keys } of stream.segments) {
            const identity = `${lines.at(-1)} ${discontinuity} ${keys.join(' ')}`;
            expect([number, known.get(number) ?? identity]).toEqual([number, identity]);
            known.set(number, identity);
          }
          expect(first).toBeGreaterThanOrEqual(before?.segments[0]?.number ?? 0);
          expect(numbers.at(-1)).toBeGreaterThanOrEqual(before?.segments.at(-1)?.number ?? 0);
          expect(stream.targetDurationSeconds).toBeGreaterThanOrEqual(before?.targetDurationSeconds ?? 0);
          before = stream;
        }
      }),
      { numRuns: 100 },
    );
  });

  test('marks every change of source, and shows what a player has yet to play of the one before', () => {
    fc.assert(
      fc.property(sources, evening, (all, parts) => {
        let before: Stream | undefined;
        for (const text of playEvening(all, parts)) {
          const stream = streamOf(text);
          for (const [index, segment] of stream.segments.entries()) {
            const previous = stream.segments[index - 1];
            if (previous === undefined || nameOf(previous) === nameOf(segment)) continue;
            expect(segment.discontinuity).toBeGreaterThan(previous.discontinuity);
          }
          const last = before?.segments.at(-1)?.number;
          if (
            last !== undefined &&
            stream.segments[0] !== undefined &&
            nameOf(stream.segments[0]) !== nameOf(stream.segments.at(-1))
          )
            expect(stream.segments[0].number).toBeLessThanOrEqual(last + 1);
          before = stream;
        }
      }),
      { numRuns: 100 },
    );
  });
});

function nameOf(segment: Stream['segments'][number] | undefined): string {
  return segment?.lines.at(-1)?.[0] ?? '';
}

describe('what is written of a spliced stream', () => {
  const old = streamOf(
    '#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:41\n#EXTINF:6,\na41.ts\n#EXTINF:6,\na42.ts\n',
  );

  test('keys and initialization sections of the new source apply behind the seam, and from there only', () => {
    const next = streamOf(
      '#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:7\n#EXT-X-MAP:URI="init.mp4"\n#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:4,\nb7.m4s\n',
    );
    const splice = spliceOnto(old, next);
    expect(splice && writeStream(shownBy(splice, next).stream)).toBe(
      [
        ...['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:6', '#EXT-X-MEDIA-SEQUENCE:41'],
        ...['#EXT-X-DISCONTINUITY-SEQUENCE:0', '#EXTINF:6,', 'a41.ts', '#EXTINF:6,', 'a42.ts', '#EXT-X-DISCONTINUITY'],
        '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x00000000000000000000000000000007',
        ...['#EXT-X-MAP:URI="init.mp4"', '#EXTINF:4,', 'b7.m4s', ''],
      ].join('\n'),
    );
  });

  test('a byte range that goes on where the one before ended says where that is', () => {
    const ranged = streamOf(
      '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n#EXT-X-BYTERANGE:100@0\nall.ts\n#EXTINF:4,\n#EXT-X-BYTERANGE:50\nall.ts\n',
    );
    expect(ranged.segments.map(({ lines }) => lines[1])).toEqual(['#EXT-X-BYTERANGE:100@0', '#EXT-X-BYTERANGE:50@100']);
  });

  test('a source without initialization sections does not follow one that has them: nothing ends them', () => {
    const fragmented = streamOf('#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI="i.mp4"\n#EXTINF:4,\nb.m4s\n');
    expect(spliceOnto(fragmented, old)).toBeUndefined();
    expect(spliceOnto(old, fragmented)).toBeDefined();
  });

  test('a film follows nothing and nothing follows it; a stream that went on may end', () => {
    const film = streamOf('#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\na.ts\n#EXT-X-ENDLIST\n');
    expect(spliceOnto(film, old)).toBeUndefined();
    expect(spliceOnto(old, film)).toBeUndefined();
    const next = '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:7\n#EXTINF:6,\nb7.ts\n';
    const splice = spliceOnto(old, streamOf(next));
    const end = splice && writeStream(shownBy(splice, streamOf(`${next}#EXT-X-ENDLIST\n`)).stream);
    expect(end?.split('\n').slice(-3)).toEqual(['b7.ts', '#EXT-X-ENDLIST', '']);
  });

  test.each(['#EXT-X-PLAYLIST-TYPE:EVENT', '#EXT-X-PART-INF:PART-TARGET=1', '#EXT-X-I-FRAMES-ONLY'])(
    'a playlist with %s is not spliced',
    (tag) => {
      expect(readStream(`#EXTM3U\n#EXT-X-TARGETDURATION:4\n${tag}\n#EXTINF:4,\na.ts\n`)).toBeUndefined();
    },
  );
});
