import type { Random } from './random.ts';

const INTERESTING: readonly [string, ...string[]] = [
  ...([
    '\0',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '"',
    "'",
    ',',
    '=',
    '#',
    '?',
    '&',
    '%',
    '%00',
    '%2e%2e',
    '../',
    '//',
    '\\',
    '{',
    '[',
    ']',
  ] as const),
  ...['-1', '0', '1e999', '99999999999999999999', 'NaN', 'null', 'true', '__proto__', 'constructor'],
  ...[
    '\ufeff',
    '中',
    '\u202e',
    '\xff',
    '<script>',
    '${a}',
    '{$a}',
    'http://',
    'http://[::1]/',
    'javascript:',
    '\x1f\x8b',
    'PK\x03\x04',
  ],
];

const MAX_CHANGES = 6;

/** Another input made from what is known: some bytes changed, doubled, taken out, or another's put in. */
export function mutate(
  corpus: readonly [Buffer, ...Buffer[]],
  { random, dictionary, maxBytes }: { random: Random; dictionary: readonly string[]; maxBytes: number },
): Buffer {
  let bytes = Buffer.from(random.pick(corpus));
  for (let changes = 1 + random.below(MAX_CHANGES); changes > 0; changes -= 1) {
    bytes = changeOnce(bytes, corpus, random, dictionary);
  }
  return bytes.subarray(0, maxBytes);
}

function changeOnce(
  bytes: Buffer<ArrayBuffer>,
  corpus: readonly [Buffer, ...Buffer[]],
  random: Random,
  dictionary: readonly string[],
): Buffer<ArrayBuffer> {
  const at = random.below(bytes.length + 1);
  const end = Math.min(bytes.length, at + 1 + random.below(16));
  const put = (piece: Buffer, until = at): Buffer<ArrayBuffer> =>
    Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(until)]);
  switch (random.below(8)) {
    case 0:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
      return bytes;
    case 1:
      if (at < bytes.length) bytes[at] = random.below(256);
      return bytes;
    case 2:
      return put(Buffer.alloc(0), end);
    case 3:
      return put(bytes.subarray(at, end));
    case 4:
      return put(Buffer.from(random.pick(INTERESTING)));
    case 5:
      return put(Buffer.from(random.pick([random.pick(INTERESTING), ...dictionary])), end);
    case 6: {
      const other = random.pick(corpus);
      const from = random.below(other.length + 1);
      return put(other.subarray(from, from + 1 + random.below(64)));
    }
    default:
      return put(Buffer.concat(Array.from({ length: 1 + random.below(200) }, () => bytes.subarray(at, end))));
  }
}
