import { expect, test } from 'vitest';
import { ProxyError, type ErrorCode } from '../../../main/errors.ts';
import { describeFailure, isRefusal } from '../../../main/diagnosis/failure-words.ts';
import { say } from '../../../shared/sentences.ts';
import { foreign } from '../../../shared/sentence.ts';

const HOST = 'tv.example:8080';

function systemFailure(code: string): ProxyError {
  const cause = Object.assign(new Error('http://tv.example/live/user/secret/1.m3u8'), { code });
  return new ProxyError('ORIGIN_UNREACHABLE', foreign('The connection to the provider broke.'), { cause });
}

function statusFailure(originStatus: number, code: ErrorCode = 'ORIGIN_STATUS'): ProxyError {
  return new ProxyError(code, foreign(`The provider answered ${originStatus}.`), { originStatus });
}

test.each([
  ['ENOTFOUND', 'DNS name not found: tv.example:8080.'],
  ['EAI_AGAIN', 'The DNS server does not answer when asked for tv.example:8080.'],
  ['ECONNREFUSED', 'Connections are refused by tv.example:8080.'],
  ['CERT_HAS_EXPIRED', 'The certificate of tv.example:8080 has expired.'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'The certificate of tv.example:8080 is signed by nobody but itself.'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'The certificate of tv.example:8080 is for another name.'],
  ['ESOMETHING', 'The connection to the provider broke.'],
])('%s is: %s', (code, sentence) => {
  expect(describeFailure(systemFailure(code), HOST, undefined).text).toBe(sentence);
});

test.each([
  [401, '401, the provider wants a login: has it expired?'],
  [404, '404, the provider does not have this.'],
  [429, '429, the provider limits how often it may be asked.'],
  [503, '503, the provider has a problem of its own.'],
  [418, '418, which is no success.'],
])('status %s is: %s', (status, sentence) => {
  expect(describeFailure(statusFailure(status), HOST, undefined).text).toBe(sentence);
});

test('what did not load is named before the reason', () => {
  expect(describeFailure(statusFailure(403), HOST, say('subject.key')).text).toBe(
    'The key does not load: 403, the provider refuses this player or this account.',
  );
  const circle = new ProxyError('ORIGIN_REDIRECTS', foreign('The provider redirects in a circle.'));
  expect(describeFailure(circle, HOST, say('subject.key')).text).toBe(
    'The key does not load: the provider redirects in a circle.',
  );
});

test('an address that nothing may reach is said in the words of the guard', () => {
  const refused = new ProxyError('ORIGIN_ADDRESS', foreign('The channel leads to an address inside the home.'));
  expect(describeFailure(refused, HOST, undefined).text).toBe('The channel leads to an address inside the home.');
});

test('only answers that may depend on the player are worth other headers', () => {
  const worth = [401, 403, 404, 406, 410, 429, 451, 500, 503].filter((status) => isRefusal(statusFailure(status)));
  expect(worth).toEqual([401, 403, 406, 451]);
  expect(isRefusal(systemFailure('ENOTFOUND'))).toBe(false);
});
