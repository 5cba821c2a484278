import { crc32 } from 'node:zlib';
import * as z from 'zod';
import type { Stored } from './entry.ts';

/*
 * A response as one value of a store: 4 bytes of magic, the CRC-32 of all that follows it, the length of the head (both 32 bits,
 * big endian), the head as JSON, the body.
 */

const MAGIC = Buffer.from('HCR1');
const PREFIX_BYTES = 12;

const Head = z.object({
  contentType: z.string().optional(),
  contentEncoding: z.string().optional(),
  etag: z.string().optional(),
  contentLength: z.number().optional(),
  range: z.object({ start: z.number(), end: z.number(), total: z.number().optional() }).optional(),
});

export function encodeStored({ head, body }: Stored): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const value = Buffer.allocUnsafe(PREFIX_BYTES + json.length + body.length);
  MAGIC.copy(value);
  value.writeUInt32BE(json.length, 8);
  json.copy(value, PREFIX_BYTES);
  body.copy(value, PREFIX_BYTES + json.length);
  value.writeUInt32BE(crc32(value.subarray(8)), 4);
  return value;
}

/** Undoes `encodeStored`; `undefined` for anything that it did not write, or that was damaged since. The body is a view. */
export function decodeStored(value: Buffer): Stored | undefined {
  if (value.length < PREFIX_BYTES || !value.subarray(0, 4).equals(MAGIC)) return undefined;
  if (crc32(value.subarray(8)) !== value.readUInt32BE(4)) return undefined;
  const bodyAt = PREFIX_BYTES + value.readUInt32BE(8);
  try {
    const head = Head.parse(JSON.parse(value.toString('utf8', PREFIX_BYTES, bodyAt)));
    const { contentType, contentEncoding, etag, contentLength, range } = head;
    return {
      head: { contentType, contentEncoding, etag, contentLength, range: range && { ...range, total: range.total } },
      body: value.subarray(bodyAt),
    };
  } catch {
    return undefined;
  }
}
