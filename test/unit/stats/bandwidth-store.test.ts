import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  BANDWIDTH_KEY,
  createBandwidthStore,
  mergeRelays,
  type HashStore,
} from '../../../main/stats/bandwidth-store.ts';

const OWN = {
  source_bytes: 1000,
  client_bytes: 5000,
  source_bytes_per_second: 10,
  client_bytes_per_second: 50,
};

/** What another relay wrote at a time. */
function relayFields(id: string, updatedAt: number): Record<string, string> {
  const fields = { ...OWN, updated_at: updatedAt };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`relay:${id}:${name}`, String(value)]));
}

describe('the hash that other programs read', () => {
  test('holds one relay alone as its own sum', () => {
    const { fields, removed } = mergeRelays({}, { relayId: 'a', own: OWN, at: 100_000 });
    expect(fields).toEqual({
      ...OWN,
      relays: 1,
      updated_at: 100_000,
      'relay:a:source_bytes': 1000,
      'relay:a:client_bytes': 5000,
      'relay:a:source_bytes_per_second': 10,
      'relay:a:client_bytes_per_second': 50,
      'relay:a:updated_at': 100_000,
    });
    expect(removed).toEqual([]);
  });

  test('sums up all relays, this one as it is now and not as it was', () => {
    const hash = { ...relayFields('a', 99_000), ...relayFields('b', 99_500), source_bytes: '7', relays: '9' };
    const own = { ...OWN, client_bytes: 6000 };
    const { fields } = mergeRelays(hash, { relayId: 'a', own, at: 100_000 });
    expect(fields).toMatchObject({
      relays: 2,
      source_bytes: 2000,
      client_bytes: 11_000,
      client_bytes_per_second: 100,
      'relay:a:client_bytes': 6000,
    });
  });

  test('forgets a relay that has been silent for a minute, and leaves what another one wrote alone', () => {
    const hash = { ...relayFields('gone', 39_999), ...relayFields('b', 40_001) };
    const { fields, removed } = mergeRelays(hash, { relayId: 'a', own: OWN, at: 100_000 });
    expect(fields).toMatchObject({ relays: 2, source_bytes: 2000 });
    expect(new Set(removed)).toEqual(new Set(Object.keys(relayFields('gone', 0))));
    expect(Object.keys(fields).filter((name) => name.startsWith('relay:b:'))).toEqual([]);
  });

  test('is not spoilt by what is no number', () => {
    const hash = { ...relayFields('b', 99_000), 'relay:b:source_bytes': 'lots' };
    const { fields } = mergeRelays(hash, { relayId: 'a', own: OWN, at: 100_000 });
    expect(fields).toMatchObject({ source_bytes: 1000, client_bytes: 10_000 });
  });

  test('is not spoilt for ever by a relay that somebody made up', () => {
    const lies = {
      'relay:b:source_bytes': '1e400',
      'relay:b:client_bytes': '-5',
      'relay:c:updated_at': '9'.repeat(300),
    };
    const hash = { ...relayFields('b', 99_000), ...lies, ...relayFields('future', 99_000_000) };
    const { fields, removed } = mergeRelays(hash, { relayId: 'a', own: OWN, at: 100_000 });
    expect(fields).toMatchObject({ relays: 2, source_bytes: 1000, client_bytes: 5000 });
    expect(new Set(removed)).toEqual(new Set([...Object.keys(relayFields('future', 0)), 'relay:c:updated_at']));
  });
});

describe('the writer', () => {
  afterEach(() => void vi.useRealTimers());

  test('writes once a second what has flowed and how fast, to live for a minute', async () => {
    vi.useFakeTimers();
    const totals = { fromSource: 0, toClients: 0 };
    const hash: Record<string, string> = {};
    const expiries: number[] = [];
    const store: HashStore = {
      readHash: (key) => Promise.resolve(key === BANDWIDTH_KEY ? { ...hash } : {}),
      writeHash: async (_key, fields, removed, ttlMs) => {
        for (const [name, value] of Object.entries(fields)) hash[name] = String(value);
        for (const name of removed) delete hash[name];
        expiries.push(ttlMs);
      },
      delete: () => Promise.reject(new Error('not asked for')),
    };
    const part = createBandwidthStore({
      store: () => store,
      totals: () => ({ ...totals }),
      relayId: 'a',
      now: Date.now,
      steady: Date.now,
    });
    await part.start?.();
    totals.fromSource = 1_000;
    totals.toClients = 3_000;
    await vi.advanceTimersByTimeAsync(1_000);
    totals.toClients = 10_000;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(hash).toMatchObject({
      source_bytes: '1000',
      client_bytes: '10000',
      source_bytes_per_second: '0',
      client_bytes_per_second: '7000',
      relays: '1',
    });
    expect(expiries).toEqual([60_000, 60_000]);

    await part.stop?.();
    totals.toClients = 20_000;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(hash).toMatchObject({ client_bytes: '10000' });
  });

  test('says how fast also while the clock is set back', async () => {
    vi.useFakeTimers();
    const written: Record<string, string | number>[] = [];
    const store: HashStore = {
      readHash: () => Promise.resolve({}),
      writeHash: async (_key, fields) => void written.push(fields),
      delete: () => Promise.reject(new Error('not asked for')),
    };
    const startedAt = Date.now();
    const totals = { fromSource: 0, toClients: 0 };
    const part = createBandwidthStore({
      store: () => store,
      totals: () => ({ ...totals }),
      relayId: 'a',
      now: () => startedAt - Date.now(),
      steady: Date.now,
    });
    await part.start?.();
    totals.toClients = 7_000;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toMatchObject([{ client_bytes_per_second: 7_000 }]);
    await part.stop?.();
  });

  test('begins anew where somebody made it longer than relays do', async () => {
    vi.useFakeTimers();
    const calls: string[] = [];
    const store: HashStore = {
      readHash: () => Promise.resolve(undefined),
      writeHash: async (_key, fields) => void calls.push(`write ${fields['relays']}`),
      delete: async (key) => void calls.push(`delete ${key}`),
    };
    const totals = () => ({ fromSource: 0, toClients: 0 });
    const part = createBandwidthStore({ store: () => store, totals, relayId: 'a', now: Date.now, steady: Date.now });
    await part.start?.();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(calls).toEqual([`delete ${BANDWIDTH_KEY}`, 'write 1']);
    await part.stop?.();
  });

  test('goes on when the store fails, and its rates do not count the pause twice', async () => {
    vi.useFakeTimers();
    const totals = { fromSource: 0, toClients: 0 };
    const written: Record<string, string | number>[] = [];
    let isAway = true;
    const store: HashStore = {
      readHash: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve({})),
      writeHash: async (_key, fields) => void written.push(fields),
      delete: () => Promise.resolve(),
    };
    const part = createBandwidthStore({
      store: () => store,
      totals: () => ({ ...totals }),
      relayId: 'a',
      now: Date.now,
      steady: Date.now,
    });
    await part.start?.();
    totals.fromSource = 4_000;
    await vi.advanceTimersByTimeAsync(3_000);
    isAway = false;
    totals.fromSource = 4_500;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(written).toHaveLength(1);
    expect(written[0]).toMatchObject({ source_bytes: 4_500, source_bytes_per_second: 500 });
    await part.stop?.();
  });
});
