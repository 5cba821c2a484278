import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stored } from '../../../main/cache/entry.ts';
import { decodeStored, encodeStored } from '../../../main/cache/stored-codec.ts';

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const size = fc.nat(Number.MAX_SAFE_INTEGER);

const anyStored: fc.Arbitrary<Stored> = fc.record({
  head: fc.record({
    contentType: optional(fc.string({ unit: 'binary' })),
    contentEncoding: optional(fc.string()),
    etag: optional(fc.string({ unit: 'binary' })),
    contentLength: optional(size),
    range: optional(fc.record({ start: size, end: size, total: optional(size) })),
  }),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

describe('a stored response', () => {
  test('is the same after being written and read', () => {
    fc.assert(
      fc.property(anyStored, (stored) => {
        expect(decodeStored(encodeStored(stored))).toEqual(stored);
      }),
    );
  });

  test('costs no copy of its body to read', () => {
    const value = encodeStored({
      head: {
        contentType: 'video/mp2t',
        contentEncoding: undefined,
        etag: undefined,
        contentLength: 4,
        range: undefined,
      },
      body: Buffer.from('body'),
    });
    expect(decodeStored(value)?.body.buffer).toBe(value.buffer);
  });

  test('with any bit flipped is nothing', () => {
    fc.assert(
      fc.property(anyStored, fc.nat(), (stored, anyBit) => {
        const value = encodeStored(stored);
        const bit = anyBit % (value.length * 8);
        value[bit >> 3] = (value[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(decodeStored(value)).toBeUndefined();
      }),
    );
  });

  test('cut short anywhere is nothing', () => {
    fc.assert(
      fc.property(anyStored, fc.nat(), (stored, anyLength) => {
        const value = encodeStored(stored);
        expect(decodeStored(value.subarray(0, anyLength % value.length))).toBeUndefined();
      }),
    );
  });
});

test('what somebody else wrote under the key is nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeStored(Buffer.from(bytes))).toBeUndefined();
      expect(decodeStored(Buffer.concat([Buffer.from('HCR1'), bytes]))).toBeUndefined();
    }),
  );
});
