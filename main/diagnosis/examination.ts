import type { Diagnosis } from '../../shared/contract.ts';
import type { Parameter, Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { describeNonPlaylist } from '../hls/non-playlist.ts';
import {
  isPlaylist,
  targetDurationMs,
  type MediaPlaylist,
  type MediaSegment,
  type MultivariantPlaylist,
  type Playlist,
} from '../hls/playlist.ts';
import { rewritePlaylist } from '../hls/rewrite.ts';
import type { Identity } from '../origin/origin-client.ts';
import { containerOf, isWebPage } from './container.ts';
import {
  bandwidthOf,
  describeAnswer,
  describeRenditions,
  describeStream,
  describeVariants,
  encryptionOf,
  summariseVariants,
} from './examination-words.ts';
import { describeFailure, isRefusal } from './failure-words.ts';
import { createProbe, type Probe, type ProbedBytes, type ProbedDocument, type ProbeDeps } from './probe.ts';

/** What trying a source with one set of headers brought. */
export type Examination = { findings: readonly Sentence[]; conclusion: Conclusion };

export type Conclusion = {
  verdict: Diagnosis['verdict'];
  sentence: Sentence;
  /** How the provider turned this player away (`403`, `An HTML page`): another one may fare better. */
  refusal?: string | Sentence;
  /** How long the provider wants to be left alone. */
  restMs?: number;
};

export type ExaminationDeps = ProbeDeps & {
  /** Resolves after so many milliseconds; rejects when the signal is aborted. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** One examination under way. */
type Visit = {
  probe: Probe;
  signal: AbortSignal;
  now: () => number;
  pause: ExaminationDeps['pause'];
  findings: Sentence[];
  /** What is being loaded, for the sentence if it fails; undefined while that is the channel itself. */
  subject: Sentence | undefined;
};

/** A playlist as it was found, or why there is none. */
type Loaded = { playlist: Playlist; address: PlaylistAddress; loadedAt: number } | { conclusion: Conclusion };

/** Where a playlist is, and the `EXT-X-DEFINE` variables that it may import. */
type PlaylistAddress = { url: string; variables: ReadonlyMap<string, string> };

/** A media playlist on its way to a conclusion. */
type Stream = { playlist: MediaPlaylist; address: PlaylistAddress; loadedAt: number; qualities: Sentence };

const MAX_POINTERS = 3;
const LONGEST_STANDSTILL_MS = 40_000;
const STANDSTILL_TARGET_DURATIONS = 3;
const KEY_BYTES = 16;
const MAX_KEY_BYTES = 4096;
const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
const LONGEST_SEGMENT_LOAD_MS = 20_000;
/** What is left alone after 429 without `Retry-After`, and the longest anybody waits for one that has it. */
const RATE_LIMIT_REST_MS = 30_000;
const LONGEST_REST_MS = 120_000;

/** Tries a source as a player would: playlist, best variant, key, newest segment, and whether there will be a next one. */
export async function examine(
  { pause, ...deps }: ExaminationDeps,
  { url, identity, signal }: { url: string; identity: Identity; signal: AbortSignal },
): Promise<Examination> {
  const probe = createProbe(deps, identity, signal);
  const visit: Visit = { probe, signal, now: deps.now, pause, findings: [], subject: undefined };
  try {
    return { findings: visit.findings, conclusion: await visitChannel(visit, { url, variables: new Map() }) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ProxyError)) throw error;
    return { findings: visit.findings, conclusion: concludeFailure(error, visit) };
  }
}

function concludeFailure(error: ProxyError, { probe, subject }: Visit): Conclusion {
  const sentence = describeFailure(error, probe.host, subject);
  if (error.originStatus === 429) {
    const restMs = Math.min(LONGEST_REST_MS, error.retryAfterMs ?? RATE_LIMIT_REST_MS);
    return { verdict: 'warning', sentence, restMs };
  }
  return { verdict: 'broken', sentence, ...(isRefusal(error) && { refusal: String(error.originStatus) }) };
}

async function visitChannel(visit: Visit, address: PlaylistAddress, pointersLeft = MAX_POINTERS): Promise<Conclusion> {
  const loaded = await loadPlaylist(visit, address, describeAnswer);
  if ('conclusion' in loaded) return loaded.conclusion;
  const { playlist } = loaded;
  switch (playlist.kind) {
    case 'media':
      return visitStream(visit, { ...loaded, playlist, qualities: say('plays.oneQuality') });
    case 'multivariant':
      return visitBestVariant(visit, playlist);
    case 'pointer': {
      const [target] = playlist.targets;
      if (target === undefined || pointersLeft === 0) return broken(say('broken.pointers'));
      visit.findings.push(say('seen.pointer'));
      return visitChannel(visit, target, pointersLeft - 1);
    }
  }
}

async function visitBestVariant(visit: Visit, playlist: MultivariantPlaylist): Promise<Conclusion> {
  visit.findings.push(describeVariants(playlist), ...describeRenditions(playlist));
  const best = playlist.variants.toSorted((one, other) => bandwidthOf(other) - bandwidthOf(one))[0];
  if (best === undefined) return broken(say('broken.noVariant'));
  visit.subject = say('subject.variant');
  const loaded = await loadPlaylist(visit, best.reference);
  if ('conclusion' in loaded) return loaded.conclusion;
  if (loaded.playlist.kind !== 'media') return broken(say('broken.variant'));
  return visitStream(visit, { ...loaded, playlist: loaded.playlist, qualities: summariseVariants(playlist, best) });
}

async function visitStream(visit: Visit, stream: Stream): Promise<Conclusion> {
  const { playlist } = stream;
  const segment = playlist.segments.at(-1);
  if (segment === undefined) return broken(say('broken.noSegment'));
  visit.findings.push(describeStream(playlist));

  const keyProblem = await tryKeys(visit, playlist, segment);
  if (keyProblem?.verdict === 'broken') return keyProblem;

  visit.subject = say('subject.segment');
  const loaded = await loadSegment(visit, segment);
  if (isWebPage(loaded.firstBytes)) return webPage(say('subject.segment'));
  if (loaded.bytes === 0) return broken(say('broken.emptySegment'));
  const kind = containerOf(loaded.firstBytes);
  const container = kind === undefined ? '' : say(`container.${kind}`);
  if (container !== '') visit.findings.push(say('seen.container', { container }));
  const slowness = judgeSpeed(visit, segment, loaded);

  const standstill = playlist.endList ? undefined : await awaitNextSegment(visit, stream);
  if (standstill !== undefined) return standstill;
  if (keyProblem !== undefined) return keyProblem;
  if (slowness !== undefined) return slowness;
  const recording = playlist.endList ? say('plays.recording') : '';
  const facts: Parameter[] = [stream.qualities, encryptionOf(playlist), container, recording];
  return { verdict: 'plays', sentence: say('plays.with', { facts: facts.filter((fact) => fact !== '') }) };
}

/** @param describe what to note of the answer itself */
async function loadPlaylist(
  visit: Visit,
  address: PlaylistAddress,
  describe?: (answer: ProbedDocument, askedUrl: string) => Sentence,
): Promise<Loaded> {
  const answer = await visit.probe.document(address.url);
  if (describe !== undefined) visit.findings.push(describe(answer, address.url));
  if (!isPlaylist(answer.body)) return { conclusion: concludeNonPlaylist(visit, answer) };
  const { playlist } = rewritePlaylist(answer.body, {
    baseUrl: answer.url,
    importedVariables: address.variables,
    link: ({ name }) => name,
  });
  return { playlist, address, loadedAt: visit.now() };
}

function concludeNonPlaylist(
  { findings, subject = say('subject.channel') }: Visit,
  answer: ProbedDocument,
): Conclusion {
  findings.push(describeNonPlaylist(answer));
  if (isWebPage(answer.body)) return webPage(subject);
  if (containerOf(answer.body) === 'mpeg-ts') return broken(say('broken.endless', { subject }));
  return broken(describeNonPlaylist(answer));
}

/** Without its key a segment is noise. What is encrypted for DRM is fine, but no relay and few TVs can play it. */
async function tryKeys(visit: Visit, playlist: MediaPlaylist, { keys }: MediaSegment): Promise<Conclusion | undefined> {
  const methods = encryptionOf(playlist);
  if (methods === '') return undefined;
  visit.findings.push(say('seen.encryption', { methods }));
  const key = keys.find(({ format }) => format === 'identity');
  if (key === undefined) return warning(say('plays.drm', { methods }));
  visit.subject = say('subject.key');
  const loaded = await visit.probe.bytes(key.reference.url, {
    maxBytes: MAX_KEY_BYTES,
    maxMs: LONGEST_SEGMENT_LOAD_MS,
  });
  if (isWebPage(loaded.firstBytes)) return webPage(say('subject.key'));
  if (loaded.bytes !== KEY_BYTES) return broken(say('broken.key', { length: loaded.bytes, expected: KEY_BYTES }));
  visit.findings.push(say('seen.key'));
  return undefined;
}

function loadSegment({ probe }: Visit, { reference, byteRange }: MediaSegment): Promise<ProbedBytes> {
  const maxMs = Math.max(LONGEST_SEGMENT_LOAD_MS, (reference.durationSeconds ?? 0) * 2000);
  return probe.bytes(reference.url, { range: byteRange, maxBytes: byteRange?.length ?? MAX_SEGMENT_BYTES, maxMs });
}

/** A segment that loads slower than it plays stops the picture sooner or later. */
function judgeSpeed(
  { findings }: Visit,
  { reference }: MediaSegment,
  { bytes, loadMs, isInTime }: ProbedBytes,
): Conclusion | undefined {
  const seconds = reference.durationSeconds;
  if (seconds === undefined) return undefined;
  const length = seconds * 1000;
  if (!isInTime) return warning(say('plays.farTooSlowly', { length, time: loadMs }));
  const ratio = length / Math.max(1, loadMs);
  findings.push(say('seen.speed', { time: loadMs, length, rate: (bytes * 8) / seconds, ratio }));
  return ratio < 1 ? warning(say('plays.tooSlowly', { length, time: loadMs })) : undefined;
}

/** Loads a live playlist again until it has something new, for three target durations (RFC 8216 6.2.1 allows an origin one and a half). */
async function awaitNextSegment(
  visit: Visit,
  { playlist, address, loadedAt }: Stream,
): Promise<Conclusion | undefined> {
  const targetMs = targetDurationMs(playlist);
  const patienceMs = Math.min(LONGEST_STANDSTILL_MS, STANDSTILL_TARGET_DURATIONS * targetMs);
  visit.subject = say('subject.reload');
  for (;;) {
    const leftMs = loadedAt + patienceMs - visit.now();
    await visit.pause(Math.max(0, Math.min(targetMs, leftMs)), visit.signal);
    const loaded = await loadPlaylist(visit, address);
    if ('conclusion' in loaded) return loaded.conclusion;
    const elapsedMs = visit.now() - loadedAt;
    if (loaded.playlist.kind === 'media' && hasAdvanced(loaded.playlist, playlist)) {
      visit.findings.push(say('seen.advance', { time: elapsedMs }));
      return undefined;
    }
    if (elapsedMs >= patienceMs) return broken(say('broken.standstill', { time: elapsedMs }));
  }
}

/** By number or, for origins that do not count, by name. */
function hasAdvanced(playlist: MediaPlaylist, before: MediaPlaylist): boolean {
  const [newest, known] = [playlist.segments.at(-1), before.segments.at(-1)];
  if (playlist.endList || newest === undefined || known === undefined) return playlist.endList;
  return newest.sequenceNumber !== known.sequenceNumber || pathOf(newest) !== pathOf(known);
}

function pathOf({ reference }: MediaSegment): string {
  return reference.url.replace(/\?.*/s, '');
}

function broken(sentence: Sentence): Conclusion {
  return { verdict: 'broken', sentence };
}

function warning(sentence: Sentence): Conclusion {
  return { verdict: 'warning', sentence };
}

function webPage(subject: Sentence): Conclusion {
  return { ...broken(say('broken.webPage', { subject })), refusal: say('plays.webPage') };
}
