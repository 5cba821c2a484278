import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSealer, type Resource } from '../../../main/proxy/sealed-url.ts';

const KEY = Buffer.alloc(32, 1);
const OTHER_KEY = Buffer.alloc(32, 2);

function resource(overrides: Partial<Resource> = {}): Resource {
  return {
    kind: 'segment',
    url: 'https://cdn.provider.example/live/bob/secret/1042.ts?token=eyJhbGci',
    source: 0,
    keyedByQuery: false,
    ranged: false,
    durationSeconds: 6.006,
    variables: new Map(),
    ...overrides,
  };
}

const anyUrl = fc
  .tuple(fc.webUrl(), fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }))
  .map(([base, path, query]) => {
    const url = new URL(base);
    url.pathname += path;
    url.search = query;
    return url.href;
  });

const anyResource: fc.Arbitrary<Resource> = fc.record({
  kind: fc.constantFrom('playlist', 'segment', 'key', 'data'),
  url: anyUrl,
  source: fc.integer({ min: 0, max: 99 }),
  keyedByQuery: fc.boolean(),
  ranged: fc.boolean(),
  durationSeconds: fc.option(
    fc.integer({ min: 0, max: 86_400_000 }).map((ms) => ms / 1000),
    { nil: undefined },
  ),
  variables: fc
    .array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), { maxLength: 3 })
    .map((pairs) => new Map(pairs)),
});

const refusal = expect.objectContaining({ code: 'UNKNOWN_RESOURCE' }) as Error;

describe('what is sealed', () => {
  const sealer = createSealer(KEY);

  test('opens to the same, whatever it is', () => {
    fc.assert(
      fc.property(anyResource, (original) => {
        expect(sealer.open('ch_news', sealer.seal('ch_news', original))).toEqual(original);
      }),
    );
  });

  test.each([undefined, 0, 0.001, 0.04, 1, 6.006, 9.97667, 3600.5, 86_400])('keeps a duration of %s s', (seconds) => {
    const sealed = sealer.seal('ch_news', resource({ durationSeconds: seconds }));
    expect(sealer.open('ch_news', sealed).durationSeconds).toBe(seconds);
  });

  test('seals to the same text every time and in every process, so that players and caches know it again', () => {
    expect(sealer.seal('ch_news', resource())).toBe(createSealer(Buffer.from(KEY)).seal('ch_news', resource()));
  });

  test('seals to another text when anything about it differs', () => {
    const variants = [
      resource(),
      resource({ kind: 'key' }),
      resource({ url: 'https://cdn.provider.example/live/bob/secret/1043.ts?token=eyJhbGci' }),
      resource({ keyedByQuery: true }),
      resource({ ranged: true }),
      resource({ durationSeconds: 6.007 }),
      resource({ durationSeconds: undefined }),
      resource({ variables: new Map([['a', 'b']]) }),
    ];
    const texts = variants.map((variant) => sealer.seal('ch_news', variant));
    expect(new Set([...texts, sealer.seal('ch_sport', resource())]).size).toBe(variants.length + 1);
  });

  test('fits into a URL as it is', () => {
    fc.assert(
      fc.property(anyResource, (original) => {
        expect(sealer.seal('ch_news', original)).toMatch(/^[A-Za-z0-9_-]+$/);
      }),
    );
  });

  test('cannot be read: neither the text nor its bytes hold a piece of the upstream URL', () => {
    const sealed = sealer.seal('ch_news', resource());
    for (const text of [sealed, Buffer.from(sealed, 'base64url').toString('latin1')]) {
      for (const piece of ['provider', 'bob', 'secret', '1042', 'token', 'eyJ', 'https'])
        expect(text).not.toContain(piece);
    }
  });
});

describe('what is refused', () => {
  const sealer = createSealer(KEY);

  test('a link of another channel', () => {
    const sealed = sealer.seal('ch_news', resource());
    expect(() => sealer.open('ch_sport', sealed)).toThrow(refusal);
    expect(() => sealer.open('ch_new', sealed)).toThrow(refusal);
  });

  test('a link with any bit flipped', () => {
    fc.assert(
      fc.property(anyResource, fc.nat(), (original, anyBit) => {
        const bytes = Buffer.from(sealer.seal('ch_news', original), 'base64url');
        const bit = anyBit % (bytes.length * 8);
        const index = bit >> 3;
        bytes[index] = (bytes[index] ?? 0) ^ (1 << (bit & 7));
        expect(() => sealer.open('ch_news', bytes.toString('base64url'))).toThrow(refusal);
      }),
    );
  });

  test('a link cut short or made longer', () => {
    const sealed = sealer.seal('ch_news', resource());
    for (let length = 0; length < sealed.length - 1; length += 1) {
      expect(() => sealer.open('ch_news', sealed.slice(0, length))).toThrow(refusal);
    }
    expect(() => sealer.open('ch_news', `${sealed}AAAA`)).toThrow(refusal);
  });

  test('whatever somebody makes up', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(() => sealer.open('ch_news', text)).toThrow(refusal);
        expect(() => sealer.open('ch_news', Buffer.from(text).toString('base64url'))).toThrow(refusal);
      }),
    );
  });

  test('a link of another installation', () => {
    const sealed = createSealer(OTHER_KEY).seal('ch_news', resource());
    expect(() => sealer.open('ch_news', sealed)).toThrow(refusal);
  });

  test('in a sentence that names no upstream URL', () => {
    const sealed = createSealer(OTHER_KEY).seal('ch_news', resource());
    expect(() => sealer.open('ch_news', sealed)).toThrow(/^(?!.*provider\.example).*load the channel again/);
  });
});

describe('another key', () => {
  test('seals as all relays with that key do, and what was sealed before still opens', () => {
    const sealer = createSealer(KEY);
    const before = sealer.seal('ch_news', resource());
    sealer.adopt(OTHER_KEY);
    const after = sealer.seal('ch_news', resource());
    expect(after).toBe(createSealer(OTHER_KEY).seal('ch_news', resource()));
    expect(sealer.open('ch_news', before)).toEqual(resource());
    expect(sealer.open('ch_news', after)).toEqual(resource());
  });

  test('that is the same key changes nothing', () => {
    const sealer = createSealer(KEY);
    const before = sealer.seal('ch_news', resource());
    sealer.adopt(KEY);
    expect(sealer.seal('ch_news', resource())).toBe(before);
  });

  test('may be changed back', () => {
    const sealer = createSealer(KEY);
    const first = sealer.seal('ch_news', resource());
    sealer.adopt(OTHER_KEY);
    const second = sealer.seal('ch_news', resource());
    sealer.adopt(KEY);
    expect(sealer.seal('ch_news', resource())).toBe(first);
    expect(sealer.open('ch_news', second)).toEqual(resource());
  });

  test('does not let a stranger in', () => {
    const sealer = createSealer(KEY);
    sealer.adopt(OTHER_KEY);
    const forged = createSealer(randomBytes(32)).seal('ch_news', resource());
    expect(() => sealer.open('ch_news', forged)).toThrow(refusal);
  });
});

test('a link has one spelling: what decoding would skip or ignore makes it another', () => {
  const sealer = createSealer(KEY);
  const sealed = sealer.seal('ch_one', resource());
  const last = sealed.at(-1) ?? '';
  const neighbour = String.fromCharCode(last.charCodeAt(0) ^ 1);
  const respelled = [
    `${sealed}=`,
    `${sealed}!`,
    ` ${sealed}`,
    `${sealed.slice(0, 9)}%${sealed.slice(9)}`,
    `${sealed}A`,
  ];
  for (const text of [
    ...respelled,
    sealed.slice(0, -1) + neighbour,
    sealed.replaceAll('-', '+').replaceAll('_', '/'),
  ]) {
    if (text === sealed) continue;
    expect(() => sealer.open('ch_one', text)).toThrow('This link is not one of ours');
  }
  expect(sealer.open('ch_one', sealed)).toEqual(resource());
});

test('a link that was sealed right but says nothing known is unknown, not a bug', () => {
  const sealer = createSealer(KEY);
  const odd = sealer.seal('ch_one', resource({ kind: 'segment', durationSeconds: Number.NaN }));
  expect(() => sealer.open('ch_one', odd)).toThrow('This link is not one of ours');
});

test('of many keys adopted in turn the newest few still open', () => {
  const sealer = createSealer(KEY);
  const first = sealer.seal('ch_one', resource());
  const keys = Array.from({ length: 40 }, (_, index) => Buffer.alloc(32, index + 2));
  for (const key of keys) sealer.adopt(key);
  expect(() => sealer.open('ch_one', first)).toThrow('This link is not one of ours');
  const recent = createSealer(keys.at(-2) ?? KEY).seal('ch_one', resource());
  expect(sealer.open('ch_one', recent)).toEqual(resource());
});
