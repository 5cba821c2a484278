import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Stored } from '../../../main/cache/entry.ts';
import { decodeStored, encodeStored } from '../../../main/cache/stored-codec.ts';

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const size = fc.nat(Number.MAX_SAFE_INTEGER);

/** What an HTTP header may hold. */
const headerValue = fc.string({
  unit: fc.constantFrom('a', '/', ';', '=', '"', '\\', ' ', '\t', '\xa0', '\xe9', '\xff'),
});
const KEY = 'ch_one cdn.example/1.ts';

const anyStored: fc.Arbitrary<Stored> = fc
  .record({
    contentType: optional(headerValue),
    contentEncoding: optional(headerValue),
    etag: optional(headerValue),
    body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    isLengthKnown: fc.boolean(),
    range: optional(fc.record({ start: fc.nat(), total: optional(size) })),
  })
  .map(({ body, isLengthKnown, range, ...head }) => ({
    head: {
      ...head,
      contentLength: isLengthKnown ? body.length : undefined,
      range: range && body.length > 0 ? { ...range, end: range.start + body.length - 1 } : undefined,
    },
    body,
  }));

describe('a stored response', () => {
  test('is the same after being written and read', () => {
    fc.assert(
      fc.property(anyStored, (stored) => {
        expect(decodeStored(KEY, encodeStored(KEY, stored))).toEqual(stored);
      }),
    );
  });

  test('costs no copy of its body to read', () => {
    const value = encodeStored(KEY, {
      head: {
        contentType: 'video/mp2t',
        contentEncoding: undefined,
        etag: undefined,
        contentLength: 4,
        range: undefined,
      },
      body: Buffer.from('body'),
    });
    expect(decodeStored(KEY, value)?.body.buffer).toBe(value.buffer);
  });

  test('with any bit flipped is nothing', () => {
    fc.assert(
      fc.property(anyStored, fc.nat(), (stored, anyBit) => {
        const value = encodeStored(KEY, stored);
        const bit = anyBit % (value.length * 8);
        value[bit >> 3] = (value[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(decodeStored(KEY, value)).toBeUndefined();
      }),
    );
  });

  test('cut short anywhere is nothing', () => {
    fc.assert(
      fc.property(anyStored, fc.nat(), (stored, anyLength) => {
        const value = encodeStored(KEY, stored);
        expect(decodeStored(KEY, value.subarray(0, anyLength % value.length))).toBeUndefined();
      }),
    );
  });
});

test('what somebody else wrote under the key is nothing', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeStored(KEY, Buffer.from(bytes))).toBeUndefined();
      expect(decodeStored(KEY, Buffer.concat([Buffer.from('HCR2'), bytes]))).toBeUndefined();
    }),
  );
});

describe('what another client of the store forged', () => {
  const body = Buffer.from('the body');
  const honest: Stored = {
    head: { contentType: 'video/mp2t', contentEncoding: undefined, etag: '"1"', contentLength: 8, range: undefined },
    body,
  };
  const forged = (head: Partial<Stored['head']>): Buffer =>
    encodeStored(KEY, { body, head: { ...honest.head, ...head } });

  test('is nothing when it was copied from another key', () => {
    const value = encodeStored(KEY, honest);
    expect(decodeStored(KEY, value)).toEqual(honest);
    for (const key of ['', 'ch_two cdn.example/1.ts', `${KEY} bytes=0-7`, KEY.slice(0, -1)]) {
      expect(decodeStored(key, value)).toBeUndefined();
    }
  });

  test.each<[string, Partial<Stored['head']>]>([
    ['a length that the body has not', { contentLength: 3 }],
    ['a length that is none', { contentLength: -1 }],
    ['a length in parts', { contentLength: 7.5 }],
    ['a range that is longer than the body', { range: { start: 0, end: 99, total: 100 } }],
    ['a range that is shorter than the body', { range: { start: 0, end: 3, total: 100 } }],
    ['a range that ends before it starts', { range: { start: 9, end: 1, total: undefined } }],
    ['a type with a line break', { contentType: 'video/mp2t\r\nSet-Cookie: a=b' }],
    ['a tag with a line break', { etag: '"1"\r\n\r\n<html>' }],
    ['a tag that no header can hold', { etag: '"频道"' }],
    ['a coding with a NUL', { contentEncoding: 'gzip\0' }],
  ])('is nothing when its head says %s', (_, head) => {
    expect(decodeStored(KEY, forged(head))).toBeUndefined();
  });
});
