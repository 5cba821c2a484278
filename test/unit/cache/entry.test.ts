import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Entry } from '../../../main/cache/entry.ts';
import type { Valve } from '../../../main/cache/passage.ts';
import { ProxyError } from '../../../main/errors.ts';
import { headOf, OPEN_VALVE, patternedBytes, readEntry } from './recordings.ts';
import { foreign } from '../../../shared/sentence.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const RESET = new ProxyError('ORIGIN_UNREACHABLE', foreign('the connection to the provider broke'));

function createEntry({ maxBytes = MAX_BYTES } = {}): { entry: Entry; notes: string[] } {
  const notes: string[] = [];
  const entry = new Entry({
    maxBytes,
    onSettled: () => void notes.push('settled'),
    onAbandoned: () => void notes.push('abandoned'),
  });
  return { entry, notes };
}

/** A valve that notes what was done to it. */
function notingValve(): Valve & { notes: string[] } {
  const notes: string[] = [];
  return { notes, pause: () => void notes.push('pause'), resume: () => void notes.push('resume') };
}

describe('an entry being recorded', () => {
  test('gives every reader the same bytes, whenever it joins and however they arrive', () => {
    const chunkLengths = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(chunkLengths, fc.nat(12), fc.boolean(), (lengths, joinAt, isAnnounced) => {
        const body = patternedBytes(lengths.reduce((sum, length) => sum + length, 0));
        const { entry } = createEntry();
        const readers = [readEntry(entry)];
        entry.begin(headOf({ contentLength: isAnnounced ? body.length : undefined }), OPEN_VALVE);
        let position = 0;
        for (const [index, length] of lengths.entries()) {
          if (index === joinAt) readers.push(readEntry(entry));
          entry.append(body.subarray(position, position + length));
          position += length;
          for (const reader of readers) expect(reader.bytes.length).toBe(position);
        }
        entry.finish();
        readers.push(readEntry(entry));
        for (const reader of readers) {
          expect(reader.state).toBe('complete');
          expect(reader.bytes.equals(body)).toBe(true);
        }
        expect(entry.stored?.body.equals(body)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('lets the head through before the first byte, and bytes before the last', async () => {
    const { entry } = createEntry();
    const reader = readEntry(entry);
    const head = headOf({ contentLength: 10 });
    entry.begin(head, OPEN_VALVE);
    expect(await entry.ready).toEqual(head);
    entry.append(Buffer.from('01234'));
    expect(reader).toMatchObject({ state: 'reading', bytes: Buffer.from('01234') });
  });

  test('does not change what a reader holds when it grows', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    const first = patternedBytes(200_000);
    entry.append(first);
    const held = entry.read(0, Infinity);
    entry.append(patternedBytes(1_000_000, 1));
    expect(held?.equals(first)).toBe(true);
  });

  test('is not changed by what its caller does with a chunk afterwards', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    const chunk = Buffer.from('abc');
    entry.append(chunk);
    chunk.fill(0);
    expect(entry.read(0, Infinity)?.toString()).toBe('abc');
  });

  test('hands out any part of what has arrived', () => {
    const { entry } = createEntry();
    entry.begin(headOf({ contentLength: 10 }), OPEN_VALVE);
    entry.append(Buffer.from('01234'));
    expect(entry.read(1, 3)?.toString()).toBe('12');
    expect(entry.read(3, 9)?.toString()).toBe('34');
    expect(entry.read(5, 9)?.toString()).toBe('');
    expect(entry.recorded(1, 4)?.toString()).toBe('123');
    expect(entry.recorded(1, 6)).toBeUndefined();
  });

  test('keeps no memory that its body does not fill', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('a key'));
    entry.finish();
    expect(entry.stored?.body.buffer.byteLength).toBe(5);
  });

  test('says how long it turned out to be', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('12345'));
    entry.finish();
    expect(entry.stored?.head).toEqual(headOf({ contentLength: 5 }));
  });

  test('may be empty', () => {
    const { entry } = createEntry();
    entry.begin(headOf({ contentLength: 0 }), OPEN_VALVE);
    entry.finish();
    expect(readEntry(entry)).toMatchObject({ state: 'complete', bytes: Buffer.alloc(0) });
  });

  test('no longer wakes a reader that has left', () => {
    const { entry } = createEntry();
    let wakes = 0;
    const reader = { position: 0, wake: () => void (wakes += 1) };
    entry.follow(reader);
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('a'));
    entry.unfollow(reader);
    entry.append(Buffer.from('b'));
    entry.finish();
    expect(wakes).toBe(1);
  });
});

describe('a load that fails', () => {
  test('before the head tells whoever waits, and nobody when nobody waits', async () => {
    const { entry, notes } = createEntry();
    const reader = readEntry(entry);
    entry.fail(RESET);
    await expect(entry.ready).rejects.toBe(RESET);
    await entry.settled;
    expect(reader.state).toBe('failed');
    expect(entry.stored).toBeUndefined();
    expect(notes).toEqual(['settled']);
  });

  test('in the middle leaves every reader without an end, and nothing to keep', async () => {
    const { entry } = createEntry();
    const early = readEntry(entry);
    entry.begin(headOf({ contentLength: 10 }), OPEN_VALVE);
    entry.append(Buffer.from('01234'));
    entry.fail(RESET);
    const late = readEntry(entry);
    await entry.settled;
    for (const reader of [early, late]) expect(reader).toMatchObject({ state: 'failed', bytes: Buffer.from('01234') });
    expect(entry).toMatchObject({ stored: undefined, isComplete: false, hasFailed: true });
  });

  test('settles once, and nothing that comes later changes it', () => {
    const { entry, notes } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('a'));
    entry.fail(RESET);
    entry.append(Buffer.from('b'));
    entry.finish();
    entry.fail(RESET);
    entry.adopt({ head: headOf(), body: Buffer.from('c') });
    expect(entry).toMatchObject({ hasFailed: true, isComplete: false, length: 1, stored: undefined });
    expect(notes).toEqual(['settled']);
  });
});

describe('a response out of another tier', () => {
  test('is there as if it had arrived', async () => {
    const { entry, notes } = createEntry();
    const reader = readEntry(entry);
    const stored = { head: headOf({ contentLength: 3 }), body: Buffer.from('abc') };
    entry.adopt(stored);
    expect(await entry.ready).toEqual(stored.head);
    expect(reader).toMatchObject({ state: 'complete', bytes: stored.body });
    expect(entry).toMatchObject({ isAdopted: true, stored });
    expect(notes).toEqual(['settled']);
  });

  test('that comes too late is ignored', () => {
    const { entry } = createEntry();
    entry.begin(headOf(), OPEN_VALVE);
    entry.append(Buffer.from('from upstream'));
    entry.adopt({ head: headOf(), body: Buffer.from('abc') });
    entry.finish();
    expect(entry.isAdopted).toBe(false);
    expect(entry.stored?.body.toString()).toBe('from upstream');
  });
});

describe('interest in an entry', () => {
  test('that ends before the load does is reported each time, as long as nobody else is interested', () => {
    const { entry, notes } = createEntry();
    entry.retain();
    entry.retain();
    entry.release();
    expect(entry.isWanted).toBe(true);
    expect(notes).toEqual([]);
    entry.release();
    expect(entry.isWanted).toBe(false);
    entry.retain();
    entry.release();
    expect(notes).toEqual(['abandoned', 'abandoned']);
  });

  test('that ends afterwards is not', () => {
    const { entry, notes } = createEntry();
    entry.retain();
    entry.begin(headOf(), OPEN_VALVE);
    entry.finish();
    entry.release();
    expect(notes).toEqual(['settled']);
  });
});

describe('a body announced as too big to keep', () => {
  const CHUNK = patternedBytes(512 * 1024);
  const TOTAL = 16 * CHUNK.length;

  function createPassage(valve: Valve): Entry {
    const { entry } = createEntry();
    entry.begin(headOf({ contentLength: TOTAL }), valve);
    return entry;
  }

  test('passes through whole, and is not kept', () => {
    const entry = createPassage(OPEN_VALVE);
    const reader = readEntry(entry);
    for (let position = 0; position < TOTAL; position += CHUNK.length) entry.append(CHUNK);
    entry.finish();
    expect(reader.state).toBe('complete');
    expect(reader.bytes.length).toBe(TOTAL);
    expect(reader.bytes.subarray(-CHUNK.length).equals(CHUNK)).toBe(true);
    expect(entry).toMatchObject({ isPassage: true, stored: undefined });
  });

  test('holds the origin back while its reader is slow, and lets it go on when that has caught up', async () => {
    const valve = notingValve();
    const entry = createPassage(valve);
    const reader = readEntry(entry);
    reader.stop();
    let appended = 0;
    while (valve.notes.length === 0 && appended < TOTAL) {
      entry.append(CHUNK);
      appended += CHUNK.length;
    }
    expect(valve.notes).toEqual(['pause']);
    expect(appended).toBeLessThanOrEqual(MAX_BYTES);
    reader.goOn();
    expect(reader.bytes.length).toBe(appended);
    await Promise.resolve();
    expect(valve.notes).toEqual(['pause', 'resume']);
    entry.append(CHUNK);
    expect(reader.bytes.length).toBe(appended + CHUNK.length);
    expect(valve.notes).toEqual(['pause', 'resume']);
  });

  test('hands over what it holds before the bytes that letting the origin go on brings at once', async () => {
    const next = Buffer.from('next');
    const entry = createPassage({ pause: () => undefined, resume: () => entry.append(next) });
    const reader = readEntry(entry);
    reader.stop();
    for (let appended = 0; appended < TOTAL / 2; appended += CHUNK.length) entry.append(CHUNK);
    reader.goOn();
    expect(reader.bytes.length).toBe(TOTAL / 2);
    await Promise.resolve();
    expect(reader.bytes.subarray(TOTAL / 2)).toEqual(next);
  });

  test('has nothing to compare a second fetch with', () => {
    const entry = createPassage(OPEN_VALVE);
    entry.append(CHUNK);
    expect(entry.recorded(0, 10)).toBeUndefined();
  });

  test('that fails leaves its reader without an end', () => {
    const entry = createPassage(OPEN_VALVE);
    const reader = readEntry(entry);
    entry.append(CHUNK);
    entry.fail(RESET);
    expect(reader).toMatchObject({ state: 'failed' });
    expect(reader.bytes.equals(CHUNK)).toBe(true);
  });
});

describe('a body that turns out too big to keep', () => {
  const CHUNK_BYTES = 512 * 1024;
  const BODY = patternedBytes(48 * CHUNK_BYTES);
  const LAG_BYTES = 16 * 1024 * 1024;

  /** Appends the body from one position to another, as an origin does: as long as it is not held back. */
  function send(entry: Entry, from: number, to: number, isHeldBack = () => false): number {
    let position = from;
    for (; position < to && !isHeldBack(); position += CHUNK_BYTES) {
      entry.append(BODY.subarray(position, position + CHUNK_BYTES));
    }
    return position;
  }

  function createOpenEnded(valve: Valve = OPEN_VALVE): Entry {
    const { entry } = createEntry();
    entry.begin(headOf(), valve);
    return entry;
  }

  test('goes on to all who read it, and is not kept', () => {
    const entry = createOpenEnded();
    const readers = [readEntry(entry), readEntry(entry)];
    send(entry, 0, MAX_BYTES / 2);
    readers.push(readEntry(entry));
    expect(entry.isPassage).toBe(false);
    send(entry, MAX_BYTES / 2, BODY.length);
    entry.finish();
    for (const reader of readers) {
      expect(reader.state).toBe('complete');
      expect(reader.bytes.equals(BODY)).toBe(true);
    }
    expect(entry).toMatchObject({ isPassage: true, stored: undefined });
  });

  test('holds the origin back to the pace of its only reader, who loses nothing', async () => {
    const valve = notingValve();
    const entry = createOpenEnded(valve);
    const reader = readEntry(entry);
    reader.stop();
    const held = send(entry, 0, BODY.length, () => valve.notes.length > 0);
    expect(held).toBeLessThanOrEqual(MAX_BYTES + CHUNK_BYTES);
    reader.goOn();
    await Promise.resolve();
    expect(valve.notes).toEqual(['pause', 'resume']);
    send(entry, held, BODY.length);
    entry.finish();
    expect(reader.bytes.equals(BODY)).toBe(true);
  });

  test('waits for no slow reader: who stays far behind is let go, who stays behind less far is not', () => {
    const valve = notingValve();
    const entry = createOpenEnded(valve);
    const [fast, slow, stuck] = [readEntry(entry), readEntry(entry), readEntry(entry)];
    stuck.stop();
    send(entry, 0, BODY.length - LAG_BYTES);
    slow.stop();
    send(entry, BODY.length - LAG_BYTES, BODY.length);
    entry.finish();
    for (const reader of [slow, stuck]) reader.goOn();
    expect([fast.state, slow.state, stuck.state]).toEqual(['complete', 'complete', 'let go']);
    for (const reader of [fast, slow]) expect(reader.bytes.equals(BODY)).toBe(true);
    expect(valve.notes).toEqual([]);
  });

  test('is given up when nobody reads it, or nobody does any more', async () => {
    const unread = createOpenEnded();
    send(unread, 0, BODY.length);
    expect(unread.hasFailed).toBe(true);

    const left = createOpenEnded();
    const reader = readEntry(left);
    send(left, 0, BODY.length / 2);
    expect(left.hasFailed).toBe(false);
    reader.leave();
    expect(left.hasFailed).toBe(true);
  });
});
