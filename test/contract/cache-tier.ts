import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Stored } from '../../main/cache/entry.ts';
import type { CacheTier } from '../../main/cache/tier.ts';

export const LONG_MS = 60_000;
const SHORT_MS = 60;

/** A response with everything a head can say. */
export function storedOf(body: Buffer, head: Partial<Stored['head']> = {}): Stored {
  return {
    head: {
      contentType: 'video/mp2t',
      contentEncoding: 'identity',
      etag: '"v1"',
      contentLength: body.length,
      range: { start: 1000, end: 1000 + body.length - 1, total: 123_456_789_012 },
      ...head,
    },
    body,
  };
}

/** Every value that a byte can have, in a body of that length. */
export function bodyOf(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => index + (index >> 8)));
}

/** What every tier does. */
export function behavesLikeACacheTier(useTier: () => Promise<AsyncDisposable & { tier: CacheTier }>): void {
  test.each([
    ['a segment', storedOf(bodyOf(1_500_000))],
    ['a key', storedOf(bodyOf(16))],
    ['an empty body', storedOf(Buffer.alloc(0), { range: undefined })],
    [
      'a part of something whose length nobody knows',
      storedOf(bodyOf(99), { range: { start: 1, end: 99, total: undefined } }),
    ],
    [
      'a body that nothing is known about',
      storedOf(bodyOf(300), {
        contentType: undefined,
        contentEncoding: undefined,
        etag: undefined,
        contentLength: undefined,
        range: undefined,
      }),
    ],
    ['a head that is not ASCII', storedOf(bodyOf(10), { etag: '"ç\x80 é \\" \t"' })],
  ])('gives back %s as it was', async (_, stored) => {
    await using opened = await useTier();
    const key = randomUUID();
    await opened.tier.set(key, stored, LONG_MS);
    const kept = await opened.tier.get(key);
    expect(kept?.head).toEqual(stored.head);
    expect(kept?.body.equals(stored.body)).toBe(true);
  });

  test('has nothing under a key that nobody set', async () => {
    await using opened = await useTier();
    expect(await opened.tier.get(randomUUID())).toBeUndefined();
  });

  test('tells keys apart that look alike', async () => {
    await using opened = await useTier();
    const key = randomUUID();
    const names = [key, `${key} `, `${key} bytes=0-9`, `${key}/频道`, key.toUpperCase()];
    for (const [index, name] of names.entries()) await opened.tier.set(name, storedOf(bodyOf(index + 1)), LONG_MS);
    for (const [index, name] of names.entries()) expect((await opened.tier.get(name))?.body.length).toBe(index + 1);
  });

  test('replaces a response', async () => {
    await using opened = await useTier();
    const key = randomUUID();
    await opened.tier.set(key, storedOf(Buffer.from('old')), LONG_MS);
    await opened.tier.set(key, storedOf(Buffer.from('new')), LONG_MS);
    expect((await opened.tier.get(key))?.body.toString()).toBe('new');
  });

  test('forgets a response when its time is over', async () => {
    await using opened = await useTier();
    const key = randomUUID();
    await opened.tier.set(key, storedOf(bodyOf(10)), SHORT_MS);
    await expect.poll(() => opened.tier.get(key), { timeout: 10_000, interval: 20 }).toBeUndefined();
  });
}
