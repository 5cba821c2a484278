import { isUtf8 } from 'node:buffer';

/** Longer lines are cut to one byte more than this, so that whoever reads them can tell. */
export const MAX_LINE_BYTES = 32_768;

/** How much of a list is looked at to tell its legacy encoding. */
const SAMPLE_BYTES = 1_048_576;

const LINE_FEED = 0x0a;

/**
 * The lines of a list, decoded and without their line feeds. UTF-8 and UTF-16 by their marks and validity; a line that is not UTF-8 is
 * read as GB18030 (a superset of GBK) or windows-1252 (a superset of latin-1), whichever the list looks like. Decided line by line,
 * because lists are often glued together from several.
 */
export function* listLines(bytes: Buffer): Generator<string> {
  const text = fromUtf16(bytes) ?? bytes;
  let legacy: TextDecoder | undefined;
  for (const [line, offset] of byteLines(text, 0)) {
    if (isUtf8(line)) {
      yield line.toString('utf8');
      continue;
    }
    legacy ??= new TextDecoder(legacyEncoding(text, offset));
    yield legacy.decode(line);
  }
}

function* byteLines(bytes: Buffer, from: number): Generator<[line: Buffer, offset: number]> {
  for (let start = from; start < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed === -1 ? bytes.length : feed;
    yield [bytes.subarray(start, Math.min(end, start + MAX_LINE_BYTES + 1)), start];
    start = end + 1;
  }
}

function fromUtf16(bytes: Buffer): Buffer | undefined {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (mark === 0xfffe) return Buffer.from(new TextDecoder('utf-16le').decode(bytes));
  if (mark === 0xfeff) return Buffer.from(new TextDecoder('utf-16be').decode(bytes));
  return undefined;
}

/**
 * Chinese in GBK is mostly pairs of bytes from the block of the 3,755 commonest characters; accented letters of latin-1 mostly stand
 * alone among ASCII. Whichever there is more of decides. (Validity does not: nearly all latin-1 text is valid GB18030.)
 */
function legacyEncoding(bytes: Buffer, from: number): 'gb18030' | 'windows-1252' {
  let chineseBytes = 0;
  let latinBytes = 0;
  for (const [line, offset] of byteLines(bytes, from)) {
    if (offset - from > SAMPLE_BYTES) break;
    if (isUtf8(line)) continue;
    for (let index = 0; index < line.length; index += 1) {
      const lead = line[index] ?? 0;
      if (lead < 0x80) continue;
      const trail = line[index + 1] ?? 0;
      const isPair = trail >= 0xa1;
      if (isPair && lead >= 0xb0 && lead <= 0xd7) chineseBytes += 2;
      else latinBytes += isPair ? 2 : 1;
      if (isPair) index += 1;
    }
  }
  return chineseBytes > latinBytes ? 'gb18030' : 'windows-1252';
}
