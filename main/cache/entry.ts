import { say } from '../../shared/sentences.ts';
import type { ContentRange } from '../byte-range.ts';
import { ProxyError } from '../errors.ts';
import { Passage, type Reader, type Valve } from './passage.ts';

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
/** What a socket takes at once must not decide who is too slow. */
const LEAST_LAG_BYTES = 16 * 1024 * 1024;

/**
 * One upstream response being recorded, which any number of readers follow while it still arrives, early or late.
 * One longer than `maxBytes` is a passage: it holds only what its readers have not taken yet. Where the length was announced, it is one
 * from the start, for a single reader; otherwise it becomes one, for the readers that it has by then.
 */
export class Entry implements Recording {
  /** Resolves with the head; rejects when the load fails before it. */
  readonly ready: Promise<EntryHead>;
  /** Resolves when the entry is complete or failed. */
  readonly settled: Promise<void>;
  readonly #maxBytes: number;
  readonly #onSettled: () => void;
  readonly #onAbandoned: () => void;
  readonly #readers = new Set<Reader>();
  readonly #resolveReady: (head: EntryHead) => void;
  readonly #rejectReady: (error: ProxyError) => void;
  readonly #resolveSettled: () => void;
  #state: 'waiting' | 'recording' | 'complete' | 'failed' = 'waiting';
  #head: EntryHead | undefined;
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;
  #valve: Valve | undefined;
  #passage: Passage | undefined;
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

  /** Too big to keep: for the readers that it has, and no others. */
  get isPassage(): boolean {
    return this.#passage !== undefined;
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
    if (this.#state !== 'complete' || this.#head === undefined || this.isPassage) return undefined;
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

  follow(reader: Reader): void {
    this.#readers.add(reader);
  }

  unfollow(reader: Reader): void {
    this.#readers.delete(reader);
    // Nobody can join what has outgrown the limit.
    if (this.#readers.size === 0 && this.#hasOutgrown) this.abandon();
  }

  /**
   * Body bytes from `start` up to `end` or what has arrived: a view, not a copy.
   * `undefined`: a passage does not have them any more, because this reader stayed too far behind.
   */
  read(start: number, end: number): Buffer | undefined {
    if (this.#passage !== undefined) return this.#passage.read(start, end);
    return this.#buffer.subarray(start, Math.min(end, this.#length));
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
    if ((head.contentLength ?? 0) > this.#maxBytes) this.#passage = this.#createPassage(valve, this.#buffer);
    else this.#buffer = Buffer.allocUnsafeSlow(head.contentLength ?? FIRST_ALLOCATION_BYTES);
    this.#resolveReady(head);
  }

  append(chunk: Buffer): void {
    if (this.#state !== 'recording') return;
    const end = this.#length + chunk.length;
    if (end > this.#maxBytes && this.#passage === undefined && !this.#outgrow()) return;
    if (this.#passage !== undefined) {
      this.#passage.push(chunk);
    } else {
      if (end > this.#buffer.length) this.#grow(end);
      chunk.copy(this.#buffer, this.#length);
    }
    this.#length = end;
    this.#wakeAll();
  }

  finish(): void {
    if (this.#state !== 'recording') return;
    const isSlack = this.#length < this.#buffer.length && !this.isPassage;
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
    this.fail(new ProxyError('ORIGIN_UNREACHABLE', say('origin.unwanted')));
  }

  recorded(start: number, end: number): Buffer | undefined {
    return this.isPassage || end > this.#length ? undefined : this.#buffer.subarray(start, end);
  }

  get #isSettled(): boolean {
    return this.#state === 'complete' || this.#state === 'failed';
  }

  #settle(state: 'complete' | 'failed'): void {
    this.#state = state;
    this.#onSettled();
    this.#resolveSettled();
    this.#wakeAll();
    this.#readers.clear();
  }

  #wakeAll(): void {
    for (const reader of this.#readers) reader.wake();
  }

  /** Readers may still hold views of the old buffer, so it is replaced, never written over. */
  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(bytes, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  /** Whether it was to be kept, until it turned out to be too long. */
  get #hasOutgrown(): boolean {
    return this.isPassage && this.#head?.contentLength === undefined;
  }

  /** Goes on as a passage, if anybody reads. */
  #outgrow(): boolean {
    if (this.#readers.size === 0 || this.#valve === undefined) {
      this.fail(new ProxyError('ORIGIN_TOO_LARGE', say('origin.endless')));
      return false;
    }
    this.#passage = this.#createPassage(this.#valve, this.#buffer.subarray(0, this.#length));
    this.#buffer = Buffer.alloc(0);
    return true;
  }

  #createPassage(valve: Valve, held: Buffer): Passage {
    return new Passage({
      valve,
      readers: this.#readers,
      mostBehindBytes: Math.max(this.#maxBytes, LEAST_LAG_BYTES),
      held,
    });
  }
}

function exactCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}
