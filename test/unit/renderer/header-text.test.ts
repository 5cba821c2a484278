import { expect, test } from 'vitest';
import { parseHeaders, printHeaders } from '../../../renderer/header-text.ts';

test('headers are read from lines and written as lines', () => {
  const text = 'User-Agent: VLC/3.0.21\nReferer: https://a.example/';
  expect(parseHeaders(`\n${text}\n`)).toEqual({ 'User-Agent': 'VLC/3.0.21', Referer: 'https://a.example/' });
  expect(printHeaders(parseHeaders(text) ?? {})).toBe(text);
});

test.for(['no colon', 'Name:', 'a b: c', ': value'])('%j is no header', (text) => {
  expect(parseHeaders(text)).toBeNull();
});
