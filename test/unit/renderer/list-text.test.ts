import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { decodeList, looksLikeList } from '../../../renderer/list-text.ts';

const LIST = '#EXTM3U\n#EXTINF:-1,央视频道 é\nhttp://a.example/1\n';

test.for(['utf8', 'utf16-le', 'utf16-be', 'gb18030'])('a list written in %s is read', (encoding) => {
  const bytes = iconv.encode(LIST, encoding, { addBOM: encoding.startsWith('utf16') });
  expect(decodeList(new Uint8Array(bytes)).replace('\uFEFF', '')).toBe(LIST);
});

test('a Western list in Latin 1 is read', () => {
  const text = '#EXTINF:-1,Télé\nhttp://a.example/1\n';
  expect(decodeList(new Uint8Array(iconv.encode(text, 'latin1')))).toBe(text);
});

test.for([
  ['#EXTM3U\n', true],
  ['News,#genre#\nOne,http://a.example/1', true],
  ['One,http://a.example/1', true],
  ['https://provider.example/list.m3u', false],
  ['hello', false],
] as const)('%j is a list: %s', ([text, isList]) => {
  expect(looksLikeList(text)).toBe(isList);
});
