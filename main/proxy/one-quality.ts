import type { Quality } from '../../shared/channel.ts';
import { parseLines, scanAttributes, type Line } from '../hls/lines.ts';
import { toNumber } from '../hls/playlist.ts';
import { decodeText } from '../hls/reference.ts';
import { createVariables } from '../hls/variables.ts';

type Attributes = ReadonlyMap<string, string>;

/** A tag or a URI, and what its attribute list says. */
type ReadLine = { line: Line; attributes: Attributes };

/** One variant as it stands in the text. */
type WrittenVariant = { lines: readonly Line[]; attributes: Attributes };

const NO_ATTRIBUTES: Attributes = new Map();
const NO_VARIABLES: ReadonlyMap<string, string> = new Map();

/** Tags that speak of other variants than the one kept: for seeking fast, and for choosing between copies of it. */
const TAGS_OF_OTHERS: ReadonlySet<string> = new Set([
  'EXT-X-I-FRAME-STREAM-INF',
  'EXT-X-IMAGE-STREAM-INF',
  'EXT-X-CONTENT-STEERING',
]);

const AUDIO_CODEC = /^(?:mp4a|ac-[34]|ec-3|opus|flac|alac|mp3|dts)/i;

/**
 * Leaves one variant in a multivariant playlist, and of the renditions those that it names; all other bytes stay.
 *
 * Not the variant's media playlist instead, which would do for a stream of one piece: separate audio and subtitles need the
 * multivariant playlist, codecs and keys are announced by it, `EXT-X-DEFINE:IMPORT` reads from it, and TVs that choose badly
 * choose well from one. What is no multivariant playlist comes back as it is.
 * @param baseUrl where the playlist came from
 */
export function keepOneVariant(body: Buffer, quality: Quality, baseUrl: string): Buffer {
  if (quality.kind === 'all' || !body.includes('#EXT-X-STREAM-INF')) return body;
  const text = body.toString('latin1');
  const lines = readLines(text, baseUrl);
  const variants = findVariants(lines);
  const chosen = chooseVariant(variants, quality);
  if (chosen === undefined) return body;
  const dropped = lines.filter((line) => !isKept(line, chosen)).map(({ line }) => line);
  return Buffer.from(withoutLines(text, dropped), 'latin1');
}

function readLines(text: string, baseUrl: string): ReadLine[] {
  const variables = createVariables({ baseUrl, importedVariables: NO_VARIABLES });
  return parseLines(text).map((line) => {
    if (line.tag === undefined) return { line, attributes: NO_ATTRIBUTES };
    const attributes = new Map<string, string>();
    for (const { name, start, end } of scanAttributes(text, line.start, line.end))
      attributes.set(name, variables.substitute(decodeText(text.slice(start, end))));
    if (line.tag === 'EXT-X-DEFINE') variables.define(attributes);
    return { line, attributes };
  });
}

function findVariants(lines: readonly ReadLine[]): WrittenVariant[] {
  const variants: WrittenVariant[] = [];
  let streamInf: ReadLine | undefined;
  for (const read of lines) {
    if (read.line.tag === 'EXT-X-STREAM-INF') streamInf = read;
    if (read.line.tag !== undefined || streamInf === undefined) continue;
    variants.push({ lines: [streamInf.line, read.line], attributes: streamInf.attributes });
    streamInf = undefined;
  }
  return variants;
}

/** Of equal ones the first, as the origin prefers it. Sound without a picture is a choice only where there is no other. */
function chooseVariant(
  variants: readonly WrittenVariant[],
  quality: Exclude<Quality, { kind: 'all' }>,
): WrittenVariant | undefined {
  const withPicture = variants.filter(({ attributes }) => !isAudioOnly(attributes));
  const candidates = withPicture.length > 0 ? withPicture : variants;
  switch (quality.kind) {
    case 'highest':
      return highest(candidates);
    case 'lowest':
      return lowest(candidates);
    case 'at-most':
      return (
        highest(candidates.filter(({ attributes }) => bandwidthOf(attributes) <= quality.bitsPerSecond)) ??
        lowest(candidates)
      );
  }
}

function highest(variants: readonly WrittenVariant[]): WrittenVariant | undefined {
  return variants.toSorted((one, other) => compare(other, one))[0];
}

function lowest(variants: readonly WrittenVariant[]): WrittenVariant | undefined {
  return variants.toSorted(compare)[0];
}

function compare({ attributes: one }: WrittenVariant, { attributes: other }: WrittenVariant): number {
  return bandwidthOf(one) - bandwidthOf(other) || heightOf(one) - heightOf(other);
}

function bandwidthOf(attributes: Attributes): number {
  return toNumber(attributes.get('BANDWIDTH')) ?? toNumber(attributes.get('AVERAGE-BANDWIDTH')) ?? 0;
}

function heightOf(attributes: Attributes): number {
  return toNumber(attributes.get('RESOLUTION')?.replace(/^\d+x/i, '')) ?? 0;
}

function isAudioOnly(attributes: Attributes): boolean {
  const codecs = attributes.get('CODECS');
  if (codecs === undefined || attributes.has('RESOLUTION')) return false;
  return codecs.split(',').every((codec) => AUDIO_CODEC.test(codec.trim()));
}

function isKept({ line, attributes }: ReadLine, chosen: WrittenVariant): boolean {
  const { tag } = line;
  if (tag === undefined || tag === 'EXT-X-STREAM-INF') return chosen.lines.includes(line);
  // A variant names its groups in attributes that are called like the types of the renditions in them.
  if (tag === 'EXT-X-MEDIA') {
    const group = chosen.attributes.get(attributes.get('TYPE') ?? '');
    return group !== undefined && group === attributes.get('GROUP-ID');
  }
  return !TAGS_OF_OTHERS.has(tag);
}

/** The text without these lines and the line breaks that end them. */
function withoutLines(text: string, lines: readonly Line[]): string {
  const pieces: string[] = [];
  let position = 0;
  for (const { start, end } of lines) {
    const lineStart = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1)) + 1;
    pieces.push(text.slice(position, lineStart));
    position = endOfLine(text, end);
  }
  pieces.push(text.slice(position));
  return pieces.join('');
}

/** Where the next line begins. */
function endOfLine(text: string, from: number): number {
  const lineBreak = /\r\n|\r|\n|$/g;
  lineBreak.lastIndex = from;
  return lineBreak.exec(text) === null ? text.length : lineBreak.lastIndex;
}
