import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Recording, Stored } from '../../../main/cache/entry.ts';
import { createMemoryTier } from '../../../main/cache/memory-tier.ts';
import { createResponseCache, type Load, type Opened } from '../../../main/cache/response-cache.ts';
import type { Lease, SecondTier } from '../../../main/cache/tier.ts';
import { ProxyError } from '../../../main/errors.ts';
import { headOf, OPEN_VALVE, patternedBytes, readEntry } from './recordings.ts';
import { foreign } from '../../../shared/sentence.ts';

const TTL_MS = 60_000;
const MAX_ENTRY_BYTES = 100_000;
const BODY = patternedBytes(3000);
const RESET = new ProxyError('ORIGIN_UNREACHABLE', foreign('the connection to the provider broke'));

/** A second tier that never has anything, and notes how its leases end. */
function emptySecondTier(): SecondTier & { ends: (Stored | undefined)[]; dropped: string[] } {
  const ends: (Stored | undefined)[] = [];
  const dropped: string[] = [];
  return {
    ends,
    dropped,
    get: () => Promise.resolve(undefined),
    set: () => Promise.resolve(),
    drop: async (key) => void dropped.push(key),
    clear: async () => void dropped.push('*'),
    lookUp: () => Promise.resolve({ end: (stored) => void ends.push(stored) }),
  };
}

/** An origin whose loads are steered by the test. */
function createLoads() {
  const recordings: Recording[] = [];
  const counts = { started: 0, givenUp: 0 };
  const load: Load = (recording) => {
    counts.started += 1;
    recordings.push(recording);
    return () => void (counts.givenUp += 1);
  };
  const latest = (): Recording => {
    const recording = recordings.at(-1);
    if (recording === undefined) throw new Error('nothing was loaded');
    return recording;
  };
  return { load, counts, latest };
}

function createCache(secondTier: SecondTier = emptySecondTier()) {
  const memory = createMemoryTier({ maxBytes: 1_000_000, maxEntryBytes: MAX_ENTRY_BYTES, now: Date.now });
  const cache = createResponseCache({ memory, secondTier, maxEntryBytes: MAX_ENTRY_BYTES });
  return { cache, memory, ...createLoads() };
}

function entryOf(opened: Opened) {
  if (!('entry' in opened)) throw new Error('it was there already');
  return opened.entry;
}

function deliver(recording: Recording, body: Buffer): void {
  recording.begin(headOf({ contentLength: body.length }), OPEN_VALVE);
  recording.append(body);
  recording.finish();
}

/** Lets everything happen that needs no time. */
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('one load serves everybody', () => {
  test('who asks at the same time', async () => {
    const { cache, load, counts, latest } = createCache();
    const opened = Array.from({ length: 50 }, () => cache.open('a', TTL_MS, load));
    expect(opened.map(({ outcome }) => outcome)).toEqual(['miss', ...Array.from({ length: 49 }, () => 'coalesced')]);
    const readers = opened.map((one) => readEntry(entryOf(one)));
    await settle();
    deliver(latest(), BODY);
    expect(counts.started).toBe(1);
    for (const reader of readers) expect(reader).toMatchObject({ state: 'complete', bytes: BODY });
  });

  test('who joins after the body has begun', async () => {
    const { cache, load, counts, latest } = createCache();
    cache.open('a', TTL_MS, load);
    await settle();
    latest().begin(headOf(), OPEN_VALVE);
    latest().append(BODY.subarray(0, 1000));
    const late = cache.open('a', TTL_MS, load);
    expect(late.outcome).toBe('coalesced');
    const reader = readEntry(entryOf(late));
    expect(reader.bytes.length).toBe(1000);
    latest().append(BODY.subarray(1000));
    latest().finish();
    expect(reader).toMatchObject({ state: 'complete', bytes: BODY });
    expect(counts.started).toBe(1);
  });

  test('who asks afterwards, out of memory, as long as it may be reused', async () => {
    const { cache, load, counts, latest } = createCache();
    cache.open('a', TTL_MS, load);
    await settle();
    deliver(latest(), BODY);
    expect(cache.open('a', TTL_MS, load)).toMatchObject({ outcome: 'hit-memory', stored: { body: BODY } });
    await vi.advanceTimersByTimeAsync(TTL_MS);
    expect(cache.open('a', TTL_MS, load).outcome).toBe('hit-memory');
    await vi.advanceTimersByTimeAsync(2);
    expect(cache.open('a', TTL_MS, load).outcome).toBe('miss');
    await settle();
    expect(counts.started).toBe(2);
  });

  test('but not who asks for something else', async () => {
    const { cache, load, counts } = createCache();
    cache.open('a', TTL_MS, load);
    expect(cache.open('b', TTL_MS, load).outcome).toBe('miss');
    await settle();
    expect(counts.started).toBe(2);
  });

  test('and the cache knows what it has or will have', async () => {
    const { cache, load, latest } = createCache();
    expect(cache.has('a')).toBe(false);
    cache.open('a', TTL_MS, load);
    expect(cache.has('a')).toBe(true);
    await settle();
    deliver(latest(), BODY);
    expect(cache.has('a')).toBe(true);
  });
});

describe('a load that fails', () => {
  test('is told to all who wait for it, is not kept, and the next request loads again', async () => {
    const { cache, load, counts, latest, memory } = createCache();
    const opened = Array.from({ length: 50 }, () => entryOf(cache.open('a', TTL_MS, load)));
    const answers = Promise.allSettled(opened.map((entry) => entry.ready));
    await settle();
    latest().fail(RESET);
    expect((await answers).map((answer) => answer.status)).toEqual(Array.from({ length: 50 }, () => 'rejected'));
    expect(memory.entries).toBe(0);

    const again = cache.open('a', TTL_MS, load);
    expect(again.outcome).toBe('miss');
    const reader = readEntry(entryOf(again));
    await settle();
    deliver(latest(), BODY);
    expect(reader).toMatchObject({ state: 'complete', bytes: BODY });
    expect(counts.started).toBe(2);
  });

  test('in the middle keeps nothing of it', async () => {
    const secondTier = emptySecondTier();
    const { cache, load, latest, memory } = createCache(secondTier);
    const reader = readEntry(entryOf(cache.open('a', TTL_MS, load)));
    await settle();
    latest().begin(headOf({ contentLength: BODY.length }), OPEN_VALVE);
    latest().append(BODY.subarray(0, 2000));
    latest().fail(RESET);
    expect(reader.state).toBe('failed');
    expect(memory.entries).toBe(0);
    expect(secondTier.ends).toEqual([undefined]);
    expect(cache.has('a')).toBe(false);
  });
});

describe('a load that nobody waits for any more', () => {
  test('goes on for a moment, and is given up when nobody comes back', async () => {
    const { cache, load, counts, latest } = createCache();
    const entry = entryOf(cache.open('a', TTL_MS, load));
    entry.retain();
    await settle();
    latest().begin(headOf(), OPEN_VALVE);
    entry.release();
    await vi.advanceTimersByTimeAsync(500);
    expect(entry.hasFailed).toBe(false);
    await vi.advanceTimersByTimeAsync(1000);
    expect(entry.hasFailed).toBe(true);
    expect(counts.givenUp).toBe(1);
    expect(cache.has('a')).toBe(false);
  });

  test('goes on when somebody comes back in time', async () => {
    const { cache, load, counts, latest } = createCache();
    const entry = entryOf(cache.open('a', TTL_MS, load));
    entry.retain();
    await settle();
    entry.release();
    await vi.advanceTimersByTimeAsync(500);
    const again = entryOf(cache.open('a', TTL_MS, load));
    again.retain();
    await vi.advanceTimersByTimeAsync(10_000);
    deliver(latest(), BODY);
    expect(again.stored?.body).toEqual(BODY);
    expect(counts).toEqual({ started: 1, givenUp: 0 });
  });

  test('while one TV is still there goes on, whoever else leaves', async () => {
    const { cache, load, counts } = createCache();
    const entries = [1, 2, 3].map(() => entryOf(cache.open('a', TTL_MS, load)));
    for (const entry of entries) entry.retain();
    await settle();
    entries[0]?.release();
    entries[1]?.release();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(counts.givenUp).toBe(0);
  });

  test('before it has begun is never begun', async () => {
    const found = Promise.withResolvers<Lease>();
    const ends: (Stored | undefined)[] = [];
    const secondTier = { ...emptySecondTier(), lookUp: () => found.promise };
    const { cache, load, counts } = createCache(secondTier);
    const entry = entryOf(cache.open('a', TTL_MS, load));
    entry.retain();
    entry.release();
    await vi.advanceTimersByTimeAsync(2000);
    found.resolve({ end: (stored) => void ends.push(stored) });
    await settle();
    expect(counts.started).toBe(0);
    expect(ends).toEqual([undefined]);
  });

  test('leaves no timer behind once it is over', async () => {
    const { cache, load, latest } = createCache();
    const entry = entryOf(cache.open('a', TTL_MS, load));
    entry.retain();
    entry.release();
    await settle();
    deliver(latest(), BODY);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the second tier', () => {
  test('answers in place of the origin, and the memory keeps it', async () => {
    const stored = { head: headOf({ contentLength: BODY.length }), body: BODY };
    const { cache, load, counts } = createCache({ ...emptySecondTier(), lookUp: () => Promise.resolve(stored) });
    const opened = cache.open('a', TTL_MS, load);
    const reader = readEntry(entryOf(opened));
    await settle();
    expect(reader).toMatchObject({ state: 'complete', bytes: BODY });
    expect(entryOf(opened).isAdopted).toBe(true);
    expect(counts.started).toBe(0);
    expect(cache.open('a', TTL_MS, load).outcome).toBe('hit-memory');
  });

  test('is told the response when the load is complete', async () => {
    const secondTier = emptySecondTier();
    const { cache, load, latest } = createCache(secondTier);
    cache.open('a', TTL_MS, load);
    await settle();
    expect(secondTier.ends).toEqual([]);
    deliver(latest(), BODY);
    expect(secondTier.ends).toMatchObject([{ body: BODY }]);
  });
});

describe('a name that stands for something else from now on', () => {
  test('is dropped from every tier', async () => {
    const secondTier = emptySecondTier();
    const { cache, load, counts, latest } = createCache(secondTier);
    cache.open('a', TTL_MS, load);
    await settle();
    deliver(latest(), BODY);
    cache.drop('a');
    expect(secondTier.dropped).toEqual(['a']);
    expect(cache.has('a')).toBe(false);
    expect(cache.open('a', TTL_MS, load).outcome).toBe('miss');
    await settle();
    expect(counts.started).toBe(2);
  });

  test('gets nothing of what was under way for it, whose readers get that to its end', async () => {
    const secondTier = emptySecondTier();
    const { cache, load, latest } = createCache(secondTier);
    const former = readEntry(entryOf(cache.open('a', TTL_MS, load)));
    await settle();
    const formerLoad = latest();
    cache.drop('a');
    const opened = cache.open('a', TTL_MS, load);
    expect(opened.outcome).toBe('miss');
    const reader = readEntry(entryOf(opened));
    await settle();
    const newBody = patternedBytes(BODY.length, 1);
    deliver(formerLoad, BODY);
    expect(former).toMatchObject({ state: 'complete', bytes: BODY });
    expect(secondTier.ends).toEqual([undefined]);
    deliver(latest(), newBody);
    expect(reader).toMatchObject({ state: 'complete', bytes: newBody });
    expect(cache.open('a', TTL_MS, load)).toMatchObject({ outcome: 'hit-memory', stored: { body: newBody } });
  });
});

describe('a body too big to keep', () => {
  test('is shared by nobody: whoever else asks loads for himself', async () => {
    const { cache, load, counts, latest, memory } = createCache();
    const entry = entryOf(cache.open('a', TTL_MS, load));
    const reader = readEntry(entry);
    await settle();
    latest().begin(headOf({ contentLength: MAX_ENTRY_BYTES + 1 }), OPEN_VALVE);
    const first = latest();
    const other = cache.open('a', TTL_MS, load);
    expect(other.outcome).toBe('miss');
    await settle();
    expect(counts.started).toBe(2);
    first.append(patternedBytes(MAX_ENTRY_BYTES + 1));
    first.finish();
    expect(reader.state).toBe('complete');
    expect(memory.entries).toBe(0);
    expect(cache.has('a')).toBe(true);
  });
});
