import { crc32 } from 'node:zlib';
import * as z from 'zod';
import type { Stored } from './entry.ts';

/*
 * A response as one value of a store: 4 bytes of magic, a CRC-32, the length of the head (both 32 bits, big endian), the head as
 * JSON, the body. The CRC is of the key and of all that follows it, so that a value copied under another key is none.
 */

const MAGIC = Buffer.from('HCR2');
const PREFIX_BYTES = 12;

/** What may stand in an HTTP header (RFC 9110 5.5): a line break in a value would write headers of its own. */
const HeaderValue = z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/);
const Size = z.number().int().nonnegative();

const Head = z.object({
  contentType: HeaderValue.optional(),
  contentEncoding: HeaderValue.optional(),
  etag: HeaderValue.optional(),
  contentLength: Size.optional(),
  range: z.object({ start: Size, end: Size, total: Size.optional() }).optional(),
});

export function encodeStored(key: string, { head, body }: Stored): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const value = Buffer.allocUnsafe(PREFIX_BYTES + json.length + body.length);
  MAGIC.copy(value);
  value.writeUInt32BE(json.length, 8);
  json.copy(value, PREFIX_BYTES);
  body.copy(value, PREFIX_BYTES + json.length);
  value.writeUInt32BE(checksum(key, value), 4);
  return value;
}

/**
 * Undoes `encodeStored`; `undefined` for anything that it did not write under this key, or that was damaged since, and for a head
 * that says other lengths than the body has, which on a kept connection would be read as another answer. The body is a view.
 */
export function decodeStored(key: string, value: Buffer): Stored | undefined {
  if (value.length < PREFIX_BYTES || !value.subarray(0, 4).equals(MAGIC)) return undefined;
  if (checksum(key, value) !== value.readUInt32BE(4)) return undefined;
  const bodyAt = PREFIX_BYTES + value.readUInt32BE(8);
  try {
    const head = Head.parse(JSON.parse(value.toString('utf8', PREFIX_BYTES, bodyAt)));
    const { contentType, contentEncoding, etag, contentLength, range } = head;
    const body = value.subarray(bodyAt);
    if (contentLength !== undefined && contentLength !== body.length) return undefined;
    if (range !== undefined && range.end - range.start + 1 !== body.length) return undefined;
    return {
      head: { contentType, contentEncoding, etag, contentLength, range: range && { ...range, total: range.total } },
      body,
    };
  } catch {
    return undefined;
  }
}

function checksum(key: string, value: Buffer): number {
  return crc32(value.subarray(8), crc32(key));
}
