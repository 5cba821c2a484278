import { say } from '../../shared/sentences.ts';
import { formatRange, parseContentRange, resolveRange, type ByteRange, type ContentRange } from '../byte-range.ts';
import { ProxyError } from '../errors.ts';
import {
  statusError,
  type Fetch,
  type Identity,
  type OriginClient,
  type OriginHead,
  type Pausable,
} from './origin-client.ts';
import { isWorthRetrying, retryDelayMs } from './retry.ts';

/** A GET whose body arrives whole and right, or not at all. */
export type DownloadRequest = {
  url: string;
  identity: Identity;
  range: ByteRange | undefined;
  /** How long the resource plays: what "too slow" means is derived from it. */
  durationSeconds: number | undefined;
  /** Asked once, when the origin says that the URL is no longer good (401, 403, 410): where the same thing is now. */
  renewUrl: (() => Promise<string | undefined>) | undefined;
};

/** The head of what the sink will receive, whatever number of fetches it takes. */
export type DownloadHead = {
  contentType: string | undefined;
  contentEncoding: string | undefined;
  etag: string | undefined;
  contentLength: number | undefined;
  range: ContentRange | undefined;
};

/** Receives one head, the body from its first byte to its last, each once, then exactly one of finish and fail. */
export type DownloadSink = {
  begin(head: DownloadHead, valve: Pausable): void;
  append(chunk: Buffer): void;
  finish(): void;
  fail(error: ProxyError): void;
  /** Bytes received before, to compare what a second fetch repeats; `undefined` when they were not kept. */
  recorded(start: number, end: number): Buffer | undefined;
};

export type DownloadDeps = {
  origin: OriginClient;
  now: () => number;
  random: () => number;
  /** Told of every failure that was hidden by trying again. */
  onHidden: (error: ProxyError) => void;
};

/** A TV that waits for a segment gives up after this; a longer segment buys more patience. */
const PATIENCE_MS = 12_000;
/**
 * When an answer is late, and when a body has stalled: shares of the playing time. A TV joins three segments behind the edge, so it
 * has one playing time to lose; a stall is noticed early enough for a second and a third fetch to make it good.
 */
const HEAD_TIMEOUT = { ofDuration: 0.75, leastMs: 1_500, mostMs: 4_000 };
const STALL_TIMEOUT = { ofDuration: 0.3, leastMs: 500, mostMs: 3_000 };
const MAX_ATTEMPTS_WITHOUT_PROGRESS = 12;
/** A second fetch repeats this much of the first, to prove that it is the same thing. */
const OVERLAP_BYTES = 4096;

/** Starts a download; the returned fetch gives it up. */
export function startDownload(deps: DownloadDeps, request: DownloadRequest, sink: DownloadSink): Fetch {
  const download = new Download(deps, request, sink);
  download.start();
  return download;
}

/**
 * Retries what failed before its first byte, and continues what died or stalled in the middle from the byte where it stopped
 * (RFC 9110 14.2, 13.1.5), checking that the continuation belongs to the same representation.
 */
class Download implements Fetch {
  readonly #deps: DownloadDeps;
  readonly #request: DownloadRequest;
  readonly #sink: DownloadSink;
  #url: string;
  #head: DownloadHead | undefined;
  /** Body bytes handed to the sink. */
  #delivered = 0;
  #lastProgressAt: number;
  /** Attempts since the last byte of progress. */
  #attempts = 0;
  /** How many of them took too long. */
  #timeouts = 0;
  #isRenewed = false;
  #isOver = false;
  #fetch: Fetch | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #valve: Pausable | undefined;
  #isPaused = false;

  constructor(deps: DownloadDeps, request: DownloadRequest, sink: DownloadSink) {
    this.#deps = deps;
    this.#request = request;
    this.#sink = sink;
    this.#url = request.url;
    this.#lastProgressAt = deps.now();
  }

  start(): void {
    const continuation =
      this.#head === undefined ? undefined : new Continuation(this.#head, this.#delivered, this.#sink);
    const range = continuation?.range ?? this.#request.range;
    let body: BodyWindow | undefined;

    this.#fetch = this.#deps.origin.fetch(
      {
        url: this.#url,
        identity: this.#request.identity,
        headers: {
          'Accept-Encoding': 'identity',
          ...(range === undefined ? {} : { Range: formatRange(range) }),
          ...(continuation?.ifRange === undefined ? {} : { 'If-Range': continuation.ifRange }),
        },
        headTimeoutMs: this.#timeoutMs(HEAD_TIMEOUT),
        progressTimeoutMs: this.#timeoutMs(STALL_TIMEOUT),
      },
      {
        onHead: (head, valve) => {
          this.#valve = valve;
          const opened = this.#open(head, continuation);
          if (opened instanceof ProxyError) this.#giveUpFetch(opened);
          else body = opened;
        },
        onData: (chunk) => {
          if (body === undefined) return;
          const fresh = body.take(chunk);
          if (fresh === undefined) return this.#fail(inconsistent());
          if (fresh.length > 0) this.#deliver(fresh);
          if (body.hasSurplus) this.#finish();
        },
        onEnd: () => {
          if (body === undefined || body.isShort)
            this.#recover(new ProxyError('ORIGIN_UNREACHABLE', say('origin.closed')));
          else this.#finish();
        },
        onError: (error) => {
          if (body?.isFull === true) this.#finish();
          else this.#recover(error);
        },
      },
    );
  }

  abort(): void {
    this.#isOver = true;
    clearTimeout(this.#retryTimer);
    this.#fetch?.abort();
  }

  /** Checks a response head; tells the sink of it when it is the first. Returns which bytes of the body are wanted. */
  #open(head: OriginHead, continuation: Continuation | undefined): BodyWindow | ProxyError {
    if (head.status !== 200 && head.status !== 206) return this.#statusError(head);
    if (continuation !== undefined) return continuation.accept(head) ?? inconsistent();
    const first = readHead(head, this.#request.range);
    if (first === undefined) return inconsistent();
    this.#head = first.head;
    this.#sink.begin(first.head, { pause: () => this.#pause(), resume: () => this.#resume() });
    return new BodyWindow({ skip: first.skip, repeated: undefined, wanted: first.head.contentLength });
  }

  #pause(): void {
    this.#isPaused = true;
    this.#valve?.pause();
  }

  #resume(): void {
    this.#isPaused = false;
    this.#lastProgressAt = this.#deps.now();
    this.#valve?.resume();
  }

  #statusError(head: OriginHead): ProxyError {
    if (head.status === 416)
      return new ProxyError('RANGE_NOT_SATISFIABLE', say('origin.noRange'), { originStatus: 416 });
    return statusError(head, this.#deps.now());
  }

  #deliver(chunk: Buffer): void {
    this.#delivered += chunk.length;
    this.#lastProgressAt = this.#deps.now();
    this.#attempts = 0;
    this.#timeouts = 0;
    this.#sink.append(chunk);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#fetch?.abort();
    this.#sink.finish();
  }

  #fail(error: ProxyError): void {
    if (this.#isOver) return;
    this.abort();
    this.#sink.fail(error);
  }

  #giveUpFetch(error: ProxyError): void {
    this.#fetch?.abort();
    this.#recover(error);
  }

  #recover(error: ProxyError): void {
    if (this.#isOver) return;
    if (this.#isExpired(error)) {
      void this.#renew(error);
      return;
    }
    this.#attempts += 1;
    if (error.code === 'ORIGIN_TIMEOUT') this.#timeouts += 1;
    if (!isWorthRetrying(error) || this.#attempts > MAX_ATTEMPTS_WITHOUT_PROGRESS) return this.#fail(error);
    const isFirstInBody = this.#delivered > 0 && this.#attempts === 1;
    const delayMs =
      isFirstInBody && error.retryAfterMs === undefined ? 0 : retryDelayMs(this.#attempts, error, this.#deps.random());
    const patienceMs = Math.max(PATIENCE_MS, (this.#request.durationSeconds ?? 0) * 2000);
    // While its reader takes its time, nobody waits for the origin.
    if (!this.#isPaused && this.#deps.now() + delayMs > this.#lastProgressAt + patienceMs) return this.#fail(error);
    this.#deps.onHidden(error);
    this.#retryTimer = setTimeout(() => this.start(), delayMs);
  }

  #isExpired(error: ProxyError): boolean {
    return (
      !this.#isRenewed && this.#request.renewUrl !== undefined && [401, 403, 410].includes(error.originStatus ?? 0)
    );
  }

  async #renew(error: ProxyError): Promise<void> {
    this.#isRenewed = true;
    const url = await this.#request.renewUrl?.().catch(() => undefined);
    if (this.#isOver) return;
    if (url === undefined || url === this.#url) return this.#fail(error);
    this.#deps.onHidden(error);
    this.#url = url;
    this.start();
  }

  /** A share of the playing time, within bounds; more after each that was not enough, so that a merely slow origin gets its chance. */
  #timeoutMs({ ofDuration, leastMs, mostMs }: typeof HEAD_TIMEOUT): number {
    const seconds = this.#request.durationSeconds;
    const base = seconds === undefined ? mostMs : Math.min(mostMs, Math.max(leastMs, seconds * 1000 * ofDuration));
    return base * 1.5 ** this.#timeouts;
  }
}

/** How the body of a second fetch joins what the first one brought. */
class Continuation {
  readonly range: ByteRange;
  readonly ifRange: string | undefined;
  readonly #head: DownloadHead;
  readonly #delivered: number;
  readonly #overlap: number;
  readonly #sink: DownloadSink;

  constructor(head: DownloadHead, delivered: number, sink: DownloadSink) {
    const origin = head.range?.start ?? 0;
    const isKept = sink.recorded(0, delivered) !== undefined;
    this.#head = head;
    this.#delivered = delivered;
    this.#sink = sink;
    this.#overlap = isKept ? Math.min(OVERLAP_BYTES, delivered) : 0;
    this.range = { start: origin + delivered - this.#overlap, end: head.range?.end };
    this.ifRange = isStrong(head.etag) ? head.etag : undefined;
  }

  /** Which bytes of the response are new, after those that must repeat what is held; `undefined` when it is something else. */
  accept(response: OriginHead): BodyWindow | undefined {
    const etag = header(response, 'etag');
    const isPart = response.status === 206;
    const isSameEtag = etag === this.#head.etag || (!isPart && this.#sink.recorded(0, this.#delivered) !== undefined);
    if (etag !== undefined && this.#head.etag !== undefined && !isSameEtag) return undefined;
    return isPart ? this.#acceptPart(response) : this.#acceptWhole(response);
  }

  #acceptPart(response: OriginHead): BodyWindow | undefined {
    const part = parseContentRange(header(response, 'content-range'));
    if (part === undefined || !('start' in this.range) || part.start !== this.range.start) return undefined;
    const total = this.#head.range === undefined ? this.#head.contentLength : this.#head.range.total;
    if (total !== undefined && part.total !== undefined && total !== part.total) return undefined;
    const repeated =
      this.#overlap > 0 ? this.#sink.recorded(this.#delivered - this.#overlap, this.#delivered) : undefined;
    // A 206 to a request with If-Range vouches by itself (RFC 9110 13.1.5).
    if (repeated === undefined && this.#delivered > 0 && this.ifRange === undefined) return undefined;
    const wanted = this.#wanted(part.total === undefined ? undefined : part.total - this.#delivered);
    // Without a length, the end of this part need not be the end of the whole.
    return wanted === undefined || wanted < 0 ? undefined : new BodyWindow({ skip: 0, repeated, wanted });
  }

  /** The origin ignores ranges: what is held comes again, and must be the same. */
  #acceptWhole(response: OriginHead): BodyWindow | undefined {
    const origin = this.#head.range?.start ?? 0;
    const total = this.#head.range === undefined ? this.#head.contentLength : this.#head.range.total;
    const length = contentLength(response);
    if (total !== undefined && length !== undefined && total !== length) return undefined;
    const repeated = this.#sink.recorded(0, this.#delivered);
    const isVouchedFor = this.ifRange !== undefined && header(response, 'etag') === this.ifRange;
    if (repeated === undefined && this.#delivered > 0 && !isVouchedFor) return undefined;
    const wanted = this.#wanted(length === undefined ? undefined : length - origin - this.#delivered);
    if (wanted !== undefined && wanted < 0) return undefined;
    return new BodyWindow({ skip: origin + (repeated === undefined ? this.#delivered : 0), repeated, wanted });
  }

  /** How many bytes are missing: by the first head, or by this one where the first did not say. */
  #wanted(announced: number | undefined): number | undefined {
    return this.#head.contentLength === undefined ? announced : this.#head.contentLength - this.#delivered;
  }
}

/** Cuts the wanted bytes out of a body: skips some, compares some with what is held, and stops after the last wanted one. */
class BodyWindow {
  #skip: number;
  #repeated: Buffer | undefined;
  #wanted: number | undefined;
  #hasSurplus = false;

  constructor({ skip, repeated, wanted }: { skip: number; repeated: Buffer | undefined; wanted: number | undefined }) {
    this.#skip = skip;
    this.#repeated = repeated;
    this.#wanted = wanted;
  }

  /** All announced bytes have been taken. */
  get isFull(): boolean {
    return this.#wanted === 0 && !this.isShort;
  }

  /** The body goes on behind the wanted bytes. */
  get hasSurplus(): boolean {
    return this.#hasSurplus;
  }

  /** Bytes are missing that were announced, or that a second fetch should have repeated. */
  get isShort(): boolean {
    return this.#skip > 0 || (this.#repeated?.length ?? 0) > 0 || (this.#wanted ?? 0) > 0;
  }

  /** @returns what is new in the chunk, or `undefined` when it does not repeat what is held */
  take(chunk: Buffer): Buffer | undefined {
    let rest = chunk;
    if (this.#skip > 0) {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      rest = rest.subarray(skipped);
    }
    if (this.#repeated !== undefined && rest.length > 0) {
      const length = Math.min(this.#repeated.length, rest.length);
      if (rest.compare(this.#repeated, 0, length, 0, length) !== 0) return undefined;
      this.#repeated = length === this.#repeated.length ? undefined : this.#repeated.subarray(length);
      rest = rest.subarray(length);
    }
    if (this.#wanted !== undefined) {
      this.#hasSurplus = rest.length > this.#wanted;
      rest = rest.subarray(0, this.#wanted);
      this.#wanted -= rest.length;
    }
    return rest;
  }
}

/** The head of a first response, and how many bytes of its body lie before the wanted ones. */
function readHead(
  response: OriginHead,
  asked: ByteRange | undefined,
): { head: DownloadHead; skip: number } | undefined {
  const length = contentLength(response);
  const common = {
    contentType: header(response, 'content-type'),
    contentEncoding: header(response, 'content-encoding'),
    etag: header(response, 'etag'),
  };
  if (response.status === 206) {
    const part = parseContentRange(header(response, 'content-range'));
    if (part === undefined || !isAnswerTo(part, asked)) return undefined;
    return { head: { ...common, contentLength: part.end - part.start + 1, range: asked && part }, skip: 0 };
  }
  if (asked === undefined) return { head: { ...common, contentLength: length, range: undefined }, skip: 0 };
  if (length === undefined) return undefined;
  const part = resolveRange(asked, length);
  if (part === undefined) return undefined;
  return {
    head: { ...common, contentLength: part.end - part.start + 1, range: { ...part, total: length } },
    skip: part.start,
  };
}

function isAnswerTo(part: ContentRange, asked: ByteRange | undefined): boolean {
  if (asked === undefined) return part.start === 0 && part.end + 1 === part.total;
  return !('start' in asked) || (part.start === asked.start && part.end <= (asked.end ?? part.end));
}

function contentLength(response: OriginHead): number | undefined {
  const value = header(response, 'content-length');
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

function header(response: OriginHead, name: string): string | undefined {
  const value = response.headers[name];
  return typeof value === 'string' ? value : undefined;
}

/** RFC 9110 8.8.3: only a strong validator may vouch for a continuation (13.1.5). */
function isStrong(etag: string | undefined): boolean {
  return etag !== undefined && etag.startsWith('"');
}

function inconsistent(): ProxyError {
  return new ProxyError('ORIGIN_INCONSISTENT', say('origin.other'));
}
