import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { type Reference, type Role, createReference, resolveUri } from './reference.ts';

/** What the playlist says of a URI besides its role. */
export type Usage = { durationSeconds?: number | undefined; isRanged?: boolean };

/** The references of one playlist, each distinct one once. */
export type ReferenceBook = {
  /**
   * Undefined for what HTTP cannot fetch. The role may depend on the URL.
   * @throws ProxyError BAD_PLAYLIST when there are more than any stream has
   */
  add(uri: string, role: Role | ((url: URL) => Role), usage?: Usage): Reference | undefined;
  /** Fills in what only a whole playlist tells: to be called once, after the last `add`. */
  complete(childVariables: ReadonlyMap<string, string>): void;
};

/** A day of segments of two seconds; without a bound, a hostile playlist would stop the relay for seconds. */
const MAX_URIS = 50_000;

/** @param keyedByQuery whether the query is part of the identity of everything here */
export function createReferenceBook({
  baseUrl,
  keyedByQuery,
}: {
  baseUrl: string;
  keyedByQuery: boolean;
}): ReferenceBook {
  const references = new Map<string, Reference>();
  const rangedUrls = new Set<string>();
  let uris = 0;

  return {
    add(uri, roleOrChoice, { durationSeconds, isRanged = false } = {}) {
      uris += 1;
      if (uris > MAX_URIS) throw new ProxyError('BAD_PLAYLIST', say('broken.tooManyFiles', { count: MAX_URIS }));
      const url = resolveUri(uri, baseUrl);
      if (url === undefined) return undefined;
      const role = typeof roleOrChoice === 'function' ? roleOrChoice(url) : roleOrChoice;
      const identity = `${role} ${durationSeconds ?? ''} ${url.href}`;
      const reference = references.get(identity) ?? createReference(role, url, durationSeconds);
      references.set(identity, reference);
      if (isRanged) rangedUrls.add(reference.url);
      return reference;
    },

    complete(childVariables) {
      const ownUrl = resolveUri(baseUrl, baseUrl)?.href ?? '';
      const ambiguousPaths = findAmbiguousPaths([ownUrl, ...Array.from(references.values(), ({ url }) => url)]);
      for (const reference of references.values()) {
        reference.ranged = rangedUrls.has(reference.url);
        reference.keyedByQuery = keyedByQuery || isKeyedByQuery(reference, ambiguousPaths);
        if (reference.kind === 'playlist') reference.variables = childVariables;
      }
    },
  };
}

/**
 * A key is told by its query even where it is the only one: keys rotate, a live playlist often holds just one at a time,
 * and the wrong one makes every segment unreadable, while fetching one too often costs 16 bytes.
 */
function isKeyedByQuery(reference: Reference, ambiguousPaths: ReadonlySet<string>): boolean {
  if (reference.kind === 'key') return reference.url.includes('?');
  return ambiguousPaths.size > 0 && ambiguousPaths.has(withoutQuery(reference.url));
}

/** URLs without their query that stand for more than one URL. */
function findAmbiguousPaths(urls: readonly string[]): ReadonlySet<string> {
  const firstUrls = new Map<string, string>();
  const ambiguousPaths = new Set<string>();
  for (const url of urls) {
    const path = withoutQuery(url);
    const first = firstUrls.get(path);
    if (first === undefined) firstUrls.set(path, url);
    else if (first !== url) ambiguousPaths.add(path);
  }
  return ambiguousPaths;
}

function withoutQuery(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}
