import { expect, test } from 'vitest';
import { createFormat, savedRatio } from '../../../renderer/format.ts';

const english = createFormat('en');
const chinese = createFormat('zh');

test.for([
  [0, '0 bit/s'],
  [125, '1.0 kbit/s'],
  [1_234_567, '9.9 Mbit/s'],
  [12_400_000, '99.2 Mbit/s'],
  [12_499_999, '100 Mbit/s'],
  [250_000_000, '2.0 Gbit/s'],
])('%d bytes per second are %s', ([bytesPerSecond, text]) => {
  expect(english.bitRate(Number(bytesPerSecond))).toBe(text);
});

test('an axis shows round numbers without a zero after the point', () => {
  expect(english.roundBitRate(2_500_000)).toBe('20 Mbit/s');
  expect(english.roundBitRate(312_500)).toBe('2.5 Mbit/s');
});

test.for([
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_500_000_000, '1.5 GB'],
  [227_000_000_000, '227 GB'],
])('%d bytes are %s', ([bytes, text]) => {
  expect(english.bytes(Number(bytes))).toBe(text);
});

test('numbers, percentages and dates follow the language', () => {
  expect(english.count(100_000)).toBe('100,000');
  expect(english.percent(0.664)).toBe('66%');
  const evening = new Date(2026, 10, 22, 21, 4, 37).getTime();
  expect(english.clock(evening)).toBe('21:04');
  expect(english.dateAndTime(evening)).toBe('Nov 22, 21:04');
  expect(chinese.dateAndTime(evening)).toBe('11月22日 21:04');
});

test('what the cache saved is the part that the provider did not have to send', () => {
  expect(savedRatio({ fromSource: 25, toClients: 100 })).toBe(0.75);
});

test('the cache saved nothing when more was fetched than watched, and nothing is known before anything flowed', () => {
  expect(savedRatio({ fromSource: 120, toClients: 100 })).toBe(0);
  expect(savedRatio({ fromSource: 10, toClients: 0 })).toBeNull();
});
