import type { Quality } from '../../shared/channel.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { inSlices } from '../channels/in-slices.ts';
import { rewriteDocument } from '../hls/documents.ts';
import { describeNonPlaylist } from '../hls/non-playlist.ts';
import { isPlaylist, startsLikePlaylist, targetDurationMs, type Playlist } from '../hls/playlist.ts';
import type { Reference } from '../hls/reference.ts';
import { readForRewriting, rewritePlaylist } from '../hls/rewrite.ts';
import { fetchDocument, type DocumentDeps } from '../origin/document.ts';
import type { Identity } from '../origin/origin-client.ts';
import { keepOneVariant } from './one-quality.ts';
import type { Resource } from './sealed-url.ts';

/** What is to be loaded, and for whom. */
export type LoadRequest = {
  resource: Pick<Resource, 'url' | 'keyedByQuery' | 'variables'>;
  identity: Identity;
  /** Delivery directives of the client (`_HLS_msn=..`), sent to the origin as they are. */
  directives: string;
  /** Which variants of a multivariant playlist are wanted. */
  quality: Quality;
  /** The same playlist as it was before; tells how long an answer may take. */
  before: Playlist | undefined;
  /** How long to go on trying. */
  patienceMs: number;
  /** The LAN URL to write for a reference. */
  link: (reference: Reference) => string;
};

const MAX_BYTES = 8 * 1024 * 1024;
const MAX_POINTERS = 3;
const SHORTEST_ATTEMPT_MS = 2_000;
const LONGEST_ATTEMPT_MS = 8_000;
const FIRST_LOAD_PATIENCE_MS = 10_000;
const SHORTEST_REFRESH_PATIENCE_MS = 4_000;
const DOCUMENT_ATTEMPT_MS = 4_000;
/** What a blocking reload may take of a playlist not seen before. */
const DEFAULT_BLOCKING_MS = 18_000;

/**
 * Loads a playlist and rewrites it. A plain M3U that only names another playlist is followed, as players that can do it do.
 * @throws ProxyError when there is none
 */
export async function loadPlaylist(
  deps: DocumentDeps,
  request: LoadRequest,
  pointersLeft = MAX_POINTERS,
): Promise<{ body: Buffer; playlist: Playlist }> {
  const { resource, link } = request;
  const { head, body } = await fetchDocument(deps, {
    url: withDirectives(resource.url, request.directives),
    identity: request.identity,
    maxBytes: MAX_BYTES,
    attemptTimeoutMs: attemptTimeoutMs(request),
    patienceMs: request.patienceMs,
    looksRight: startsLikePlaylist,
  }).catch((error: unknown) => {
    throw isTooLarge(error) ? new ProxyError('BAD_PLAYLIST', say('noPlaylist.tooLarge'), { cause: error }) : error;
  });
  if (!isPlaylist(body)) {
    throw new ProxyError(
      'BAD_PLAYLIST',
      describeNonPlaylist({ status: head.status, contentType: head.headers['content-type'], body }),
    );
  }
  const { playlist, references, write } = readForRewriting(keepOneVariant(body, request.quality, head.url), {
    baseUrl: head.url,
    importedVariables: resource.variables,
    keyedByQuery: resource.keyedByQuery,
  });
  const [target] = playlist.kind === 'pointer' ? playlist.targets : [];
  if (target === undefined || pointersLeft === 0)
    return { playlist, body: await writeInSlices(references, write, link) };
  return loadPlaylist(deps, { ...request, resource: target }, pointersLeft - 1);
}

/** Links cost cryptography, and a hostile playlist has tens of thousands: other TVs have their turn meanwhile. */
async function writeInSlices(
  references: readonly Reference[],
  write: (link: (reference: Reference) => string) => Buffer,
  link: (reference: Reference) => string,
): Promise<Buffer> {
  const links = new Map<Reference, string>();
  await inSlices(references, (reference) => void links.set(reference, link(reference)));
  return write((reference) => links.get(reference) ?? link(reference));
}

/** Loads what is no playlist by its role: rewritten all the same where it names upstream URLs. */
export async function loadDocument(
  deps: DocumentDeps,
  { resource, identity, directives, link }: Omit<LoadRequest, 'quality' | 'before' | 'patienceMs'>,
): Promise<{ contentType: string | undefined; body: Buffer }> {
  const { head, body } = await fetchDocument(deps, {
    url: withDirectives(resource.url, directives),
    identity,
    maxBytes: MAX_BYTES,
    attemptTimeoutMs: DOCUMENT_ATTEMPT_MS,
    patienceMs: DOCUMENT_ATTEMPT_MS,
  });
  const options = { baseUrl: head.url, link };
  if (isPlaylist(body)) {
    const playlist = rewritePlaylist(body, { ...options, importedVariables: resource.variables });
    return { contentType: 'application/vnd.apple.mpegurl', body: playlist.body };
  }
  const rewritten = rewriteDocument(body, options);
  return {
    contentType: rewritten === undefined ? head.headers['content-type'] : 'application/json',
    body: rewritten ?? body,
  };
}

/**
 * How long to go on trying for a playlist, in milliseconds: while the last good one may be repeated nobody waits for a refresh, and
 * after that as long as a TV does.
 */
export function patienceMs(before: Playlist | undefined): number {
  if (before === undefined) return FIRST_LOAD_PATIENCE_MS;
  return Math.max(SHORTEST_REFRESH_PATIENCE_MS, 2 * targetDurationMs(before));
}

/** A blocking reload (RFC 8216bis 6.2.5.2) is answered when its segment is there: within three target durations. */
function attemptTimeoutMs({ directives, before }: LoadRequest): number {
  if (directives.includes('_HLS_msn='))
    return before === undefined ? DEFAULT_BLOCKING_MS : 3 * targetDurationMs(before);
  if (before === undefined) return LONGEST_ATTEMPT_MS;
  return Math.min(LONGEST_ATTEMPT_MS, Math.max(SHORTEST_ATTEMPT_MS, targetDurationMs(before)));
}

function isTooLarge(error: unknown): boolean {
  return error instanceof ProxyError && error.code === 'ORIGIN_TOO_LARGE';
}

function withDirectives(url: string, directives: string): string {
  if (directives === '') return url;
  return `${url}${url.includes('?') ? '&' : '?'}${directives}`;
}
