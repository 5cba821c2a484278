import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ProxyError } from '../errors.ts';
import { reachOfHost } from './address-guard.ts';
import { createCookies } from './cookies.ts';
import { fetchDocument, type DocumentDeps } from './document.ts';

const MAX_LIST_BYTES = 256 * 1024 * 1024;
const ATTEMPT_TIMEOUT_MS = 30_000;
const PATIENCE_MS = 60_000;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** Loads a channel list from the web; one that is a gzip file is unpacked. */
export async function fetchList(
  { userAgent, lanHosts, ...deps }: DocumentDeps & { userAgent: string; lanHosts: readonly string[] },
  url: string,
): Promise<Buffer<ArrayBuffer>> {
  const { body } = await fetchDocument(deps, {
    url,
    identity: {
      headers: { Accept: '*/*', 'User-Agent': userAgent },
      cookies: createCookies(),
      reach: reachOfHost(URL.parse(url)?.hostname ?? '', lanHosts),
      onBytes: () => undefined,
    },
    maxBytes: MAX_LIST_BYTES,
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    patienceMs: PATIENCE_MS,
  });
  if (!body.subarray(0, 2).equals(GZIP_MAGIC)) return Buffer.from(body);
  try {
    return Buffer.from(await promisify(gunzip)(body, { maxOutputLength: MAX_LIST_BYTES }));
  } catch (cause) {
    throw new ProxyError('BAD_LIST', 'The list is a gzip file that is damaged or larger than 256 MiB.', { cause });
  }
}
