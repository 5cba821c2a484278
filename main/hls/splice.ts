import { parseLines, scanAttributes, type Line } from './lines.ts';
import { toByteRange, toNumber } from './playlist.ts';

/*
 * A live stream that goes on from another source: the segments of the new one follow those of the old one, behind a discontinuity,
 * under numbers that go on (RFC 8216bis 6.2.1, 6.2.2). Works on playlists whose links are written already, as latin1 text.
 */

/** A live media playlist, each segment with all that applies to it, so that it can stand behind any other. */
export type Stream = {
  version: number;
  /** What is said of the whole playlist besides numbers, as written. */
  header: readonly string[];
  targetDurationSeconds: number;
  /** Never empty. */
  segments: readonly StreamSegment[];
  /** Nothing follows (`EXT-X-ENDLIST`). */
  isOver: boolean;
};

export type StreamSegment = {
  /** Media sequence number, and discontinuity sequence number. */
  number: number;
  discontinuity: number;
  /** The `EXT-X-KEY` lines that apply, with explicit IVs, since an IV that is a number would change with it. */
  keys: readonly string[];
  /** The `EXT-X-MAP` line that applies. */
  map: string | undefined;
  /** Its own lines, the URI last. */
  lines: readonly string[];
};

/** How the present source goes on from what was shown before it. */
export type Splice = {
  /** The newest segments of the sources before, as they were shown. */
  retired: readonly StreamSegment[];
  /** The first segment of the present source that is shown, by its own number. */
  firstNumber: number;
  /** What makes its numbers those that TVs know. */
  numberOffset: number;
  discontinuityOffset: number;
  /** Never less than was announced. */
  version: number;
  targetDurationSeconds: number;
  /** How many segments a playlist shows at least, as long as there are that many. */
  windowSize: number;
};

/** Players begin three target durations before the end (RFC 8216bis 6.3.3): older ones would only take them away from live. */
const SHOWN_AT_FIRST = 3;

const HEADER_TAGS: ReadonlySet<string> = new Set(['EXT-X-INDEPENDENT-SEGMENTS', 'EXT-X-START', 'EXT-X-ALLOW-CACHE']);
/** What is written anew. */
const FRAME_TAGS: ReadonlySet<string> = new Set([
  'EXTM3U',
  'EXT-X-VERSION',
  'EXT-X-TARGETDURATION',
  'EXT-X-MEDIA-SEQUENCE',
  'EXT-X-DISCONTINUITY-SEQUENCE',
  'EXT-X-ENDLIST',
]);
/** What makes a playlist one that is not spliced: it has a fixed form, or a player asks for its numbers in advance. */
const UNSPLICEABLE_TAGS: ReadonlySet<string> = new Set([
  'EXT-X-PLAYLIST-TYPE',
  'EXT-X-I-FRAMES-ONLY',
  'EXT-X-DEFINE',
  'EXT-X-PART-INF',
  'EXT-X-PART',
  'EXT-X-PRELOAD-HINT',
  'EXT-X-SKIP',
  'EXT-X-SERVER-CONTROL',
  'EXT-X-RENDITION-REPORT',
]);

/** Reads a media playlist; undefined where it is none that can be spliced. */
export function readStream(text: string): Stream | undefined {
  const lines = parseLines(text);
  if (lines.some(({ tag }) => tag !== undefined && UNSPLICEABLE_TAGS.has(tag))) return undefined;
  const valueOf = (name: string): number | undefined => {
    const line = lines.find(({ tag }) => tag === name);
    return line && toNumber(text.slice(line.start, line.end));
  };
  const targetDurationSeconds = valueOf('EXT-X-TARGETDURATION');
  const segments = readSegments(text, lines, {
    number: valueOf('EXT-X-MEDIA-SEQUENCE') ?? 0,
    discontinuity: valueOf('EXT-X-DISCONTINUITY-SEQUENCE') ?? 0,
  });
  if (targetDurationSeconds === undefined || segments.length === 0) return undefined;
  return {
    version: valueOf('EXT-X-VERSION') ?? 1,
    header: lines.filter(({ tag }) => tag !== undefined && HEADER_TAGS.has(tag)).map((line) => written(text, line)),
    targetDurationSeconds,
    segments,
    isOver: lines.some(({ tag }) => tag === 'EXT-X-ENDLIST'),
  };
}

function readSegments(
  text: string,
  lines: readonly Line[],
  first: { number: number; discontinuity: number },
): StreamSegment[] {
  const segments: StreamSegment[] = [];
  let { number, discontinuity } = first;
  let keys: readonly Line[] = [];
  let map: string | undefined;
  let own: string[] = [];
  let rangeText: string | undefined;
  let previousRange: { uri: string; end: number } | undefined;

  for (const line of lines) {
    const { tag } = line;
    if (tag === undefined) {
      const uri = text.slice(line.start, line.end);
      // Without an offset it goes on where the one before it ends, which may not stand before it for long.
      const range = toByteRange(rangeText, previousRange?.uri === uri ? previousRange.end : 0);
      if (range !== undefined) {
        own.push(`#EXT-X-BYTERANGE:${range.length}@${range.offset}`);
        previousRange = { uri, end: range.offset + range.length };
      }
      const shownKeys = keys.map((key) => keyLine(text, key, number));
      segments.push({ number, discontinuity, keys: shownKeys, map, lines: [...own, uri] });
      number += 1;
      own = [];
      rangeText = undefined;
    } else if (tag === 'EXT-X-DISCONTINUITY') discontinuity += 1;
    else if (tag === 'EXT-X-KEY') keys = keysAfter(text, keys, line);
    else if (tag === 'EXT-X-MAP') map = written(text, line);
    else if (tag === 'EXT-X-BYTERANGE') rangeText = text.slice(line.start, line.end);
    else if (!HEADER_TAGS.has(tag) && !FRAME_TAGS.has(tag)) own.push(written(text, line));
  }
  return segments;
}

/** A key replaces the one of its own format, and no other; `NONE` ends them all (RFC 8216bis 4.4.4.4). */
function keysAfter(text: string, keys: readonly Line[], line: Line): readonly Line[] {
  if (attribute(text, line, 'METHOD') === 'NONE') return [];
  const format = formatOf(text, line);
  return [...keys.filter((key) => formatOf(text, key) !== format), line];
}

function formatOf(text: string, key: Line): string {
  return attribute(text, key, 'KEYFORMAT') ?? 'identity';
}

/** Without an IV, the number of the segment is it (RFC 8216bis 5.2). */
function keyLine(text: string, key: Line, number: number): string {
  const isImplicit = formatOf(text, key) === 'identity' && attribute(text, key, 'IV') === undefined;
  return isImplicit ? `${written(text, key)},IV=0x${number.toString(16).padStart(32, '0')}` : written(text, key);
}

function attribute(text: string, { start, end }: Line, name: string): string | undefined {
  for (const found of scanAttributes(text, start, end))
    if (found.name === name) return text.slice(found.start, found.end);
  return undefined;
}

/** The whole line of a tag. */
function written(text: string, { tag, start, end }: Line): string {
  return start === end ? `#${tag}` : `#${tag}:${text.slice(start, end)}`;
}

/**
 * Decides how a stream goes on from another source; undefined where it cannot.
 * @param shown what TVs were shown last
 */
export function spliceOnto(shown: Stream, next: Stream): Splice | undefined {
  const last = shown.segments.at(-1);
  const first = next.segments.slice(-SHOWN_AT_FIRST)[0];
  if (last === undefined || first === undefined || shown.isOver || next.isOver) return undefined;
  // Nothing says that an initialization section applies no more.
  if (last.map !== undefined && next.segments.some(({ map }) => map === undefined)) return undefined;
  return {
    retired: shown.segments,
    firstNumber: first.number,
    numberOffset: last.number + 1 - first.number,
    discontinuityOffset: last.discontinuity + 1 - first.discontinuity,
    version: shown.version,
    targetDurationSeconds: shown.targetDurationSeconds,
    // At first, what a TV may have yet to play stands before the seam, whole if it can.
    windowSize: Math.max(shown.segments.length, next.segments.length + SHOWN_AT_FIRST),
  };
}

/** What TVs are shown of the present source, and how it goes on from there. Its first segments stand behind the last of those before. */
export function shownBy(splice: Splice, present: Stream): { stream: Stream; splice: Splice } {
  const current = present.segments
    .filter(({ number }) => number >= splice.firstNumber)
    .map((segment) => ({
      ...segment,
      number: segment.number + splice.numberOffset,
      discontinuity: segment.discontinuity + splice.discontinuityOffset,
    }));
  const isGapless = present.segments[0] !== undefined && present.segments[0].number <= splice.firstNumber;
  const room = Math.max(0, splice.windowSize - current.length);
  // Once the present source has moved on from its first, what stood before that is over.
  const retired = isGapless && room > 0 ? splice.retired.slice(-room) : [];
  const next = {
    ...splice,
    retired,
    version: Math.max(splice.version, present.version),
    targetDurationSeconds: Math.max(splice.targetDurationSeconds, present.targetDurationSeconds),
  };
  const { version, targetDurationSeconds } = next;
  return {
    stream: { ...present, version, targetDurationSeconds, segments: [...retired, ...current] },
    splice: next,
  };
}

/** Writes a stream as a playlist. */
export function writeStream({ version, header, targetDurationSeconds, segments, isOver }: Stream): string {
  const [first] = segments;
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${version}`,
    `#EXT-X-TARGETDURATION:${targetDurationSeconds}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.number ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first?.discontinuity ?? 0}`,
    ...header,
  ];
  let before: StreamSegment | undefined;
  for (const segment of segments) {
    // A first segment's own discontinuity is counted in the header.
    const discontinuities = segment.discontinuity - (before?.discontinuity ?? segment.discontinuity);
    lines.push(...Array<string>(discontinuities).fill('#EXT-X-DISCONTINUITY'));
    lines.push(...keyChange(before?.keys ?? [], segment.keys));
    if (segment.map !== undefined && (segment.map !== before?.map || discontinuities > 0)) lines.push(segment.map);
    lines.push(...segment.lines);
    before = segment;
  }
  if (isOver) lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

function keyChange(before: readonly string[], keys: readonly string[]): readonly string[] {
  const isSame = before.length === keys.length && before.every((line, index) => line === keys[index]);
  if (isSame) return [];
  return before.length > 0 ? ['#EXT-X-KEY:METHOD=NONE', ...keys] : keys;
}
