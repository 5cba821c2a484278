import { describe, expect, test } from 'vitest';
import { ERROR_STATUS, ProxyError, systemErrorCode, type ErrorCode } from '../../main/errors.ts';
import { foreign } from '../../shared/sentence.ts';

describe('an expected failure', () => {
  test.each<[ErrorCode, number]>([
    ['BAD_REQUEST', 400],
    ['FORBIDDEN', 403],
    ['UNKNOWN_CHANNEL', 404],
    ['UNKNOWN_RESOURCE', 404],
    ['ORIGIN_NOT_FOUND', 404],
    ['METHOD_NOT_ALLOWED', 405],
    ['RANGE_NOT_SATISFIABLE', 416],
    ['ORIGIN_STATUS', 502],
    ['ORIGIN_UNREACHABLE', 502],
    ['ORIGIN_REDIRECTS', 502],
    ['BAD_PLAYLIST', 502],
    ['ORIGIN_TIMEOUT', 504],
  ])('%s is seen by a TV as %i', (code, status) => {
    expect(new ProxyError(code, foreign('a sentence')).status).toBe(status);
  });

  test('never looks like a success or a redirect', () => {
    expect(Object.values(ERROR_STATUS).filter((status) => status < 400)).toEqual([]);
  });

  test('keeps what is known about it', () => {
    const cause = new Error('ECONNRESET');
    const error = new ProxyError('ORIGIN_STATUS', foreign('the provider answered 503'), {
      cause,
      originStatus: 503,
      retryAfterMs: 2000,
    });
    expect(error).toMatchObject({ name: 'ProxyError', code: 'ORIGIN_STATUS', originStatus: 503, retryAfterMs: 2000 });
    expect(error.cause).toBe(cause);
  });

  test('has no cause when none was given', () => {
    expect('cause' in new ProxyError('STOPPING', foreign('a sentence'))).toBe(false);
  });
});

describe('the code of a system error', () => {
  test.each([
    [Object.assign(new Error('x'), { code: 'ENOENT' }), 'ENOENT'],
    [{ code: 'EPIPE' }, 'EPIPE'],
    [Object.assign(new Error('x'), { code: 42 }), undefined],
    [new Error('x'), undefined],
    ['ENOENT', undefined],
    [null, undefined],
    [undefined, undefined],
  ])('of %j is %j', (error, code) => {
    expect(systemErrorCode(error)).toBe(code);
  });
});
