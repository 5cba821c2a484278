import type { Reference } from './reference.ts';

/** What a playlist says that the relay acts on; its bytes go to TVs as they are. */
export type Playlist = MultivariantPlaylist | MediaPlaylist | PointerPlaylist;

/** The choice of qualities, audio languages and subtitles. */
export type MultivariantPlaylist = {
  kind: 'multivariant';
  variants: readonly Variant[];
  renditions: readonly Rendition[];
};

/** One `EXT-X-STREAM-INF` and its URI. */
export type Variant = {
  reference: Reference;
  bandwidthBitsPerSecond: number | undefined;
  averageBandwidthBitsPerSecond: number | undefined;
  resolution: { width: number; height: number } | undefined;
  framesPerSecond: number | undefined;
  /** As written: `avc1.64001f,mp4a.40.2`. */
  codecs: string | undefined;
  audioGroup: string | undefined;
  videoGroup: string | undefined;
  subtitlesGroup: string | undefined;
};

/** One `EXT-X-MEDIA`. */
export type Rendition = {
  /** Undefined where the media is inside the variants (or the captions inside the video). */
  reference: Reference | undefined;
  /** `AUDIO`, `VIDEO`, `SUBTITLES` or `CLOSED-CAPTIONS`. */
  type: string;
  group: string;
  name: string;
  language: string | undefined;
  isDefault: boolean;
};

/** The segments of one rendition. */
export type MediaPlaylist = {
  kind: 'media';
  /** The longest segment's where the tag is missing; 0 where there is none either. */
  targetDurationSeconds: number;
  partTargetSeconds: number | undefined;
  mediaSequence: number;
  endList: boolean;
  canBlockReload: boolean;
  /** As written (`AES-128`, `SAMPLE-AES`, ...), without `NONE`. */
  encryptionMethods: readonly string[];
  /** Those that can be fetched, in order: no gaps, none that a delta update skips. */
  segments: readonly MediaSegment[];
};

/** One media segment and what a player needs to play it. */
export type MediaSegment = {
  reference: Reference;
  sequenceNumber: number;
  byteRange: ByteRange | undefined;
  initialization: InitializationSection | undefined;
  /** Those that apply to it and can be fetched. */
  keys: readonly MediaKey[];
};

/** The `EXT-X-KEY` of one key format. */
export type MediaKey = { reference: Reference; format: string };

/** The `EXT-X-MAP` that applies to a segment. */
export type InitializationSection = { reference: Reference; byteRange: ByteRange | undefined };

/** Part of a resource, in bytes. */
export type ByteRange = { offset: number; length: number };

/** A plain M3U that only names the real playlists, as IPTV providers send it: players follow it, so does the relay. */
export type PointerPlaylist = { kind: 'pointer'; targets: readonly Reference[] };

/** A line of a playlist whose URI, if it has one that HTTP can fetch, is resolved. */
export type ResolvedLine = {
  /** Undefined for a URI line. */
  tag: string | undefined;
  value: string;
  attributes: ReadonlyMap<string, string>;
  reference: Reference | undefined;
};

const FIRST_LINE = Buffer.from('#EXTM3U');
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
/** More at once is no stream; unbounded, a hostile playlist makes reading it quadratic. */
const MAX_KEY_FORMATS = 8;
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
/** What a live playlist without a target duration is taken to have. */
const DEFAULT_TARGET_SECONDS = 4;

/** The target duration in milliseconds, or a guess where there is none. */
export function targetDurationMs(playlist: Playlist): number {
  const seconds = playlist.kind === 'media' ? playlist.targetDurationSeconds : 0;
  return (seconds > 0 ? seconds : DEFAULT_TARGET_SECONDS) * 1000;
}

/** Whether a whole body is a playlist: text that begins, after a BOM, with `#EXTM3U` (RFC 8216bis 4.1). */
export function isPlaylist(body: Buffer): boolean {
  return startsLikePlaylist(body) && body.length >= FIRST_LINE.length && !body.includes(0);
}

/**
 * Whether a body may still turn out to be a playlist, by as much of it as has arrived; nothing yet is no objection.
 * Ten bytes decide, so that an endless stream is noticed at its first chunk.
 */
export function startsLikePlaylist(firstBytes: Buffer): boolean {
  return beginAlike(firstBytes, FIRST_LINE) || beginAlike(firstBytes, Buffer.concat([BYTE_ORDER_MARK, FIRST_LINE]));
}

function beginAlike(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length);
  return bytes.subarray(0, length).equals(expected.subarray(0, length));
}

/** Reads a multivariant playlist (RFC 8216bis 4.4.6). */
export function readMultivariantPlaylist(lines: readonly ResolvedLine[]): MultivariantPlaylist {
  const variants: Variant[] = [];
  const renditions: Rendition[] = [];
  let streamInf = NO_ATTRIBUTES;
  for (const { tag, attributes, reference } of lines) {
    if (tag === 'EXT-X-STREAM-INF') streamInf = attributes;
    if (tag === 'EXT-X-MEDIA') renditions.push(toRendition(attributes, reference));
    if (tag !== undefined) continue;
    if (reference !== undefined) variants.push(toVariant(streamInf, reference));
    streamInf = NO_ATTRIBUTES;
  }
  return { kind: 'multivariant', variants, renditions };
}

function toVariant(streamInf: ReadonlyMap<string, string>, reference: Reference): Variant {
  return {
    reference,
    bandwidthBitsPerSecond: toNumber(streamInf.get('BANDWIDTH')),
    averageBandwidthBitsPerSecond: toNumber(streamInf.get('AVERAGE-BANDWIDTH')),
    resolution: toResolution(streamInf.get('RESOLUTION')),
    framesPerSecond: toNumber(streamInf.get('FRAME-RATE')),
    codecs: streamInf.get('CODECS'),
    audioGroup: streamInf.get('AUDIO'),
    videoGroup: streamInf.get('VIDEO'),
    subtitlesGroup: streamInf.get('SUBTITLES'),
  };
}

function toRendition(media: ReadonlyMap<string, string>, reference: Reference | undefined): Rendition {
  return {
    reference,
    type: media.get('TYPE') ?? '',
    group: media.get('GROUP-ID') ?? '',
    name: media.get('NAME') ?? '',
    language: media.get('LANGUAGE'),
    isDefault: media.get('DEFAULT') === 'YES',
  };
}

/** Reads a media playlist (RFC 8216bis 4.4.3 to 4.4.5). */
export function readMediaPlaylist(lines: readonly ResolvedLine[]): MediaPlaylist {
  const segments: MediaSegment[] = [];
  const mediaSequence = toNumber(valueOf(lines, 'EXT-X-MEDIA-SEQUENCE')) ?? 0;
  let sequenceNumber = mediaSequence;
  let initialization: InitializationSection | undefined;
  let keys: readonly MediaKey[] = [];
  let byteRangeText: string | undefined;
  let previousRange: { url: string; end: number } | undefined;
  let isGap = false;

  for (const { tag, value, attributes, reference } of lines) {
    switch (tag) {
      case 'EXT-X-SKIP':
        sequenceNumber += toNumber(attributes.get('SKIPPED-SEGMENTS')) ?? 0;
        break;
      case 'EXT-X-MAP':
        initialization = reference && { reference, byteRange: toByteRange(attributes.get('BYTERANGE'), 0) };
        break;
      case 'EXT-X-KEY':
        keys = keysAfter(keys, attributes, reference);
        break;
      case 'EXT-X-BYTERANGE':
        byteRangeText = value;
        break;
      case 'EXT-X-GAP':
        isGap = true;
        break;
      case undefined: {
        const nextOffset = previousRange !== undefined && previousRange.url === reference?.url ? previousRange.end : 0;
        const byteRange = toByteRange(byteRangeText, nextOffset);
        previousRange = reference && byteRange && { url: reference.url, end: byteRange.offset + byteRange.length };
        if (reference !== undefined && !isGap) {
          segments.push({ reference, sequenceNumber, byteRange, initialization, keys });
        }
        sequenceNumber += 1;
        byteRangeText = undefined;
        isGap = false;
        break;
      }
    }
  }

  return {
    kind: 'media',
    targetDurationSeconds: toNumber(valueOf(lines, 'EXT-X-TARGETDURATION')) ?? longestDurationSeconds(segments),
    partTargetSeconds: toNumber(attributesOf(lines, 'EXT-X-PART-INF').get('PART-TARGET')),
    mediaSequence,
    endList: lines.some((line) => line.tag === 'EXT-X-ENDLIST'),
    canBlockReload: attributesOf(lines, 'EXT-X-SERVER-CONTROL').get('CAN-BLOCK-RELOAD') === 'YES',
    encryptionMethods: encryptionMethodsOf(lines),
    segments,
  };
}

/** A key replaces the one of its own format, and no other; `NONE` ends them all (RFC 8216bis 4.4.4.4). */
function keysAfter(
  keys: readonly MediaKey[],
  attributes: ReadonlyMap<string, string>,
  reference: Reference | undefined,
): readonly MediaKey[] {
  if (attributes.get('METHOD') === 'NONE') return [];
  const format = attributes.get('KEYFORMAT') ?? 'identity';
  const others = keys.filter((key) => key.format !== format);
  return reference === undefined ? others : [...others, { reference, format }].slice(-MAX_KEY_FORMATS);
}

function encryptionMethodsOf(lines: readonly ResolvedLine[]): string[] {
  const keyLines = lines.filter(({ tag }) => tag === 'EXT-X-KEY');
  const methods = new Set(keyLines.map(({ attributes }) => attributes.get('METHOD') ?? 'NONE'));
  methods.delete('NONE');
  return [...methods];
}

/** Reads `<length>[@<offset>]` (RFC 8216bis 4.4.4.2). @param nextOffset where one without an offset begins */
export function toByteRange(text: string | undefined, nextOffset: number): ByteRange | undefined {
  const match = /^(\d{1,15})(?:@(\d{1,15}))?$/.exec(text?.trim() ?? '');
  if (match === null) return undefined;
  return { length: Number(match[1]), offset: match[2] === undefined ? nextOffset : Number(match[2]) };
}

function toResolution(text: string | undefined): Variant['resolution'] {
  const match = /^(\d{1,5})[xX](\d{1,5})$/.exec(text?.trim() ?? '');
  return match === null ? undefined : { width: Number(match[1]), height: Number(match[2]) };
}

/** What the longest segment plays; 0 where nothing says. */
export function longestDurationSeconds(segments: readonly MediaSegment[]): number {
  return segments.reduce((longest, { reference }) => Math.max(longest, reference.durationSeconds ?? 0), 0);
}

function valueOf(lines: readonly ResolvedLine[], tag: string): string | undefined {
  return lines.find((line) => line.tag === tag)?.value;
}

function attributesOf(lines: readonly ResolvedLine[], tag: string): ReadonlyMap<string, string> {
  return lines.find((line) => line.tag === tag)?.attributes ?? NO_ATTRIBUTES;
}

/** A number of a playlist, never negative; what stands behind it is ignored (`9.009,title`). */
export function toNumber(text: string | undefined): number | undefined {
  const value = Number.parseFloat(text ?? '');
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
