import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { patternedBytes, readEntry } from '../cache/recordings.ts';
import { failureOf, runDownload, SEGMENT_URL, startReadDownload, startRecordedDownload } from './recorded-download.ts';
import {
  createScriptedOrigin,
  cut,
  partial,
  rangeFrom,
  rangesOf,
  serve,
  serveWhole,
  silence,
  status,
  withHeaders,
  type Behaviour,
} from './scripted-origin.ts';

const SEGMENT = patternedBytes(10_500);
const RESOURCE = { bytes: SEGMENT, etag: '"v1"' };
const UNNAMED = { bytes: SEGMENT };
const OTHER_VERSION = { bytes: patternedBytes(10_500, 1), etag: '"v2"' };
/** What a second fetch repeats of the first. */
const OVERLAP_BYTES = 4096;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an origin in good order', () => {
  test('is asked once, for the bytes as they are', async () => {
    const origin = createScriptedOrigin(serve(RESOURCE));
    const { entry, reader, hidden } = await runDownload({ origin });
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
    expect(entry.stored?.head).toEqual({
      contentType: 'video/mp2t',
      contentEncoding: undefined,
      etag: '"v1"',
      contentLength: SEGMENT.length,
      range: undefined,
    });
    expect(origin.requests).toHaveLength(1);
    expect(origin.requests[0]?.headers).toEqual({ 'Accept-Encoding': 'identity' });
    expect(hidden).toEqual([]);
  });

  test('that does not say how long the body is gets it through all the same', async () => {
    const origin = createScriptedOrigin(withHeaders(serve(RESOURCE), { 'content-length': undefined }));
    const { entry, reader } = await runDownload({ origin });
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
    expect(entry.stored?.head.contentLength).toBe(SEGMENT.length);
  });

  test('may send nothing at all', async () => {
    const { reader } = await runDownload({ origin: createScriptedOrigin(serve({ bytes: Buffer.alloc(0) })) });
    expect(reader).toMatchObject({ state: 'complete', bytes: Buffer.alloc(0) });
  });
});

describe('a part of a resource', () => {
  const range = { start: 2000, end: 4999 };
  const part = SEGMENT.subarray(2000, 5000);

  test.each<[string, Behaviour]>([
    ['that sends that part', serve(RESOURCE)],
    ['that ignores ranges', serveWhole(RESOURCE)],
  ])('arrives from an origin %s', async (_, behaviour) => {
    const origin = createScriptedOrigin(behaviour);
    const { entry, reader } = await runDownload({ origin, range });
    expect(reader).toMatchObject({ state: 'complete', bytes: part });
    expect(entry.stored?.head).toMatchObject({
      contentLength: 3000,
      range: { start: 2000, end: 4999, total: SEGMENT.length },
    });
    expect(rangesOf(origin)).toEqual(['bytes=2000-4999']);
    expect(origin.openRequests).toBe(0);
  });

  test.each<[string, Behaviour]>([
    ['that sends parts', serve(RESOURCE)],
    ['that ignores ranges', serveWhole(RESOURCE)],
  ])('is continued within that part by an origin %s', async (_, behaviour) => {
    const origin = createScriptedOrigin(cut(serve(RESOURCE), 1500, 'reset'), behaviour);
    const { reader } = await runDownload({ origin, range });
    expect(reader).toMatchObject({ state: 'complete', bytes: part });
    expect(rangesOf(origin)).toEqual(['bytes=2000-4999', 'bytes=2000-4999']);
  });

  test('may be the last bytes', async () => {
    const origin = createScriptedOrigin(serve(RESOURCE));
    const { entry, reader } = await runDownload({ origin, range: { suffixLength: 500 } });
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT.subarray(-500) });
    expect(entry.stored?.head.range).toEqual({ start: 10_000, end: 10_499, total: 10_500 });
  });

  test('that the origin does not have is said to be so, once', async () => {
    const origin = createScriptedOrigin(serve(RESOURCE));
    const { entry } = await runDownload({ origin, range: { start: 20_000, end: undefined } });
    expect(await failureOf(entry)).toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
    expect(origin.requests).toHaveLength(1);
  });

  test('is not another part, whatever the origin sends', async () => {
    const shifted: Behaviour = () => partial(RESOURCE, { start: 1000, end: 3999 });
    const { entry } = await runDownload({ origin: createScriptedOrigin(shifted), range });
    expect(await failureOf(entry)).toMatchObject({ code: 'ORIGIN_INCONSISTENT' });
  });
});

describe('a part that nobody asked for', () => {
  test('is not taken for the whole', async () => {
    const beginning: Behaviour = () => partial(RESOURCE, { start: 0, end: 4999 });
    const { entry, reader } = await runDownload({ origin: createScriptedOrigin(beginning) });
    expect(await failureOf(entry)).toMatchObject({ code: 'ORIGIN_INCONSISTENT' });
    expect(reader).toMatchObject({ state: 'failed', bytes: Buffer.alloc(0) });
  });

  test('is the whole when it is all there is', async () => {
    const everything: Behaviour = () => partial(RESOURCE, { start: 0, end: SEGMENT.length - 1 });
    const { entry, reader } = await runDownload({ origin: createScriptedOrigin(everything) });
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
    expect(entry.stored?.head).toMatchObject({ range: undefined, contentLength: SEGMENT.length });
  });
});

describe('a fetch that fails before its first byte is tried again', () => {
  test.each<[string, Behaviour]>([
    ['status 503', status(503)],
    ['status 500', status(500)],
    ['a reset', silence('reset')],
    ['silence', silence('stall')],
    ['a reset behind the head', cut(serve(RESOURCE), 0, 'reset')],
    ['silence behind the head', cut(serve(RESOURCE), 0, 'stall')],
  ])('after %s', async (_, fault) => {
    const origin = createScriptedOrigin(fault, fault, serve(RESOURCE));
    const { reader, hidden } = await runDownload({ origin });
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
    expect(origin.requests).toHaveLength(3);
    expect(hidden).toHaveLength(2);
  });

  test('no sooner than the provider asked for', async () => {
    const origin = createScriptedOrigin(status(503, { 'retry-after': '3' }), serve(RESOURCE));
    const { reader, tookMs } = await runDownload({ origin });
    expect(reader.state).toBe('complete');
    expect(tookMs).toBeGreaterThanOrEqual(3000);
  });

  test('unless the provider asks for more time than a viewer has', async () => {
    const origin = createScriptedOrigin(status(503, { 'retry-after': '600' }));
    const { entry, tookMs } = await runDownload({ origin });
    expect(await failureOf(entry)).toMatchObject({ code: 'ORIGIN_STATUS', originStatus: 503 });
    expect(tookMs).toBeLessThan(1000);
  });

  test('but not for ever, nor in a tight loop', async () => {
    for (const headers of [{}, { 'retry-after': '0' }]) {
      const origin = createScriptedOrigin(status(503, headers));
      const { entry, tookMs } = await runDownload({ origin });
      expect(await failureOf(entry)).toMatchObject({ code: 'ORIGIN_STATUS' });
      expect(tookMs).toBeGreaterThan(5_000);
      expect(tookMs).toBeLessThan(15_000);
      expect(origin.requests.length).toBeLessThan(15);
      expect(origin.requests.length).toBeGreaterThan(5);
    }
  });

  test('and for longer when the segment plays for longer', async () => {
    const patience = async (durationSeconds: number): Promise<number> =>
      (await runDownload({ origin: createScriptedOrigin(silence('stall')), durationSeconds })).tookMs;
    expect(await patience(20)).toBeGreaterThan(await patience(2));
  });
});

describe('what is an answer and not an accident is passed on at once', () => {
  test.each([
    [404, 'ORIGIN_NOT_FOUND'],
    [400, 'ORIGIN_STATUS'],
    [403, 'ORIGIN_STATUS'],
    [410, 'ORIGIN_STATUS'],
    [429, 'ORIGIN_STATUS'],
    [204, 'ORIGIN_STATUS'],
  ])('status %i', async (code, errorCode) => {
    const origin = createScriptedOrigin(status(code));
    const { entry } = await runDownload({ origin });
    expect(await failureOf(entry)).toMatchObject({ code: errorCode });
    expect(origin.requests).toHaveLength(1);
  });
});

describe('a fetch that dies or stalls in the middle is continued from where it stopped', () => {
  test.each<['reset' | 'stall' | 'end']>([['reset'], ['stall'], ['end']])(
    'after a %s, proving with what it repeats that it is the same',
    async (ending) => {
      const origin = createScriptedOrigin(cut(serve(RESOURCE), 7000, ending), serve(RESOURCE));
      const { reader, hidden } = await runDownload({ origin });
      expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
      expect(rangesOf(origin)).toEqual([undefined, rangeFrom(7000 - OVERLAP_BYTES)]);
      expect(origin.requests[1]?.headers['If-Range']).toBe('"v1"');
      expect(hidden).toHaveLength(1);
    },
  );

  test('for readers early and late', async () => {
    const origin = createScriptedOrigin(cut(serve(RESOURCE), 7000, 'stall'), serve(RESOURCE));
    const { entry, reader } = startReadDownload({ origin });
    await vi.advanceTimersByTimeAsync(20);
    expect(reader.bytes.length).toBe(7000);
    const late = readEntry(entry);
    await vi.runAllTimersAsync();
    for (const one of [reader, late]) expect(one).toMatchObject({ state: 'complete', bytes: SEGMENT });
  });

  test('as often as it takes, while every fetch brings something', async () => {
    const steps = Array.from({ length: 20 }, () => cut(serve(RESOURCE), OVERLAP_BYTES + 300, 'reset'));
    const origin = createScriptedOrigin(cut(serve(RESOURCE), 4500, 'reset'), ...steps, serve(RESOURCE));
    const { reader } = await runDownload({ origin });
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
  });

  test('by an origin that ignores ranges, skipping what is held', async () => {
    for (const resource of [RESOURCE, UNNAMED]) {
      const origin = createScriptedOrigin(cut(serve(resource), 7000, 'reset'), serveWhole(resource));
      const { reader } = await runDownload({ origin });
      expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
      expect(origin.openRequests).toBe(0);
    }
  });

  test('by an origin that does not say how long the body is', async () => {
    const unsized = withHeaders(serve(RESOURCE), { 'content-length': undefined });
    const origin = createScriptedOrigin(cut(unsized, 7000, 'reset'), serve(RESOURCE));
    const { reader } = await runDownload({ origin });
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
  });

  test('by an origin that sends less at a time than it was asked for', async () => {
    const shortened: Behaviour = (request) => {
      const start = Number(/\d+/.exec(request.headers['Range'] ?? '')?.[0]);
      return partial(RESOURCE, { start, end: Math.min(start + 5000, SEGMENT.length - 1) });
    };
    for (const headers of [{}, { 'content-length': undefined }]) {
      const origin = createScriptedOrigin(cut(withHeaders(serve(RESOURCE), headers), 5000, 'reset'), shortened);
      const { reader } = await runDownload({ origin });
      expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
    }
  });

  test('without If-Range when the name of the version vouches for nothing', async () => {
    const weak = { bytes: SEGMENT, etag: 'W/"v1"' };
    const origin = createScriptedOrigin(cut(serve(weak), 7000, 'reset'), serve(weak));
    const { reader } = await runDownload({ origin });
    expect(origin.requests[1]?.headers['If-Range']).toBeUndefined();
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
  });

  test('with time-outs that follow from how long the segment plays', async () => {
    const ask = async (durationSeconds: number | undefined) => {
      const origin = createScriptedOrigin(serve(RESOURCE));
      await runDownload({ origin, durationSeconds });
      return origin.requests[0]?.progressTimeoutMs ?? 0;
    };
    expect(await ask(2)).toBeLessThan(2000);
    expect(await ask(2)).toBeLessThan(await ask(6));
    expect(await ask(0.1)).toBeGreaterThanOrEqual(500);
    expect(await ask(600)).toBeLessThan(10_000);
    expect(await ask(undefined)).toBeLessThan(10_000);
  });
});

describe('a continuation of something else is never taken', () => {
  const fail = { state: 'failed', bytes: SEGMENT.subarray(0, 7000) };
  const lying = { bytes: OTHER_VERSION.bytes };
  const liar = { bytes: OTHER_VERSION.bytes, etag: '"v1"' };

  test.each<[string, Behaviour]>([
    ['another version, by its name', () => partial(OTHER_VERSION, { start: 2904, end: 10_499 })],
    ['another version, whole', serve(OTHER_VERSION)],
    ['another version without a name', serve(lying)],
    ['another version without a name, whole', serveWhole(lying)],
    ['another version under the same name', serve(liar)],
    ['another version under the same name, whole', serveWhole(liar)],
    ['one of another length', serve({ bytes: patternedBytes(12_000), etag: '"v1"' })],
    ['one of another length, whole', serveWhole({ bytes: patternedBytes(12_000), etag: '"v1"' })],
    ['a shorter one', serve({ bytes: SEGMENT.subarray(0, 9000), etag: '"v1"' })],
    ['another part', () => partial(RESOURCE, { start: 0, end: 10_499 })],
    ['a part without Content-Range', withHeaders(serve(RESOURCE), { 'content-range': undefined })],
    ['a part of unreadable Content-Range', withHeaders(serve(RESOURCE), { 'content-range': 'bytes 9-1/x' })],
  ])('%s', async (_, behaviour) => {
    const origin = createScriptedOrigin(cut(serve(RESOURCE), 7000, 'reset'), behaviour);
    const { entry, reader } = await runDownload({ origin });
    expect(reader).toMatchObject(fail);
    expect(entry.stored).toBeUndefined();
    expect(origin.openRequests).toBe(0);
  });

  test('when nothing was kept to compare it with and no name vouches for it', async () => {
    const passage = { origin: createScriptedOrigin(cut(serve(UNNAMED), 7000, 'reset'), serve(lying)), maxBytes: 5000 };
    const { reader } = await runDownload(passage);
    expect(reader).toMatchObject(fail);
  });

  test('but one whose name does vouch for it is', async () => {
    for (const behaviour of [serve(RESOURCE), serveWhole(RESOURCE)]) {
      const origin = createScriptedOrigin(cut(serve(RESOURCE), 7000, 'reset'), behaviour);
      const { reader } = await runDownload({ origin, maxBytes: 5000 });
      expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
      expect(rangesOf(origin)[1]).toBe(rangeFrom(7000));
    }
  });
});

describe('a URL that has expired', () => {
  const NEW_URL = SEGMENT_URL.replace('old', 'new');
  const expired =
    (code: number): Behaviour =>
    (request) =>
      request.url === NEW_URL ? serve(RESOURCE)(request) : status(code)(request);

  test.each([401, 403, 410])('is renewed once after status %i', async (code) => {
    const origin = createScriptedOrigin(expired(code));
    const { reader } = await runDownload({ origin, renewUrl: () => Promise.resolve(NEW_URL) });
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
    expect(origin.requests.map(({ url }) => url)).toEqual([SEGMENT_URL, NEW_URL]);
  });

  test('in the middle is renewed too, and the body goes on where it stopped', async () => {
    const origin = createScriptedOrigin(cut(serve(RESOURCE), 7000, 'reset'), expired(403));
    const { reader } = await runDownload({ origin, renewUrl: () => Promise.resolve(NEW_URL) });
    expect(reader).toMatchObject({ state: 'complete', bytes: SEGMENT });
  });

  test.each([
    ['the new one is refused too', () => Promise.resolve(NEW_URL), 2],
    ['there is no other', () => Promise.resolve(undefined), 1],
    ['it is still the same', () => Promise.resolve(SEGMENT_URL), 1],
    ['the playlist cannot be loaded', () => Promise.reject(new Error('away')), 1],
  ])('is given up when %s', async (_, renewUrl, requests) => {
    const origin = createScriptedOrigin(status(403));
    const { entry } = await runDownload({ origin, renewUrl });
    expect(await failureOf(entry)).toMatchObject({ code: 'ORIGIN_STATUS', originStatus: 403 });
    expect(origin.requests).toHaveLength(requests);
  });
});

describe('a download that is given up', () => {
  test.each<[string, Behaviour, number]>([
    ['while it arrives', serve(RESOURCE), 5],
    ['while it waits for the head', silence('stall'), 100],
    ['between two attempts', status(503), 20],
  ])('%s asks for nothing more and leaves nothing behind', async (_, behaviour, afterMs) => {
    const origin = createScriptedOrigin(behaviour);
    const { fetch, reader } = startReadDownload({ origin });
    await vi.advanceTimersByTimeAsync(afterMs);
    const { length } = origin.requests;
    const before = reader.bytes.length;
    fetch.abort();
    expect(origin.openRequests).toBe(0);
    await vi.runAllTimersAsync();
    expect(origin.requests).toHaveLength(length);
    expect(reader).toMatchObject({ state: 'reading' });
    expect(reader.bytes.length).toBe(before);
  });
});

describe('a reader that takes its time with a body too big to keep', () => {
  const MOVIE = { bytes: patternedBytes(6 * 1024 * 1024), etag: '"movie"' };

  test('holds the origin back', async () => {
    const { entry } = startRecordedDownload({ origin: createScriptedOrigin(serve(MOVIE)), maxBytes: 1_000_000 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(entry.length).toBeLessThan(3 * 1024 * 1024);
    const reader = readEntry(entry);
    await vi.runAllTimersAsync();
    expect(reader.state).toBe('complete');
    expect(reader.bytes.equals(MOVIE.bytes)).toBe(true);
  });

  test('is not punished when the origin hangs up meanwhile', async () => {
    const hangsUp: Behaviour = (request) => ({ ...cut(serve(MOVIE), 2_098_000, 'reset')(request), lingerMs: 30_000 });
    const origin = createScriptedOrigin(hangsUp, serve(MOVIE));
    const { entry } = startRecordedDownload({ origin, maxBytes: 1_000_000 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(entry.hasFailed).toBe(false);
    const reader = readEntry(entry);
    await vi.runAllTimersAsync();
    expect(reader.state).toBe('complete');
    expect(reader.bytes.equals(MOVIE.bytes)).toBe(true);
  });
});
