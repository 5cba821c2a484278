import { say } from '../../shared/sentences.ts';
import { formatRange } from '../byte-range.ts';
import { ProxyError } from '../errors.ts';
import { startsLikePlaylist, type ByteRange } from '../hls/playlist.ts';
import { fetchDocument } from '../origin/document.ts';
import { statusError, type Identity, type OriginClient, type OriginHead } from '../origin/origin-client.ts';

/** Asks a provider as a player would, and notes what happens on the way. */
export type Probe = {
  /** Loads what should be a playlist; of something else, only the beginning. @throws ProxyError when there is no answer with status 200 */
  document(url: string): Promise<ProbedDocument>;
  /** Loads a segment or a key, as far as the bounds let it. @throws ProxyError as above */
  bytes(url: string, bounds: ProbeBounds): Promise<ProbedBytes>;
  /** The host that was asked last, after redirects; with its port where it has one. */
  readonly host: string;
};

export type ProbedDocument = {
  body: Buffer;
  status: number;
  contentType: string | undefined;
  /** Where it came from, after redirects. */
  url: string;
  redirects: number;
  loadMs: number;
};

export type ProbeBounds = { range?: ByteRange | undefined; maxBytes: number; maxMs: number };

export type ProbedBytes = {
  firstBytes: Buffer;
  /** Those that arrived. */
  bytes: number;
  loadMs: number;
  /** False when it was given up because it took too long. */
  isInTime: boolean;
};

export type ProbeDeps = { origin: OriginClient; now: () => number; random: () => number };

const MAX_PLAYLIST_BYTES = 8 * 1024 * 1024;
const FIRST_BYTES = 1024;
const ANSWER_TIMEOUT_MS = 8_000;

/** @param signal ends what is under way when it is aborted */
export function createProbe({ origin, now, random }: ProbeDeps, identity: Identity, signal: AbortSignal): Probe {
  const client = abortable(origin, signal);
  /** Where the last request went, redirect by redirect. */
  let hops: URL[] = [];
  // A jar is asked once for each hop of a request, and is the only one to see them all.
  const { cookies } = identity;
  const visitor: Identity = {
    ...identity,
    cookies: {
      learn: (url, setCookie) => cookies.learn(url, setCookie),
      headerFor(url, configured) {
        hops.push(url);
        return cookies.headerFor(url, configured);
      },
    },
  };

  function setOut(): number {
    signal.throwIfAborted();
    hops = [];
    return now();
  }

  return {
    get host() {
      return hops.at(-1)?.host ?? '';
    },

    async document(url) {
      const startedAt = setOut();
      const { head, body } = await fetchDocument(
        { origin: client, now, random, onHidden: () => undefined },
        {
          url,
          identity: visitor,
          maxBytes: MAX_PLAYLIST_BYTES,
          attemptTimeoutMs: ANSWER_TIMEOUT_MS,
          patienceMs: 0,
          looksRight: startsLikePlaylist,
        },
      );
      return {
        body,
        status: head.status,
        contentType: head.headers['content-type'],
        url: head.url,
        redirects: hops.length - 1,
        loadMs: now() - startedAt,
      };
    },

    bytes(url, { range, maxBytes, maxMs }) {
      const startedAt = setOut();
      return new Promise((resolve, reject) => {
        let head: OriginHead | undefined;
        let firstBytes = Buffer.alloc(0);
        let bytes = 0;
        const finish = (isInTime: boolean): void =>
          resolve({ firstBytes, bytes: Math.min(bytes, maxBytes), loadMs: now() - startedAt, isInTime });
        const fetch = client.fetch(
          {
            url,
            identity: visitor,
            headers: { 'Accept-Encoding': 'identity', ...(range && { Range: formatRange(toRange(range)) }) },
            headTimeoutMs: ANSWER_TIMEOUT_MS,
            progressTimeoutMs: ANSWER_TIMEOUT_MS,
          },
          {
            onHead(response) {
              head = response;
              if (isSuccess(response)) return;
              fetch.abort();
              reject(statusError(response, now()));
            },
            onData(chunk) {
              if (firstBytes.length < FIRST_BYTES)
                firstBytes = Buffer.concat([firstBytes, chunk]).subarray(0, FIRST_BYTES);
              bytes += chunk.length;
              const isInTime = now() - startedAt <= maxMs;
              if (bytes < maxBytes && isInTime) return;
              fetch.abort();
              finish(isInTime);
            },
            onEnd: () => finish(now() - startedAt <= maxMs),
            // Silence in the middle is slowness too.
            onError: (error) =>
              error.code === 'ORIGIN_TIMEOUT' && head !== undefined && bytes > 0 ? finish(false) : reject(error),
          },
        );
      });
    },
  };
}

function isSuccess({ status }: OriginHead): boolean {
  return status >= 200 && status <= 299;
}

function toRange({ offset, length }: ByteRange): { start: number; end: number } {
  return { start: offset, end: offset + length - 1 };
}

/** The same client; its requests fail when the signal is aborted. */
function abortable(origin: OriginClient, signal: AbortSignal): OriginClient {
  return {
    close: () => origin.close(),
    fetch(request, receiver) {
      const release = (): void => signal.removeEventListener('abort', cancel);
      const fetch = origin.fetch(request, {
        onHead: (head, body) => receiver.onHead(head, body),
        onData: (chunk) => receiver.onData(chunk),
        onEnd: () => {
          release();
          receiver.onEnd();
        },
        onError: (error) => {
          release();
          receiver.onError(error);
        },
      });
      function cancel(): void {
        fetch.abort();
        receiver.onError(new ProxyError('STOPPING', say('task.cancelled')));
      }
      signal.addEventListener('abort', cancel, { once: true });
      return {
        abort() {
          release();
          fetch.abort();
        },
      };
    },
  };
}
