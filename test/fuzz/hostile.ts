import fc from 'fast-check';

/** Must not be in any answer. */
export const SECRET = 'pa55word';

/** Addresses that lead nowhere, so that no run ever leaves this machine. */
export const NOWHERE = [
  `http://user:${SECRET}@127.0.0.1:9/live.m3u8`,
  'http://127.0.0.1:9/',
  'redis://127.0.0.1:9',
] as const;

/** Text that programs have stumbled over. */
export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom<string>(
    '',
    ' ',
    '\0',
    '\r\nHost: x',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    "'; DROP TABLE channels; --",
  ),
  fc.constantFrom<string>('%', '_', 'ch_', 'ch_one', '\ud800', '\u202eabc', 'a'.repeat(5_000), ...NOWHERE),
);

/** Anything but what was asked for. */
export const hostile = fc.oneof(
  hostileText,
  fc.constantFrom<unknown>(null, -1, 0, 1.5, 1e308, Number.MAX_SAFE_INTEGER, true, [], {}, [[]], { toString: 1 }),
  fc.jsonValue({ maxDepth: 3 }),
);
