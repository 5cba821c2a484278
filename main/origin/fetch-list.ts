import { ProxyError } from '../errors.ts';
import { reachOfHost } from './address-guard.ts';
import { createCookies } from './cookies.ts';
import { fetchDocument, type DocumentDeps } from './document.ts';

const MAX_LIST_BYTES = 256 * 1024 * 1024;
const ATTEMPT_TIMEOUT_MS = 30_000;
const PATIENCE_MS = 60_000;
const NOT_MODIFIED = 304;

export type ListDeps = DocumentDeps & { userAgent: string; lanHosts: readonly string[] };

/** What an origin said of the version of a list that it sent; empty what it did not say. */
export type ListVersion = { etag: string; lastModified: string };

/** Loads a channel list from the web. */
export async function fetchList(deps: ListDeps, url: string): Promise<Buffer<ArrayBuffer>> {
  return (await load(deps, url, {})).bytes;
}

/** Loads a channel list from the web; undefined when it has not changed since the version `known`. */
export async function fetchListIfChanged(
  deps: ListDeps,
  url: string,
  known: ListVersion,
): Promise<({ bytes: Buffer<ArrayBuffer> } & ListVersion) | undefined> {
  try {
    // RFC 9110, 13.1.3: a date counts only where there is no tag.
    if (known.etag !== '') return await load(deps, url, { 'If-None-Match': known.etag });
    if (known.lastModified !== '') return await load(deps, url, { 'If-Modified-Since': known.lastModified });
    return await load(deps, url, {});
  } catch (error) {
    if (error instanceof ProxyError && error.originStatus === NOT_MODIFIED) return undefined;
    throw error;
  }
}

async function load(
  { userAgent, lanHosts, ...deps }: ListDeps,
  url: string,
  conditions: Record<string, string>,
): Promise<{ bytes: Buffer<ArrayBuffer> } & ListVersion> {
  const { head, body } = await fetchDocument(deps, {
    url,
    identity: {
      headers: { Accept: '*/*', 'User-Agent': userAgent, ...conditions },
      cookies: createCookies(),
      reach: reachOfHost(URL.parse(url)?.hostname ?? '', lanHosts),
      onBytes: () => undefined,
    },
    maxBytes: MAX_LIST_BYTES,
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    patienceMs: PATIENCE_MS,
  });
  return {
    bytes: Buffer.from(body),
    etag: head.headers['etag'] ?? '',
    lastModified: head.headers['last-modified'] ?? '',
  };
}
