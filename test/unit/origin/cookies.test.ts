import { expect, test } from 'vitest';
import { createCookies } from '../../../main/origin/cookies.ts';

const AT = new URL('http://provider.example/live/1.m3u8');

test('a flood of cookies fills neither the memory nor the next request', () => {
  const cookies = createCookies();
  for (let index = 0; index < 5_000; index += 1) cookies.learn(AT, `c${index}=${'x'.repeat(500)}; Path=/`);
  expect(cookies.headerFor(AT, undefined)?.length ?? 0).toBeLessThanOrEqual(8192);
  cookies.learn(AT, 'session=1; Path=/');
  expect(cookies.headerFor(AT, undefined)).toBeDefined();
});

test('a cookie longer than any browser takes is not kept, and the others are', () => {
  const cookies = createCookies();
  cookies.learn(AT, [`long=${'x'.repeat(5_000)}; Path=/`, 'session=1; Path=/']);
  expect(cookies.headerFor(AT, 'own=2')).toBe('own=2; session=1');
});

test('a provider that renews its cookie for days keeps it', () => {
  const cookies = createCookies();
  for (let index = 0; index < 1_000; index += 1) cookies.learn(AT, `session=${index}; Path=/`);
  expect(cookies.headerFor(AT, undefined)).toBe('session=999');
});
