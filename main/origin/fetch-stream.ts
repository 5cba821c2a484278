import { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { reachOfHost } from './address-guard.ts';
import { createCookies } from './cookies.ts';
import { statusError, type OriginClient, type Pausable } from './origin-client.ts';

const HEAD_TIMEOUT_MS = 30_000;
const PROGRESS_TIMEOUT_MS = 30_000;

const DECODERS: Record<string, () => ReturnType<typeof createGunzip>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  br: createBrotliDecompress,
  deflate: createInflate,
};

/**
 * Loads something big from the web as a stream, decoded, at the pace of whoever reads it. Not tried again: nobody waits for it.
 * @throws ProxyError when the answer is no success; a failure later on, or a body over `maxBytes` (as sent), ends the stream with one
 */
export function fetchStream(
  {
    origin,
    userAgent,
    lanHosts,
    now,
  }: { origin: OriginClient; userAgent: string; lanHosts: readonly string[]; now: () => number },
  { url, maxBytes, signal }: { url: string; maxBytes: number; signal: AbortSignal },
): Promise<Readable> {
  return new Promise((resolve, reject) => {
    let valve: Pausable | undefined;
    let bytes = 0;
    const body = new Readable({
      signal,
      read: () => valve?.resume(),
      destroy(error, callback) {
        fetch.abort();
        callback(error);
      },
    });
    body.once('error', reject);
    const fetch = origin.fetch(
      {
        url,
        identity: {
          headers: { Accept: '*/*', 'User-Agent': userAgent },
          cookies: createCookies(),
          reach: reachOfHost(URL.parse(url)?.hostname ?? '', lanHosts),
          onBytes: () => undefined,
        },
        headers: { 'Accept-Encoding': 'gzip, deflate, br' },
        headTimeoutMs: HEAD_TIMEOUT_MS,
        progressTimeoutMs: PROGRESS_TIMEOUT_MS,
      },
      {
        onHead(head, pausable) {
          valve = pausable;
          if (head.status < 200 || head.status > 299) body.destroy(statusError(head, now()));
          else resolve(decoded(body, head.headers['content-encoding']));
        },
        onData(chunk) {
          bytes += chunk.length;
          if (bytes > maxBytes) {
            body.destroy(new ProxyError('ORIGIN_TOO_LARGE', say('origin.tooMuch')));
          } else if (!body.push(chunk)) valve?.pause();
        },
        onEnd: () => void body.push(null),
        onError: (error) => void body.destroy(error),
      },
    );
  });
}

function decoded(body: Readable, encoding: string | undefined): Readable {
  const decoder = DECODERS[(encoding ?? '').trim().toLowerCase()]?.();
  if (decoder === undefined) return body;
  body.on('error', (error) => decoder.destroy(error));
  decoder.on('close', () => body.destroy());
  return body.pipe(decoder);
}
