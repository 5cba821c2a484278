import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { StoreClient } from '../../main/store/store-client.ts';

/** Long enough for a test never to see it end. */
const LONG_MS = 60_000;
/** Short enough to wait for. */
const SHORT_MS = 60;
const POLL = { timeout: 10_000, interval: 20 };

/** What every store does that the relay may use, whoever keeps the bytes. */
export function behavesLikeAStoreClient(useClient: () => Promise<AsyncDisposable & { client: StoreClient }>): void {
  test('keeps bytes exactly as they are', async () => {
    await using store = await useClient();
    const everyByte = Buffer.from(Uint8Array.from({ length: 256 }, (_, byte) => byte));
    const values = [everyByte, Buffer.alloc(1), Buffer.concat(Array.from({ length: 8192 }, () => everyByte))];
    for (const value of values) {
      const key = randomUUID();
      await store.client.set(key, value, LONG_MS);
      const kept = await store.client.get(key);
      expect(kept?.equals(value)).toBe(true);
    }
  });

  test('keeps text as UTF-8', async () => {
    await using store = await useClient();
    const key = randomUUID();
    await store.client.set(key, 'Füßchen 频道', LONG_MS);
    expect((await store.client.get(key))?.toString()).toBe('Füßchen 频道');
  });

  test('has nothing under a key that nobody set', async () => {
    await using store = await useClient();
    const key = randomUUID();
    expect(await store.client.get(key)).toBeUndefined();
    expect(await store.client.exists(key)).toBe(false);
    expect(await store.client.readHash(key)).toEqual({});
  });

  test('replaces a value, and how long it lives', async () => {
    await using store = await useClient();
    const key = randomUUID();
    await store.client.set(key, 'old', SHORT_MS);
    await store.client.set(key, 'new', LONG_MS);
    await new Promise((resolve) => setTimeout(resolve, SHORT_MS * 2));
    expect((await store.client.get(key))?.toString()).toBe('new');
  });

  test('forgets a value when its time is over', async () => {
    await using store = await useClient();
    const key = randomUUID();
    await store.client.set(key, 'value', SHORT_MS);
    await expect.poll(() => store.client.get(key), POLL).toBeUndefined();
    expect(await store.client.exists(key)).toBe(false);
  });

  test('forgets all that begins alike, and nothing else', async () => {
    await using store = await useClient();
    const prefix = `${randomUUID()}:`;
    const other = randomUUID();
    const keys = Array.from({ length: 1200 }, (_, index) => `${prefix}${index}`);
    await Promise.all([...keys, other].map((key) => store.client.set(key, 'value', LONG_MS)));
    await store.client.deleteAll(prefix);
    expect(await store.client.get(`${prefix}0`)).toBeUndefined();
    expect(await store.client.get(`${prefix}1199`)).toBeUndefined();
    expect((await store.client.get(other))?.toString()).toBe('value');
  });

  test('forgets a value that is deleted, for whoever reads it next', async () => {
    await using store = await useClient();
    const key = randomUUID();
    await store.client.set(key, 'value', LONG_MS);
    const deleted = store.client.delete(key);
    expect(await store.client.get(key)).toBeUndefined();
    await deleted;
    await store.client.delete(key);
    expect(await store.client.exists(key)).toBe(false);
  });

  test('gives a lock to one of many who claim it at the same time', async () => {
    await using store = await useClient();
    const key = randomUUID();
    const owners = Array.from({ length: 10 }, (_, index) => `relay ${index}`);
    const claims = await Promise.all(owners.map((owner) => store.client.claim(key, owner, LONG_MS)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await store.client.exists(key)).toBe(true);
  });

  test('lets only its owner renew or release a lock', async () => {
    await using store = await useClient();
    const key = randomUUID();
    await store.client.claim(key, 'owner', LONG_MS);
    expect(await store.client.renew(key, 'stranger', LONG_MS)).toBe(false);
    await store.client.release(key, 'stranger');
    expect(await store.client.claim(key, 'stranger', LONG_MS)).toBe(false);
    expect(await store.client.renew(key, 'owner', LONG_MS)).toBe(true);
    await store.client.release(key, 'owner');
    expect(await store.client.exists(key)).toBe(false);
    expect(await store.client.claim(key, 'stranger', LONG_MS)).toBe(true);
  });

  test('frees a lock whose owner vanished, and the owner learns that it is gone', async () => {
    await using store = await useClient();
    const key = randomUUID();
    await store.client.claim(key, 'owner', SHORT_MS);
    await expect.poll(() => store.client.claim(key, 'heir', LONG_MS), POLL).toBe(true);
    expect(await store.client.renew(key, 'owner', LONG_MS)).toBe(false);
    await store.client.release(key, 'owner');
    expect(await store.client.exists(key)).toBe(true);
  });

  test('keeps a lock that is renewed', async () => {
    await using store = await useClient();
    const key = randomUUID();
    await store.client.claim(key, 'owner', 500);
    expect(await store.client.renew(key, 'owner', LONG_MS)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await store.client.claim(key, 'stranger', LONG_MS)).toBe(false);
  });

  test('keeps a hash field by field', async () => {
    await using store = await useClient();
    const key = randomUUID();
    await store.client.writeHash(key, { a: 1, b: 'two' }, [], LONG_MS);
    await store.client.writeHash(key, { b: 2, c: 3 }, ['a', 'never there'], LONG_MS);
    expect(await store.client.readHash(key)).toEqual({ b: '2', c: '3' });
  });

  test('forgets a hash that is not written again in time', async () => {
    await using store = await useClient();
    const key = randomUUID();
    await store.client.writeHash(key, { a: 1 }, [], SHORT_MS);
    await expect.poll(() => store.client.readHash(key), POLL).toEqual({});
  });
}
