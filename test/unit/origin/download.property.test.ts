import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ByteRange } from '../../../main/byte-range.ts';
import type { Entry } from '../../../main/cache/entry.ts';
import { patternedBytes, readEntry, type EntryReader } from '../cache/recordings.ts';
import { startReadDownload } from './recorded-download.ts';
import {
  createScriptedOrigin,
  cut,
  partial,
  serve,
  serveWhole,
  silence,
  status,
  withHeaders,
  type Behaviour,
  type Resource,
} from './scripted-origin.ts';

/** The same cases in every run; when one of them fails, its counterexample is printed with the path to it. */
const RUNS = { seed: 20261122, numRuns: 500 };
const LONGEST_BODY_BYTES = 12_000;
/** Limits under which every body is kept, and under which most are passed through to their one reader. */
const KEPT = 1_000_000;
const PASSED_THROUGH = 100;

/** What the origin has under the URL, and two other things it might send instead. */
type World = { resource: Resource; changed: Resource; resized: Resource };

function resourceOf(length: number, version: number, etag: string | undefined): Resource {
  return { bytes: patternedBytes(length, version), ...(etag === undefined ? {} : { etag }) };
}

const etagOf = (name: string) => fc.constantFrom(`"${name}"`, `W/"${name}"`, undefined);

/** Worlds by what tells them apart, so that a counterexample can be read. */
const anyWorld = fc.record({
  length: fc.integer({ min: 1, max: LONGEST_BODY_BYTES }),
  otherLength: fc.integer({ min: 1, max: LONGEST_BODY_BYTES }),
  etag: etagOf('v1'),
  changedEtag: etagOf('v2'),
  resizedEtag: etagOf('v3'),
});

type WorldShape = typeof anyWorld extends fc.Arbitrary<infer Shape> ? Shape : never;

function createWorld({ length, otherLength, etag, changedEtag, resizedEtag }: WorldShape): World {
  return {
    resource: resourceOf(length, 0, etag),
    changed: resourceOf(length, 1, changedEtag),
    resized: resourceOf(otherLength, 0, resizedEtag),
  };
}

const anyRange: fc.Arbitrary<ByteRange | undefined> = fc.option(
  fc.oneof(
    fc
      .record({ start: fc.nat(LONGEST_BODY_BYTES), length: fc.nat(LONGEST_BODY_BYTES) })
      .map(({ start, length }) => ({ start, end: start + length })),
    fc.nat(LONGEST_BODY_BYTES).map((start) => ({ start, end: undefined })),
    fc.integer({ min: 1, max: LONGEST_BODY_BYTES }).map((suffixLength) => ({ suffixLength })),
  ),
  { nil: undefined },
);

const anyOffset = fc.nat(LONGEST_BODY_BYTES);
const unsized = (behave: Behaviour) => withHeaders(behave, { 'content-length': undefined });

/** What goes wrong at once. */
const briefFault: fc.Arbitrary<(world: World) => Behaviour> = fc.oneof(
  fc.constantFrom(500, 502, 503, 408).map((code) => () => status(code)),
  fc.constant(() => status(503, { 'retry-after': '1' })),
  fc.constant(() => silence('reset')),
  fc.tuple(anyOffset, fc.constantFrom('reset', 'end')).map(
    ([bytes, ending]) =>
      ({ resource }: World) =>
        cut(serve(resource), bytes, ending),
  ),
  anyOffset.map(
    (bytes) =>
      ({ resource }: World) =>
        cut(serveWhole(resource), bytes, 'reset'),
  ),
);

/** What only a time-out notices. */
const slowFault: fc.Arbitrary<(world: World) => Behaviour> = fc.oneof(
  fc.constant(() => silence('stall')),
  anyOffset.map(
    (bytes) =>
      ({ resource }: World) =>
        cut(serve(resource), bytes, 'stall'),
  ),
  anyOffset.map(
    (bytes) =>
      ({ resource }: World) =>
        cut(serveWhole(resource), bytes, 'stall'),
  ),
);

/** Behaviours that are out of order, but tell no lie about the bytes they send. */
const honestFault = fc.oneof({ arbitrary: briefFault, weight: 2 }, slowFault);

/** How an origin in order may answer. */
const properAnswer: fc.Arbitrary<(world: World) => Behaviour> = fc.constantFrom(
  ({ resource }: World) => serve(resource),
  ({ resource }: World) => serveWhole(resource),
);

/** Whatever else may come, as long as names of versions are not forged. */
const strangeAnswer: fc.Arbitrary<(world: World) => Behaviour> = fc.oneof(
  honestFault,
  properAnswer,
  fc.constantFrom(400, 401, 403, 404, 410, 416, 204, 304).map((code) => () => status(code)),
  fc.constantFrom(
    ({ changed }: World) => serve(changed),
    ({ changed }: World) => serveWhole(changed),
    ({ resized }: World) => serve(resized),
    ({ resized }: World) => serveWhole(resized),
    ({ resource }: World) => unsized(serve(resource)),
    ({ resource }: World) => unsized(serveWhole(resource)),
    ({ resized }: World) => unsized(serveWhole(resized)),
    ({ resource }: World) => withHeaders(serve(resource), { 'content-range': undefined }),
    ({ resource }: World) => withHeaders(serve(resource), { etag: '"v9"' }),
    ({ resource }: World) => withHeaders(serve(resource), { etag: undefined }),
  ),
  fc.tuple(anyOffset, anyOffset).map(([one, other]) => ({ resource }: World): Behaviour => {
    const last = resource.bytes.length - 1;
    const [start, end] = [Math.min(one, other, last), Math.min(Math.max(one, other), last)];
    return () => partial(resource, { start, end });
  }),
  fc.tuple(anyOffset, fc.constantFrom('reset', 'stall')).map(
    ([bytes, ending]) =>
      ({ resource }: World) =>
        cut(unsized(serve(resource)), bytes, ending),
  ),
  fc.tuple(anyOffset, fc.constantFrom('reset', 'stall', 'end')).map(
    ([bytes, ending]) =>
      ({ changed }: World) =>
        cut(serve(changed), bytes, ending),
  ),
);

/** An origin that sends another version under the name of the first: only the bytes give it away. */
const forgery: fc.Arbitrary<(world: World) => Behaviour> = fc.constantFrom(
  ({ resource, changed }: World) => serve({ ...resource, bytes: changed.bytes }),
  ({ resource, changed }: World) => serveWhole({ ...resource, bytes: changed.bytes }),
);

/** Runs a download with a reader from the start and one that joins later, and waits for its end. */
async function play({ script, joinAtMs, ...request }: Playing): Promise<Played> {
  const origin = createScriptedOrigin(...script);
  const { entry, reader } = startReadDownload({ origin, ...request });
  const readers = [reader];
  await vi.advanceTimersByTimeAsync(joinAtMs);
  if (request.maxBytes === KEPT) readers.push(readEntry(entry));
  await vi.runAllTimersAsync();
  return { entry, readers, openRequests: origin.openRequests };
}

type Played = { entry: Entry; readers: EntryReader[]; openRequests: number };

type Playing = {
  script: readonly [Behaviour, ...Behaviour[]];
  joinAtMs: number;
  range: ByteRange | undefined;
  maxBytes: number;
};

/** What is wrong with a response that is said to be complete: it must be what one version is, in the part it claims to be. */
async function wrongsOf({ entry, readers }: Played, versions: readonly Buffer[]): Promise<string[]> {
  const wrongs: string[] = [];
  const expected = entry.isComplete ? 'complete' : 'failed';
  for (const { state } of readers) if (state !== expected) wrongs.push(`a reader is ${state}, the entry ${expected}`);
  if (entry.hasFailed && entry.stored !== undefined) wrongs.push('a failed response is kept');
  if (!entry.isComplete) return wrongs;

  const { range, contentLength } = await entry.ready;
  const isRight = (bytes: Buffer): boolean =>
    versions.some((version) => {
      if (range === undefined) return bytes.equals(version);
      const isOfThatLength = range.total === undefined || range.total === version.length;
      return isOfThatLength && bytes.equals(version.subarray(range.start, range.end + 1));
    });
  for (const { bytes } of readers) {
    if (!isRight(bytes)) wrongs.push('a reader has got wrong bytes');
    if (contentLength !== undefined && bytes.length !== contentLength) wrongs.push('the announced length is wrong');
  }
  if (entry.stored !== undefined && !isRight(entry.stored.body)) wrongs.push('wrong bytes are kept');
  return wrongs;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('whatever an origin does, a reader gets exactly the right bytes or a failure', () => {
  const answers = fc.array(fc.oneof({ arbitrary: strangeAnswer, weight: 3 }, properAnswer), { maxLength: 8 });
  const joinAtMs = fc.nat(40);

  test('whether the body is kept or passed through', { timeout: 60_000 }, async () => {
    const maxBytes = fc.constantFrom(KEPT, PASSED_THROUGH);
    await fc.assert(
      fc.asyncProperty(anyWorld, anyRange, answers, properAnswer, joinAtMs, maxBytes, async (shape, range, ...rest) => {
        const world = createWorld(shape);
        const [faults, last, joinAt, limit] = rest;
        const script = [...faults, last].map((choose) => choose(world));
        const [first = serve(world.resource), ...others] = script;
        const played = await play({ script: [first, ...others], joinAtMs: joinAt, range, maxBytes: limit });
        expect(await wrongsOf(played, [world.resource.bytes, world.changed.bytes, world.resized.bytes])).toEqual([]);
        expect(played.openRequests).toBe(0);
      }),
      RUNS,
    );
  });

  test('even when it sends another version under the same name', { timeout: 60_000 }, async () => {
    const deceit = fc.array(fc.oneof(forgery, honestFault, properAnswer), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(anyWorld, anyRange, deceit, properAnswer, joinAtMs, async (shape, range, lies, last, joinAt) => {
        const world = createWorld(shape);
        const [first = serve(world.resource), ...others] = [...lies, last].map((choose) => choose(world));
        const played = await play({ script: [first, ...others], joinAtMs: joinAt, range, maxBytes: KEPT });
        expect(await wrongsOf(played, [world.resource.bytes, world.changed.bytes])).toEqual([]);
        expect(played.openRequests).toBe(0);
      }),
      RUNS,
    );
  });
});

test('an origin that comes to its senses while a viewer waits hides every fault', { timeout: 60_000 }, async () => {
  const faults = fc
    .tuple(fc.array(briefFault, { maxLength: 3 }), fc.array(slowFault, { maxLength: 2 }))
    .chain(([brief, slow]) => fc.shuffledSubarray([...brief, ...slow], { minLength: brief.length + slow.length }));
  await fc.assert(
    fc.asyncProperty(anyWorld, faults, properAnswer, fc.nat(40), async (shape, mishaps, last, joinAtMs) => {
      const world = createWorld(shape);
      const [first = serve(world.resource), ...others] = [...mishaps, last].map((choose) => choose(world));
      const { entry, readers } = await play({
        script: [first, ...others],
        joinAtMs,
        range: undefined,
        maxBytes: KEPT,
      });
      expect(entry.isComplete).toBe(true);
      for (const { bytes } of readers) expect(bytes.equals(world.resource.bytes)).toBe(true);
    }),
    RUNS,
  );
});
