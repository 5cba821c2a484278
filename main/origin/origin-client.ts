import type { IncomingHttpHeaders } from 'node:http';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError, systemErrorCode } from '../errors.ts';
import { addressError, createGuardedConnector, isHostTooFar, type Reach } from './address-guard.ts';
import { createBreaker, type Breaker } from './breaker.ts';
import type { Cookies } from './cookies.ts';
import { parseRetryAfter } from './retry.ts';

/** Who asks an origin, and how: everything of a channel that its requests have in common. */
export type Identity = {
  /** The source itself: credentials in it (`http://user:password@host/`) are good for all of its origin. */
  sourceUrl?: string;
  /** Request headers by canonical name. */
  headers: Readonly<Record<string, string>>;
  cookies: Cookies;
  reach: Reach;
  /** Told of every body byte that arrives. */
  onBytes: (bytes: number) => void;
};

/** One GET. */
export type OriginRequest = {
  url: string;
  identity: Identity;
  /** Request headers of this very request (`Range`, `If-Range`, `Accept-Encoding`). */
  headers: Readonly<Record<string, string>>;
  /** Longest wait for the response head, redirects included. */
  headTimeoutMs: number;
  /** Longest pause between two pieces of the body. */
  progressTimeoutMs: number;
};

/** The head of the final response. */
export type OriginHead = {
  status: number;
  headers: IncomingHttpHeaders;
  /** Where the response came from, after redirects. */
  url: string;
};

/** Told what becomes of a request: one head, body pieces, then exactly one of end and error. Nothing after `abort()`. */
export type OriginReceiver = {
  /** Any status but a redirect. `body` may be paused while what was read is being used. */
  onHead(head: OriginHead, body: Pausable): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onError(error: ProxyError): void;
};

export type Pausable = { pause(): void; resume(): void };

/** A request under way. */
export type Fetch = { abort(): void };

/** Fetches from origins over HTTP/1.1: redirects, cookies, time-outs, address checks, and errors in our words. No retries. */
export type OriginClient = {
  fetch(request: OriginRequest, receiver: OriginReceiver): Fetch;
  close(): Promise<void>;
};

const MAX_REDIRECTS = 10;
/** A redirect's own body is read to its end, so that the connection can be used again, unless it is longer than this. */
const MAX_DRAINED_BYTES = 64 * 1024;
const CONNECT_TIMEOUT_MS = 5_000;
/** undici's own limit is only the last resort; ours are tighter and exact. */
const BACKSTOP_TIMEOUT_MS = 120_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * @param upstreamProxy an HTTP proxy for everything public, or empty: it then resolves the names, so that only what is written in a
 * URL is checked here
 */
export function createOriginClient({
  connectionsPerHost,
  upstreamProxy = '',
  now,
}: {
  connectionsPerHost: number;
  upstreamProxy?: string;
  now: () => number;
}): OriginClient {
  const breaker = createBreaker({ now });
  const common = {
    allowH2: false,
    pipelining: 1,
    connections: connectionsPerHost,
    keepAliveTimeout: 15_000,
    headersTimeout: BACKSTOP_TIMEOUT_MS,
    bodyTimeout: BACKSTOP_TIMEOUT_MS,
    maxHeaderSize: 64 * 1024,
  };
  const direct = (reach: Reach): Agent =>
    new Agent({ ...common, connect: createGuardedConnector(reach, CONNECT_TIMEOUT_MS) });
  const agents = {
    public: upstreamProxy === '' ? direct('public') : new ProxyAgent({ ...common, uri: upstreamProxy }),
    lan: direct('lan'),
    machine: direct('machine'),
  } satisfies Record<Reach, Dispatcher>;

  return {
    fetch: (request, receiver) =>
      new RedirectingFetch({ agent: agents[request.identity.reach], breaker, request, receiver }),
    async close() {
      await Promise.all(Object.values(agents).map((agent) => agent.destroy()));
    },
  };
}

/** The error that a final response without a 2xx status is. */
export function statusError(head: OriginHead, nowMs: number): ProxyError {
  if (head.status === 404) return new ProxyError('ORIGIN_NOT_FOUND', say('origin.notFound'), { originStatus: 404 });
  const retryAfterMs = parseRetryAfter(head.headers['retry-after'], nowMs);
  return new ProxyError('ORIGIN_STATUS', say('origin.status', { status: head.status }), {
    originStatus: head.status,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** One request through its redirects. Only the newest hop is listened to. */
class RedirectingFetch implements Fetch {
  readonly #agent: Dispatcher;
  readonly #breaker: Breaker;
  readonly #request: OriginRequest;
  readonly #receiver: OriginReceiver;
  readonly #headTimer: NodeJS.Timeout;
  #progressTimer: NodeJS.Timeout | undefined;
  #hop: Hop | undefined;
  #redirects = 0;
  #isPaused = false;
  #isSettled = false;

  constructor({
    agent,
    breaker,
    request,
    receiver,
  }: {
    agent: Dispatcher;
    breaker: Breaker;
    request: OriginRequest;
    receiver: OriginReceiver;
  }) {
    this.#agent = agent;
    this.#breaker = breaker;
    this.#request = request;
    this.#receiver = receiver;
    this.#headTimer = setTimeout(
      () => this.#fail(new ProxyError('ORIGIN_TIMEOUT', say('origin.silent'))),
      request.headTimeoutMs,
    );
    const url = toHttpUrl(request.url);
    // Later, so that the caller holds this fetch before its receiver hears of it.
    queueMicrotask(() => {
      if (url === undefined) this.#fail(new ProxyError('ORIGIN_UNREACHABLE', say('origin.noWebAddress')));
      else this.#send(url);
    });
  }

  abort(): void {
    if (this.#settle()) this.#hop?.abort();
  }

  #send(url: URL): void {
    if (this.#isSettled) return;
    const refusal = this.#breaker.refusal(url.host);
    if (refusal !== undefined) {
      this.#fail(new ProxyError('ORIGIN_UNREACHABLE', refusal.reason, { retryAfterMs: refusal.waitMs }));
      return;
    }
    if (isHostTooFar(url.hostname, this.#request.identity.reach)) {
      this.#fail(addressError());
      return;
    }
    const hop = new Hop(url);
    this.#hop = hop;
    try {
      this.#agent.dispatch(
        { origin: url.origin, path: url.pathname + url.search, method: 'GET', headers: this.#headersFor(url) },
        {
          onRequestStart: (controller) => hop.begin(controller),
          onResponseStart: (_controller, status, headers) => this.#onHead(hop, status, headers),
          onResponseData: (_controller, chunk) => this.#onData(hop, chunk),
          onResponseEnd: () => {
            if (!hop.isLeft && this.#settle()) this.#receiver.onEnd();
          },
          onResponseError: (_controller, error) => {
            if (!hop.isLeft) this.#fail(toProxyError(error));
          },
        },
      );
    } catch (error) {
      this.#fail(toProxyError(error));
    }
  }

  #onHead(hop: Hop, status: number, headers: IncomingHttpHeaders): void {
    if (hop.isLeft || status < 200) return;
    this.#breaker.answered(hop.url.host);
    hop.hasAnswered = true;
    this.#request.identity.cookies.learn(hop.url, headers['set-cookie']);
    if (REDIRECTS.has(status) && headers.location !== undefined) {
      this.#follow(hop, headers.location);
      return;
    }
    clearTimeout(this.#headTimer);
    this.#progressTimer = setTimeout(() => this.#onNoProgress(), this.#request.progressTimeoutMs);
    this.#receiver.onHead(
      { status, headers, url: hop.url.href },
      { pause: () => this.#pause(hop), resume: () => this.#resume(hop) },
    );
  }

  #onData(hop: Hop, chunk: Buffer): void {
    if (hop.isLeft) {
      hop.drop(chunk.length);
      return;
    }
    this.#progressTimer?.refresh();
    this.#request.identity.onBytes(chunk.length);
    this.#receiver.onData(chunk);
  }

  #follow(hop: Hop, location: string): void {
    hop.leave();
    this.#redirects += 1;
    const target = toHttpUrl(location, hop.url);
    if (this.#redirects > MAX_REDIRECTS) this.#fail(new ProxyError('ORIGIN_REDIRECTS', say('origin.circle')));
    else if (target === undefined) this.#fail(new ProxyError('ORIGIN_REDIRECTS', say('origin.elsewhere')));
    else this.#send(target);
  }

  /** What the user configured goes everywhere the channel leads, credentials only where they were meant to go (Fetch standard, 4.4 step 15). */
  #headersFor(url: URL): Record<string, string> {
    const headers: Record<string, string> = { ...this.#request.identity.headers, ...this.#request.headers };
    const isForeign = this.#redirects > 0 && url.origin !== toHttpUrl(this.#request.url)?.origin;
    if (isForeign) delete headers['Authorization'];
    const holder = [url, toHttpUrl(this.#request.identity.sourceUrl ?? '')].find(
      (known) => known?.origin === url.origin && known.username !== '',
    );
    if (holder !== undefined) headers['Authorization'] = basicAuthorization(holder);
    const cookie = this.#request.identity.cookies.headerFor(url, isForeign ? undefined : headers['Cookie']);
    delete headers['Cookie'];
    if (cookie !== undefined) headers['Cookie'] = cookie;
    return headers;
  }

  #pause(hop: Hop): void {
    this.#isPaused = true;
    hop.controller?.pause();
  }

  #resume(hop: Hop): void {
    this.#isPaused = false;
    this.#progressTimer?.refresh();
    hop.controller?.resume();
  }

  #onNoProgress(): void {
    if (this.#isPaused) this.#progressTimer?.refresh();
    else this.#fail(new ProxyError('ORIGIN_TIMEOUT', say('origin.stopped')));
  }

  #fail(error: ProxyError): void {
    if (!this.#settle()) return;
    if (this.#hop?.hasAnswered === false && (error.code === 'ORIGIN_UNREACHABLE' || error.code === 'ORIGIN_TIMEOUT'))
      this.#breaker.failed(this.#hop.url.host, error.sentence);
    this.#hop?.abort();
    this.#receiver.onError(error);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    clearTimeout(this.#headTimer);
    clearTimeout(this.#progressTimer);
    return true;
  }
}

/** One response of a redirect chain. It may be aborted before undici has started it, and is drained, if short, once left. */
class Hop {
  readonly url: URL;
  controller: Dispatcher.DispatchController | undefined;
  hasAnswered = false;
  isLeft = false;
  #isAborted = false;
  #droppedBytes = 0;

  constructor(url: URL) {
    this.url = url;
  }

  begin(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.#isAborted) this.abort();
  }

  leave(): void {
    this.isLeft = true;
  }

  drop(bytes: number): void {
    this.#droppedBytes += bytes;
    if (this.#droppedBytes > MAX_DRAINED_BYTES) this.abort();
  }

  abort(): void {
    this.isLeft = true;
    this.#isAborted = true;
    this.controller?.abort(new Error('given up'));
  }
}

function toHttpUrl(text: string, base?: URL): URL | undefined {
  if (!URL.canParse(text, base)) return undefined;
  const url = new URL(text, base);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

function basicAuthorization(url: URL): string {
  const credentials = `${decodePercent(url.username)}:${decodePercent(url.password)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function toProxyError(cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  const code = systemErrorCode(cause);
  if (
    code === 'UND_ERR_CONNECT_TIMEOUT' ||
    code === 'ETIMEDOUT' ||
    code === 'UND_ERR_HEADERS_TIMEOUT' ||
    code === 'UND_ERR_BODY_TIMEOUT'
  ) {
    return new ProxyError('ORIGIN_TIMEOUT', say('origin.silent'), { cause });
  }
  return new ProxyError('ORIGIN_UNREACHABLE', connectionSentence(code), { cause });
}

function connectionSentence(code: string | undefined): Sentence {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return say('origin.noName');
    case 'ECONNREFUSED':
      return say('origin.refuses');
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return say('origin.noWay');
    case 'CERT_HAS_EXPIRED':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return say('origin.certificate');
    default:
      return say('origin.broke');
  }
}
