/**
 * Part of a resource, as a `Range` header asks for it (RFC 9110 14.1.2): from `start` to `end` (inclusive; open: to the last
 * byte), or the last `suffixLength` bytes.
 */
export type ByteRange = { start: number; end: number | undefined } | { suffixLength: number };

/** A part that is there: both ends inclusive, and how many bytes the whole has, if known. */
export type ContentRange = { start: number; end: number; total: number | undefined };

/** Reads a `Range` header. Anything but one range of bytes is ignored, as RFC 9110 14.2 allows. */
export function parseRange(value: string | undefined): ByteRange | undefined {
  if (value === undefined) return undefined;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(value.replaceAll(' ', ''));
  const [, first = '', last = ''] = match ?? [];
  if (first === '') return last === '' ? undefined : { suffixLength: Number(last) };
  const range = { start: Number(first), end: last === '' ? undefined : Number(last) };
  return range.end !== undefined && range.end < range.start ? undefined : range;
}

/** The value of a `Range` header. */
export function formatRange(range: ByteRange): string {
  return 'suffixLength' in range ? `bytes=-${range.suffixLength}` : `bytes=${range.start}-${range.end ?? ''}`;
}

/** Reads a `Content-Range` header (RFC 9110 14.4): `bytes 0-499/1234` or `bytes 0-499/*`. */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(value ?? '');
  if (match === null) return undefined;
  const [start, end] = [Number(match[1]), Number(match[2])];
  const total = match[3] === '*' ? undefined : Number(match[3]);
  return start <= end && end < (total ?? Infinity) ? { start, end, total } : undefined;
}

/** Which bytes of something `total` bytes long a range means; `undefined` when it means none of them. */
export function resolveRange(range: ByteRange, total: number): { start: number; end: number } | undefined {
  const start = 'suffixLength' in range ? Math.max(0, total - range.suffixLength) : range.start;
  const end = 'suffixLength' in range ? total - 1 : Math.min(range.end ?? total - 1, total - 1);
  const isEmpty = start > end || ('suffixLength' in range && range.suffixLength === 0);
  return isEmpty ? undefined : { start, end };
}
