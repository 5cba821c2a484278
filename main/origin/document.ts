import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { statusError, type Identity, type OriginClient, type OriginHead } from './origin-client.ts';
import { isWorthRetrying, retryDelayMs } from './retry.ts';

/** A GET of something small that is used whole: a playlist, a JSON document, a channel list. */
export type DocumentRequest = {
  url: string;
  identity: Identity;
  /** Longest body, decoded. */
  maxBytes: number;
  /** Longest wait for one answer. */
  attemptTimeoutMs: number;
  /** How long to go on trying; 0: once. */
  patienceMs: number;
  /** Looks at the first bytes; when they are not what was wanted, the rest is not waited for. */
  looksRight?: (firstBytes: Buffer) => boolean;
};

/** A document, decoded. `isWhole` is false when its first bytes did not look right: then these are all there is. */
export type Document = { head: OriginHead; body: Buffer; isWhole: boolean };

export type DocumentDeps = {
  origin: OriginClient;
  now: () => number;
  random: () => number;
  /** Told of every failure that was hidden by trying again. */
  onHidden: (error: ProxyError) => void;
};

/** A body that has taken longer than one wait has to have come faster than this: a drip is no document. */
const SLOWEST_BYTES_PER_MS = 32;

const SHORTEST_RETRY_MS = 1_000;

/** A playlist is small and its viewers are waiting: it is asked for more often than a segment. */
const LONGEST_DELAY_MS = 400;

/**
 * Fetches a document, again when that is worth it.
 * @throws ProxyError when there is none with status 200
 */
export async function fetchDocument(deps: DocumentDeps, request: DocumentRequest): Promise<Document> {
  const givesUpAt = deps.now() + request.patienceMs;
  let { attemptTimeoutMs } = request;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fetchOnce(deps, { ...request, attemptTimeoutMs });
    } catch (error) {
      if (!(error instanceof ProxyError) || !isWorthRetrying(error)) throw error;
      const delayMs = error.retryAfterMs ?? Math.min(LONGEST_DELAY_MS, retryDelayMs(attempt, error, deps.random()));
      if (deps.now() + delayMs > givesUpAt) throw error;
      deps.onHidden(error);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      // A silent origin does not get the whole wait a second time.
      const leftMs = Math.max(SHORTEST_RETRY_MS, givesUpAt - deps.now());
      attemptTimeoutMs = Math.min(request.attemptTimeoutMs, leftMs);
    }
  }
}

async function fetchOnce(deps: DocumentDeps, request: DocumentRequest): Promise<Document> {
  const { head, body, isWhole } = await collect(deps.origin, request);
  if (head.status < 200 || head.status > 299) throw statusError(head, deps.now());
  return {
    head,
    body: isWhole ? await decode(body, head.headers['content-encoding'], request.maxBytes) : body,
    isWhole,
  };
}

function collect(origin: OriginClient, request: DocumentRequest): Promise<Document> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let head: OriginHead | undefined;
    const startedAt = performance.now();
    const done = (isWhole: boolean): void => {
      if (head !== undefined) resolve({ head, body: Buffer.concat(chunks), isWhole });
    };
    const fetch = origin.fetch(
      {
        url: request.url,
        identity: request.identity,
        headers: { 'Accept-Encoding': 'gzip, deflate, br' },
        headTimeoutMs: request.attemptTimeoutMs,
        progressTimeoutMs: request.attemptTimeoutMs,
      },
      {
        onHead: (response) => {
          head = response;
        },
        onData: (chunk) => {
          chunks.push(chunk);
          bytes += chunk.length;
          const isPlain = head?.headers['content-encoding'] === undefined;
          const isOk = head !== undefined && head.status >= 200 && head.status <= 299;
          if (isPlain && isOk && chunks.length === 1 && request.looksRight?.(chunk) === false) {
            fetch.abort();
            done(false);
          } else if (bytes > request.maxBytes) {
            fetch.abort();
            reject(tooLarge());
          } else if (performance.now() - startedAt > request.attemptTimeoutMs + bytes / SLOWEST_BYTES_PER_MS) {
            fetch.abort();
            reject(new ProxyError('ORIGIN_TIMEOUT', say('origin.stopped')));
          }
        },
        onEnd: () => done(true),
        onError: reject,
      },
    );
  });
}

const decoders = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['br', promisify(brotliDecompress)],
]);
const inflateZlib = promisify(inflate);
const inflateBare = promisify(inflateRaw);

/** Undoes `Content-Encoding`, never growing over `maxBytes`. */
async function decode(body: Buffer, encoding: string | undefined, maxBytes: number): Promise<Buffer> {
  const limit = { maxOutputLength: maxBytes };
  const name = (encoding ?? 'identity').trim().toLowerCase();
  try {
    if (name === 'identity' || name === '' || body.length === 0) return body;
    if (name === 'deflate') return await decodeDeflate(body, limit);
    const decoder = decoders.get(name);
    if (decoder === undefined) throw new TypeError('an unknown coding, or several');
    return await decoder(body, limit);
  } catch (cause) {
    if (cause instanceof RangeError) throw tooLarge(cause);
    throw new ProxyError('ORIGIN_INCONSISTENT', say('origin.undecodable', { encoding: name.slice(0, 20) }), {
      cause,
    });
  }
}

/** Some servers leave the wrapping out that the coding's name stands for (RFC 9110 8.4.1.2). */
function decodeDeflate(body: Buffer, limit: { maxOutputLength: number }): Promise<Buffer> {
  return inflateZlib(body, limit).catch((error: unknown) => {
    if (error instanceof RangeError) throw error;
    return inflateBare(body, limit);
  });
}

function tooLarge(cause?: unknown): ProxyError {
  return new ProxyError('ORIGIN_TOO_LARGE', say('origin.tooMuch'), { cause });
}
