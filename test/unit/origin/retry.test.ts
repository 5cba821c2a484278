import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERROR_STATUS, ProxyError, type ErrorCode } from '../../../main/errors.ts';
import { isWorthRetrying, parseRetryAfter, retryDelayMs } from '../../../main/origin/retry.ts';
import { foreign } from '../../../shared/sentence.ts';

const answered = (originStatus: number, retryAfterMs?: number) =>
  new ProxyError('ORIGIN_STATUS', foreign('a sentence'), {
    originStatus,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

describe('what is tried again', () => {
  test.each([500, 502, 503, 504, 599, 408])('status %i', (status) => {
    expect(isWorthRetrying(answered(status))).toBe(true);
  });

  test('a provider that asks to come back later', () => {
    expect(isWorthRetrying(answered(429, 1000))).toBe(true);
  });

  test.each<ErrorCode>(['ORIGIN_UNREACHABLE', 'ORIGIN_TIMEOUT'])('%s', (code) => {
    expect(isWorthRetrying(new ProxyError(code, foreign('a sentence')))).toBe(true);
  });
});

describe('what is not: it is an answer, not an accident', () => {
  test.each([400, 401, 403, 410, 416, 418, 429, 451, 301])('status %i', (status) => {
    expect(isWorthRetrying(answered(status))).toBe(false);
  });

  const worthIt = new Set(['ORIGIN_UNREACHABLE', 'ORIGIN_TIMEOUT']);
  test.each(Object.keys(ERROR_STATUS).filter((code) => !worthIt.has(code)))('%s', (code) => {
    expect(isWorthRetrying(new ProxyError(code as ErrorCode, foreign('a sentence')))).toBe(false);
  });
});

describe('the wait before another attempt', () => {
  const unreachable = new ProxyError('ORIGIN_UNREACHABLE', foreign('a sentence'));
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

  test('grows with each attempt up to two seconds, and is never the same for everybody', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), random, (attempt, one) => {
        const delayMs = retryDelayMs(attempt, unreachable, one);
        expect(delayMs).toBeGreaterThan(0);
        expect(delayMs).toBeLessThanOrEqual(2000);
        expect(retryDelayMs(attempt + 2, unreachable, 1 - one)).toBeGreaterThanOrEqual(Math.min(delayMs, 1000));
        expect(retryDelayMs(attempt, unreachable, 0.1)).not.toBe(retryDelayMs(attempt, unreachable, 0.9));
      }),
    );
  });

  test('of the first one is short, since most accidents are', () => {
    expect(retryDelayMs(1, unreachable, 0.999)).toBeLessThanOrEqual(200);
  });

  test('is at least what the provider asked for', () => {
    expect(retryDelayMs(1, answered(503, 5000), 0.5)).toBe(5000);
    expect(retryDelayMs(9, answered(503, 5000), 0.5)).toBe(5000);
  });

  test('is not skipped when the provider asks for none, or twelve attempts would be over in no time', () => {
    expect(retryDelayMs(3, answered(503, 0), 0.5)).toBe(retryDelayMs(3, answered(503), 0.5));
  });
});

describe('Retry-After', () => {
  const now = Date.parse('Fri, 31 Dec 1999 23:59:00 GMT');

  test.each([
    ['0', 0],
    ['120', 120_000],
    ['Fri, 31 Dec 1999 23:59:59 GMT', 59_000],
    ['Friday, 31-Dec-99 23:59:59 GMT', 59_000],
    ['Fri Dec 31 23:59:59 1999', 59_000],
    ['Fri, 31 Dec 1999 23:00:00 GMT', 0],
  ])('%s', (value, milliseconds) => {
    expect(parseRetryAfter(value, now)).toBe(milliseconds);
  });

  test.each([undefined, '', 'soon', '-1', '1.5', '12345678901', '1e3', '0x10', 'Infinity'])(
    '%s says nothing',
    (value) => {
      expect(parseRetryAfter(value, now)).toBeUndefined();
    },
  );
});
