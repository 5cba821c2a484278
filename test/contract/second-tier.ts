import { randomUUID } from 'node:crypto';
import { test } from 'vitest';
import type { Stored } from '../../main/cache/entry.ts';
import { createRedisTier, type ByteStore } from '../../main/cache/redis-tier.ts';
import type { Lease, SecondTier } from '../../main/cache/tier.ts';
import { behavesLikeACacheTier, bodyOf, LONG_MS, storedOf } from './cache-tier.ts';

const MAX_BODY_BYTES = 2_000_000;
const SEGMENT = storedOf(bodyOf(5000));

/** A relay's tier over a store that all of them share. */
function tierOf(client: ByteStore, { relayId = randomUUID(), now = Date.now } = {}): SecondTier {
  return createRedisTier({ store: () => ({ client, isShared: true }), relayId, maxBodyBytes: MAX_BODY_BYTES, now });
}

function leaseOf(found: Stored | Lease): Lease {
  if ('body' in found) throw new Error('it was there already');
  return found;
}

/** What became of a promise so far. */
function watch<T>(promise: Promise<T>): { readonly value: T | undefined } {
  const watched: { value: T | undefined } = { value: undefined };
  void promise.then((value) => void (watched.value = value));
  return watched;
}

const aWhile = () => new Promise((resolve) => setTimeout(resolve, 300));

/** What every second tier does, alone and between several relays on one store. */
export function behavesLikeASecondTier(useStore: () => Promise<AsyncDisposable & { client: ByteStore }>): void {
  behavesLikeACacheTier(async () => {
    const store = await useStore();
    return { tier: tierOf(store.client), [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  });

  test('does not keep what is too big to be worth it', async ({ expect }) => {
    await using store = await useStore();
    const tier = tierOf(store.client);
    await tier.set('large', storedOf(bodyOf(MAX_BODY_BYTES + 1)), LONG_MS);
    expect(await tier.get('large')).toBeUndefined();
  });

  test('takes a damaged value for none', async ({ expect }) => {
    await using store = await useStore();
    const key = randomUUID();
    await tierOf(store.client).set(key, SEGMENT, LONG_MS);
    const damages: ((value: Buffer) => Buffer)[] = [
      (value) => Buffer.concat([value, Buffer.from('x')]),
      (value) => value.subarray(0, -1),
      (value) => Buffer.concat([value.subarray(0, -1), Buffer.from('\0')]),
      () => Buffer.from('somebody else wrote this'),
      () => Buffer.alloc(0),
    ];
    for (const damage of damages) {
      const damaged: ByteStore = {
        ...store.client,
        get: async (name) => {
          const value = await store.client.get(name);
          return value && damage(Buffer.from(value));
        },
      };
      expect(await tierOf(damaged).get(key)).toBeUndefined();
      leaseOf(await tierOf(damaged).lookUp(key)).end(undefined, 0);
    }
    expect(await tierOf(store.client).get(key)).toEqual(SEGMENT);
  });

  test('forgets at once what is dropped', async ({ expect }) => {
    await using store = await useStore();
    const key = randomUUID();
    const tier = tierOf(store.client);
    await tier.set(key, SEGMENT, LONG_MS);
    const dropped = tier.drop(key);
    leaseOf(await tier.lookUp(key)).end(undefined, 0);
    await dropped;
    expect(await tier.get(key)).toBeUndefined();
  });

  test('gives every relay what one of them has loaded', async ({ expect }) => {
    await using store = await useStore();
    const key = randomUUID();
    const [first, second] = [tierOf(store.client), tierOf(store.client)];
    leaseOf(await first.lookUp(key)).end(SEGMENT, LONG_MS);
    await expect.poll(() => second.get(key), { timeout: 10_000 }).toEqual(SEGMENT);
    expect(await second.lookUp(key)).toEqual(SEGMENT);
  });

  test.concurrent('lets one relay load while the others wait for what it brings', async ({ expect }) => {
    await using store = await useStore();
    const key = randomUUID();
    const relays = Array.from({ length: 5 }, () => tierOf(store.client));
    const lookUps = relays.map((relay) => watch(relay.lookUp(key)));
    await aWhile();
    const found = lookUps.flatMap(({ value }) => (value === undefined ? [] : [value]));
    expect(found).toHaveLength(1);
    for (const one of found) leaseOf(one).end(SEGMENT, LONG_MS);
    await expect
      .poll(() => lookUps.filter(({ value }) => value !== undefined && 'body' in value).length, { timeout: 10_000 })
      .toBe(4);
    for (const { value } of lookUps) if (value && 'body' in value) expect(value).toEqual(SEGMENT);
  });

  test('lets relays load different things at the same time', async ({ expect }) => {
    await using store = await useStore();
    const [first, second] = [tierOf(store.client), tierOf(store.client)];
    const found = await Promise.all([first.lookUp(randomUUID()), second.lookUp(randomUUID())]);
    for (const one of found) {
      expect(one).toHaveProperty('end');
      leaseOf(one).end(undefined, 0);
    }
  });

  test.concurrent('passes the task on when a relay brings nothing', async ({ expect }) => {
    await using store = await useStore();
    const key = randomUUID();
    const lease = leaseOf(await tierOf(store.client).lookUp(key));
    const waiting = watch(tierOf(store.client).lookUp(key));
    await aWhile();
    expect(waiting.value).toBeUndefined();
    lease.end(undefined, 0);
    await expect.poll(() => waiting.value, { timeout: 10_000 }).toHaveProperty('end');
    if (waiting.value) leaseOf(waiting.value).end(undefined, 0);
  });

  test.concurrent('waits for a slow relay as long as that is alive', async ({ expect }) => {
    await using store = await useStore();
    const key = randomUUID();
    const lease = leaseOf(await tierOf(store.client).lookUp(key));
    const waiting = watch(tierOf(store.client).lookUp(key));
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(waiting.value).toBeUndefined();
    lease.end(SEGMENT, LONG_MS);
    await expect.poll(() => waiting.value, { timeout: 10_000 }).toEqual(SEGMENT);
  });

  test.concurrent('passes the task on when the relay that has it dies', async ({ expect }) => {
    await using store = await useStore();
    const key = randomUUID();
    const dying: ByteStore = { ...store.client, renew: () => Promise.reject(new Error('dead')) };
    leaseOf(await tierOf(dying).lookUp(key));
    const heir = await tierOf(store.client).lookUp(key);
    leaseOf(heir).end(SEGMENT, LONG_MS);
    await expect.poll(() => tierOf(store.client).get(key), { timeout: 10_000 }).toEqual(SEGMENT);
  });

  test.concurrent('does not wait longer than a viewer would for a relay that never ends', async ({ expect }) => {
    await using store = await useStore();
    const key = randomUUID();
    const clock = { ms: 1_000_000 };
    const lease = leaseOf(await tierOf(store.client).lookUp(key));
    const waiting = watch(tierOf(store.client, { now: () => clock.ms }).lookUp(key));
    await aWhile();
    expect(waiting.value).toBeUndefined();
    clock.ms += 10_000;
    await expect.poll(() => waiting.value, { timeout: 10_000 }).toHaveProperty('end');
    lease.end(undefined, 0);
  });

  test.concurrent('leaves the task with the new owner when the old one comes back late', async ({ expect }) => {
    await using store = await useStore();
    const key = randomUUID();
    const dying: ByteStore = { ...store.client, renew: () => Promise.reject(new Error('asleep')) };
    const lost = leaseOf(await tierOf(dying).lookUp(key));
    const heir = leaseOf(await tierOf(store.client).lookUp(key));
    lost.end(undefined, 0);
    await aWhile();
    const waiting = watch(tierOf(store.client).lookUp(key));
    await aWhile();
    expect(waiting.value).toBeUndefined();
    heir.end(SEGMENT, LONG_MS);
    await expect.poll(() => waiting.value, { timeout: 10_000 }).toEqual(SEGMENT);
  });
}
