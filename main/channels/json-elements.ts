const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** One element is read at once. */
const MAX_ELEMENT_BYTES = 1024 * 1024;

/**
 * The elements of a JSON array one by one, so that an array of any size is read without holding up anybody.
 * @throws SyntaxError at what is no JSON, or an element of more than 1 MiB
 */
export function* jsonElements(bytes: Buffer): Generator {
  const end = bytes.lastIndexOf(']');
  let start = bytes.indexOf('[') + 1;
  if (start === 0 || end < start) throw new SyntaxError('this is no JSON array');
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (at - start > MAX_ELEMENT_BYTES) throw new SyntaxError('an element is longer than any should be');
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (OPENING.has(byte)) depth += 1;
    else if (CLOSING.has(byte)) depth -= 1;
    else if (byte === COMMA && depth === 0) {
      yield JSON.parse(bytes.toString('utf8', start, at));
      start = at + 1;
    }
  }
  const last = bytes.toString('utf8', start, end);
  if (last.trim() !== '') yield JSON.parse(last);
}

function endOfString(bytes: Buffer, start: number): number {
  const last = Math.min(bytes.length, start + MAX_ELEMENT_BYTES);
  for (let at = start + 1; at < last; at += 1) {
    if (bytes[at] === BACKSLASH) at += 1;
    else if (bytes[at] === QUOTE) return at;
  }
  throw new SyntaxError('a string has no end');
}
