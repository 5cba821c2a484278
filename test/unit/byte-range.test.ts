import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatRange, parseContentRange, parseRange, resolveRange, type ByteRange } from '../../main/byte-range.ts';

const anyRange: fc.Arbitrary<ByteRange> = fc.oneof(
  fc.record({ start: fc.nat(), length: fc.nat() }).map(({ start, length }) => ({ start, end: start + length })),
  fc.record({ start: fc.nat(), end: fc.constant(undefined) }),
  fc.record({ suffixLength: fc.nat() }),
);

describe('a Range header', () => {
  test.each<[string, ByteRange]>([
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=0-499', { start: 0, end: 499 }],
    ['bytes=500-', { start: 500, end: undefined }],
    ['bytes=-500', { suffixLength: 500 }],
    ['bytes = 0 - 499', { start: 0, end: 499 }],
    ['bytes=-0', { suffixLength: 0 }],
  ])('%j is understood', (value, range) => {
    expect(parseRange(value)).toEqual(range);
  });

  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=0-1,3-4',
    'bytes=5-4',
    'items=0-4',
    'bytes=a-b',
    'bytes=0x1-2',
    'bytes=1.5-2',
    'bytes=--5',
    `bytes=0-${'9'.repeat(16)}`,
  ])('%j is ignored, as RFC 9110 14.2 allows', (value) => {
    expect(parseRange(value)).toBeUndefined();
  });

  test('says the same after being written and read', () => {
    fc.assert(
      fc.property(anyRange, (range) => {
        expect(parseRange(formatRange(range))).toEqual(range);
      }),
    );
  });
});

describe('a Content-Range header', () => {
  test.each([
    ['bytes 0-499/1234', { start: 0, end: 499, total: 1234 }],
    ['bytes 500-1233/1234', { start: 500, end: 1233, total: 1234 }],
    ['bytes 42-42/*', { start: 42, end: 42, total: undefined }],
  ])('%j is understood', (value, range) => {
    expect(parseContentRange(value)).toEqual(range);
  });

  test.each([undefined, '', 'bytes */1234', 'bytes 5-4/10', 'items 0-1/2', 'bytes 0-1', 'bytes 0-1/', 'bytes=0-1/2'])(
    '%j is not',
    (value) => {
      expect(parseContentRange(value)).toBeUndefined();
    },
  );

  test('whose part does not fit into its whole is not', () => {
    expect(parseContentRange('bytes 0-10/10')).toBeUndefined();
  });
});

describe('a range of something 1,000 bytes long', () => {
  test.each<[string, { start: number; end: number } | undefined]>([
    ['bytes=0-', { start: 0, end: 999 }],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=999-', { start: 999, end: 999 }],
    ['bytes=990-2000', { start: 990, end: 999 }],
    ['bytes=-10', { start: 990, end: 999 }],
    ['bytes=-5000', { start: 0, end: 999 }],
    ['bytes=1000-', undefined],
    ['bytes=-0', undefined],
  ])('%s', (value, part) => {
    const range = parseRange(value);
    expect(range && resolveRange(range, 1000)).toEqual(part);
  });
});

test('whatever a range asks for, what it means lies inside the resource', () => {
  fc.assert(
    fc.property(anyRange, fc.nat(), (range, total) => {
      const part = resolveRange(range, total);
      if (part === undefined) return;
      expect(part.start).toBeGreaterThanOrEqual(0);
      expect(part.end).toBeGreaterThanOrEqual(part.start);
      expect(part.end).toBeLessThan(total);
    }),
  );
});
