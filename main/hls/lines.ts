/** One line of a playlist that says something: a tag or a URI. Blank lines and comments are left out. */
export type Line = {
  /** The tag's name without `#` (`EXT-X-KEY`); undefined for a URI line. */
  tag: string | undefined;
  /** Where the tag's value, or the URI, stands in the text; blanks around it are outside. */
  start: number;
  end: number;
};

/** One `NAME=VALUE` of an attribute list (RFC 8216bis 4.2). */
export type Attribute = {
  name: string;
  quoted: boolean;
  /** Where the name begins. */
  nameStart: number;
  /** Where the value stands, without its quotes. */
  start: number;
  end: number;
};

const TAB = 0x09;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const EQUALS = 0x3d;
const BYTE_ORDER_MARK = '\xEF\xBB\xBF';

/**
 * Reads the lines of a playlist whose bytes were decoded as latin1. A lone CR ends a line too: no URI can contain one.
 */
export function parseLines(text: string): Line[] {
  const lines: Line[] = [];
  const nextLine = /[^\r\n]+/g;
  if (text.startsWith(BYTE_ORDER_MARK)) nextLine.lastIndex = BYTE_ORDER_MARK.length;
  for (let match = nextLine.exec(text); match !== null; match = nextLine.exec(text)) {
    const start = skipBlanks(text, match.index, nextLine.lastIndex);
    const end = trimBlanks(text, start, nextLine.lastIndex);
    if (start === end) continue;
    if (text[start] !== '#') lines.push({ tag: undefined, start, end });
    else if (text.startsWith('#EXT', start)) lines.push(parseTag(text, start + 1, end));
  }
  return lines;
}

function parseTag(text: string, start: number, end: number): Line {
  const nameEnd = find(text, start, end, COLON);
  const tag = text.slice(start, trimBlanks(text, start, nameEnd));
  return { tag, start: skipBlanks(text, Math.min(nameEnd + 1, end), end), end };
}

/**
 * Reads the attribute list that stands between two offsets, leniently, and in one pass whatever it holds:
 * what is not `NAME=VALUE` is skipped, and what stands in quotes is never taken for an attribute.
 */
export function* scanAttributes(text: string, listStart: number, listEnd: number): Generator<Attribute> {
  let position = listStart;
  while (position < listEnd) {
    const nameStart = skipBlanks(text, position, listEnd);
    const nameEnd = find(text, nameStart, listEnd, EQUALS, COMMA, QUOTE);
    const stop = text.charCodeAt(nameEnd);
    if (nameEnd === listEnd) return;
    if (stop === COMMA) {
      position = nameEnd + 1;
      continue;
    }
    if (stop === QUOTE) {
      position = find(text, nameEnd + 1, listEnd, QUOTE) + 1;
      continue;
    }
    const name = text.slice(nameStart, trimBlanks(text, nameStart, nameEnd));
    const valueStart = skipBlanks(text, nameEnd + 1, listEnd);
    const quoted = valueStart < listEnd && text.charCodeAt(valueStart) === QUOTE;
    const start = quoted ? valueStart + 1 : valueStart;
    const valueEnd = find(text, start, listEnd, quoted ? QUOTE : COMMA);
    yield { name, quoted, nameStart, start, end: quoted ? valueEnd : trimBlanks(text, start, valueEnd) };
    position = (quoted ? find(text, valueEnd, listEnd, COMMA) : valueEnd) + 1;
  }
}

/** The first offset of one of the characters, or `end`. */
function find(text: string, start: number, end: number, first: number, second = first, third = first): number {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === first || code === second || code === third) return at;
  }
  return end;
}

/* Not String.trim: in text decoded as latin1, what it takes for a no-break space may be a byte of a UTF-8 character. */

function skipBlanks(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function trimBlanks(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
