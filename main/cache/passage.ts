/** Slows an origin down and lets it go on: what a body too big to keep is read with. */
export type Valve = { pause(): void; resume(): void };

/** One who reads a body while it arrives. */
export type Reader = {
  /** The next byte that it wants. */
  position: number;
  /** Called whenever there is more to read, or no more to come. */
  wake(): void;
};

type PassageOptions = {
  valve: Valve;
  readers: ReadonlySet<Reader>;
  /** How far a reader may stay behind the fastest, in bytes. */
  mostBehindBytes: number;
  /** What has arrived already; may be empty. */
  held: Buffer;
};

const MOST_AHEAD_BYTES = 2 * 1024 * 1024;

/**
 * What is held of a body too big to keep: from its slowest reader on. The origin is held back to the pace of the fastest, so that no
 * other waits for a slow one; who stays too far behind is let go.
 */
export class Passage {
  readonly #valve: Valve;
  readonly #readers: ReadonlySet<Reader>;
  readonly #mostBehindBytes: number;
  readonly #pieces: Buffer[] = [];
  /** Where in the body the first piece starts, and the last one ends. */
  #start = 0;
  #end = 0;
  #isPaused = false;

  constructor({ valve, readers, mostBehindBytes, held }: PassageOptions) {
    this.#valve = valve;
    this.#readers = readers;
    this.#mostBehindBytes = mostBehindBytes;
    if (held.length > 0) this.push(held);
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#end += piece.length;
    this.#regulate();
  }

  /** Body bytes from `start` up to `end` or what has arrived; `undefined` to a reader that stayed too far behind. */
  read(start: number, end: number): Buffer | undefined {
    if (start < this.#start) return undefined;
    const wanted: Buffer[] = [];
    let position = this.#start;
    for (const piece of this.#pieces) {
      if (position >= end) break;
      const part = piece.subarray(Math.max(0, start - position), end - position);
      if (part.length > 0) wanted.push(part);
      position += piece.length;
    }
    // Later, because it brings the next bytes at once, and these have yet to reach their reader.
    queueMicrotask(() => this.#regulate());
    const [only] = wanted;
    return wanted.length === 1 && only !== undefined ? only : Buffer.concat(wanted);
  }

  #regulate(): void {
    const positions = Array.from(this.#readers, ({ position }) => position);
    const fastest = Math.max(this.#start, ...positions);
    const slowest = Math.min(fastest, ...positions);
    this.#dropBefore(Math.max(slowest, Math.min(fastest, this.#end - this.#mostBehindBytes)));
    const isFull = this.#end - fastest >= MOST_AHEAD_BYTES;
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull) this.#valve.pause();
    else this.#valve.resume();
  }

  #dropBefore(position: number): void {
    let [first] = this.#pieces;
    while (first !== undefined && this.#start + first.length <= position) {
      this.#pieces.shift();
      this.#start += first.length;
      [first] = this.#pieces;
    }
  }
}
