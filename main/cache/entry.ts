import type { ContentRange } from '../byte-range.ts';
import { ProxyError } from '../errors.ts';

/** What a response is, besides its bytes. */
export type EntryHead = {
  contentType: string | undefined;
  contentEncoding: string | undefined;
  etag: string | undefined;
  /** Bytes that will arrive; `undefined` when the origin did not say. */
  contentLength: number | undefined;
  /** Set when the entry is a part of something: which bytes of it (both inclusive), and how many it has, if known. */
  range: ContentRange | undefined;
};

/** A complete response. */
export type Stored = { head: EntryHead; body: Buffer };

/** Slows an origin down and lets it go on: what a body too big to keep is read with. */
export type Valve = { pause(): void; resume(): void };

/** Where the bytes of a load go: into an entry. */
export type Recording = {
  begin(head: EntryHead, valve: Valve): void;
  append(chunk: Buffer): void;
  finish(): void;
  fail(error: ProxyError): void;
  /** Bytes recorded so far, to compare a second fetch with; `undefined` when they were not kept. */
  recorded(start: number, end: number): Buffer | undefined;
};

const FIRST_ALLOCATION_BYTES = 256 * 1024;
const PASSAGE_BUFFER_BYTES = 2 * 1024 * 1024;

/**
 * One upstream response being recorded, which any number of readers follow while it still arrives, early or late.
 * One whose announced length is over `maxBytes` is a passage: it keeps only what its single reader has not taken yet.
 */
export class Entry implements Recording {
  /** Resolves with the head; rejects when the load fails before it. */
  readonly ready: Promise<EntryHead>;
  /** Resolves when the entry is complete or failed. */
  readonly settled: Promise<void>;
  readonly #maxBytes: number;
  readonly #onSettled: () => void;
  readonly #onAbandoned: () => void;
  readonly #followers = new Set<() => void>();
  readonly #resolveReady: (head: EntryHead) => void;
  readonly #rejectReady: (error: ProxyError) => void;
  readonly #resolveSettled: () => void;
  #state: 'waiting' | 'recording' | 'complete' | 'failed' = 'waiting';
  #head: EntryHead | undefined;
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;
  /** What a passage holds for its reader. */
  #passing: Buffer[] = [];
  #passingBytes = 0;
  #valve: Valve | undefined;
  #isPassage = false;
  #isAdopted = false;
  #interest = 0;

  /**
   * @param onSettled called once, when the entry is complete or failed
   * @param onAbandoned called each time the last one interested leaves before that
   */
  constructor({
    maxBytes,
    onSettled,
    onAbandoned,
  }: {
    maxBytes: number;
    onSettled: () => void;
    onAbandoned: () => void;
  }) {
    this.#maxBytes = maxBytes;
    this.#onSettled = onSettled;
    this.#onAbandoned = onAbandoned;
    const ready = Promise.withResolvers<EntryHead>();
    this.ready = ready.promise;
    this.#resolveReady = ready.resolve;
    this.#rejectReady = ready.reject;
    ready.promise.catch(() => undefined); // readers await it themselves; without any, a failure is nobody's
    const settled = Promise.withResolvers<void>();
    this.settled = settled.promise;
    this.#resolveSettled = settled.resolve;
  }

  /** Body bytes that have arrived. */
  get length(): number {
    return this.#length;
  }

  get isComplete(): boolean {
    return this.#state === 'complete';
  }

  get hasFailed(): boolean {
    return this.#state === 'failed';
  }

  /** Too big to keep: for its first reader alone. */
  get isPassage(): boolean {
    return this.#isPassage;
  }

  /** It came whole out of a tier, not from upstream. */
  get isAdopted(): boolean {
    return this.#isAdopted;
  }

  get isWanted(): boolean {
    return this.#interest > 0;
  }

  /** The whole response, once complete and kept. */
  get stored(): Stored | undefined {
    if (this.#state !== 'complete' || this.#head === undefined || this.#isPassage) return undefined;
    return { head: { ...this.#head, contentLength: this.#length }, body: this.#buffer };
  }

  /** Declares interest; without any, the load is given up after a while. Undone by `release()`. */
  retain(): void {
    this.#interest += 1;
  }

  release(): void {
    this.#interest -= 1;
    if (this.#interest === 0 && !this.#isSettled) this.#onAbandoned();
  }

  /** Calls `wake` whenever there is more to read, or no more to come. */
  follow(wake: () => void): void {
    this.#followers.add(wake);
  }

  unfollow(wake: () => void): void {
    this.#followers.delete(wake);
  }

  /** Body bytes from `start` up to `end` or what has arrived: a view, not a copy. A passage hands over all that it holds. */
  read(start: number, end: number): Buffer {
    return this.#isPassage ? this.#takePassing() : this.#buffer.subarray(start, Math.min(end, this.#length));
  }

  /** Becomes what another tier has kept. */
  adopt({ head, body }: Stored): void {
    if (this.#state !== 'waiting') return;
    this.#head = head;
    this.#buffer = body;
    this.#length = body.length;
    this.#isAdopted = true;
    this.#resolveReady(head);
    this.#settle('complete');
  }

  begin(head: EntryHead, valve: Valve): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'recording';
    this.#head = head;
    this.#valve = valve;
    this.#isPassage = head.contentLength !== undefined && head.contentLength > this.#maxBytes;
    if (!this.#isPassage) this.#buffer = Buffer.allocUnsafeSlow(head.contentLength ?? FIRST_ALLOCATION_BYTES);
    this.#resolveReady(head);
  }

  append(chunk: Buffer): void {
    if (this.#state !== 'recording') return;
    const end = this.#length + chunk.length;
    if (this.#isPassage) {
      this.#pass(chunk);
    } else if (end > this.#maxBytes) {
      this.fail(new ProxyError('ORIGIN_TOO_LARGE', 'The provider sends a body without end.'));
      return;
    } else {
      if (end > this.#buffer.length) this.#grow(end);
      chunk.copy(this.#buffer, this.#length);
    }
    this.#length = end;
    this.#wakeAll();
  }

  finish(): void {
    if (this.#state !== 'recording') return;
    const isSlack = this.#length < this.#buffer.length && !this.#isPassage;
    if (isSlack) this.#buffer = exactCopy(this.#buffer.subarray(0, this.#length));
    this.#settle('complete');
  }

  fail(error: ProxyError): void {
    if (this.#isSettled) return;
    this.#rejectReady(error);
    this.#settle('failed');
  }

  /** Ends a load that nobody waits for. */
  abandon(): void {
    this.fail(new ProxyError('ORIGIN_UNREACHABLE', 'Given up because nobody waited for it.'));
  }

  recorded(start: number, end: number): Buffer | undefined {
    return this.#isPassage || end > this.#length ? undefined : this.#buffer.subarray(start, end);
  }

  get #isSettled(): boolean {
    return this.#state === 'complete' || this.#state === 'failed';
  }

  #settle(state: 'complete' | 'failed'): void {
    this.#state = state;
    this.#onSettled();
    this.#resolveSettled();
    this.#wakeAll();
    this.#followers.clear();
  }

  #wakeAll(): void {
    for (const wake of this.#followers) wake();
  }

  /** Readers may still hold views of the old buffer, so it is replaced, never written over. */
  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  #pass(chunk: Buffer): void {
    this.#passing.push(chunk);
    this.#passingBytes += chunk.length;
    if (this.#passingBytes >= PASSAGE_BUFFER_BYTES) this.#valve?.pause();
  }

  #takePassing(): Buffer {
    const [only] = this.#passing;
    const bytes = this.#passing.length === 1 && only !== undefined ? only : Buffer.concat(this.#passing);
    this.#passing = [];
    // Later, because it brings the next bytes at once, and these have yet to reach their reader.
    if (this.#passingBytes >= PASSAGE_BUFFER_BYTES) queueMicrotask(() => this.#valve?.resume());
    this.#passingBytes = 0;
    return bytes;
  }
}

function exactCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
