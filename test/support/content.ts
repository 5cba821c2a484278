import { crc32 } from 'node:zlib';
import { LRUCache } from 'lru-cache';

/** Which segment of which channel a body is, as its first packet says. */
export type SegmentIdentity = { channel: number; variant: number; sequence: number; bytes: number };

/** Every segment that can exist, made when first asked for and kept within a budget. */
export type SegmentLibrary = (identity: SegmentIdentity) => Buffer;

const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;
const MAGIC = 'HEARTHC1';

/** The nearest size that is whole MPEG-TS packets, at least two. */
export function alignToPackets(bytes: number): number {
  return Math.max(2, Math.round(bytes / PACKET_BYTES)) * PACKET_BYTES;
}

/**
 * One deterministic MPEG-TS segment: null packets (PID 0x1FFF) with seeded payload. The first packet carries the
 * identity and the CRC-32 of all packets after it, so that a client can tell a wrong segment from a damaged one.
 */
export function makeSegment({ channel, variant, sequence, bytes }: SegmentIdentity): Buffer {
  const segment = Buffer.from(pseudoRandomWords(bytes / 4, seedOf(channel, variant, sequence)).buffer);
  for (let offset = 0; offset < bytes; offset += PACKET_BYTES) {
    const continuityCounter = (offset / PACKET_BYTES) & 0x0f;
    segment.writeUInt32BE(((SYNC_BYTE << 24) | 0x1fff10 | continuityCounter) >>> 0, offset);
  }
  segment.fill(0xff, 4, PACKET_BYTES);
  segment.write(MAGIC, 4, 'latin1');
  segment.writeUInt32BE(channel, 12);
  segment.writeUInt32BE(variant, 16);
  segment.writeDoubleBE(sequence, 20);
  segment.writeUInt32BE(bytes, 28);
  segment.writeUInt32BE(crc32(segment.subarray(PACKET_BYTES)), 32);
  return segment;
}

/** The CRC-32 that a segment made by makeSegment says of itself. */
export function segmentChecksum(segment: Buffer): string {
  return segment.readUInt32BE(32).toString(16);
}

/** A library that remembers at most `maxBytes` of segments. */
export function createSegmentLibrary({ maxBytes }: { maxBytes: number }): SegmentLibrary {
  const made = new LRUCache<string, Buffer>({ maxSize: maxBytes, sizeCalculation: (segment) => segment.length });
  return (identity) => {
    const key = `${identity.channel}/${identity.variant}/${identity.sequence}/${identity.bytes}`;
    const known = made.get(key);
    if (known) return known;
    const segment = makeSegment(identity);
    made.set(key, segment);
    return segment;
  };
}

/** Checks one segment body, chunk by chunk, against the only bytes it may consist of. */
export class SegmentVerifier {
  readonly #library: SegmentLibrary;
  readonly #wanted: { channel: number; sequence?: number };
  #firstPacket = Buffer.alloc(0);
  #expected: Buffer | null = null;
  #offset = 0;
  #defect: string | null = null;

  constructor({ library, channel, sequence }: { library: SegmentLibrary; channel: number; sequence?: number }) {
    this.#library = library;
    this.#wanted = sequence === undefined ? { channel } : { channel, sequence };
  }

  push(chunk: Buffer): void {
    if (this.#defect) return;
    if (this.#expected) return this.#compare(chunk, this.#expected);
    const start = this.#firstPacket.length === 0 ? chunk : Buffer.concat([this.#firstPacket, chunk]);
    if (start.length < PACKET_BYTES) {
      this.#firstPacket = Buffer.from(start);
      return;
    }
    this.#identify(start);
  }

  /** What is wrong with the body, or null when it was complete and right. */
  finish(): string | null {
    if (this.#defect) return this.#defect;
    if (!this.#expected) return 'empty or cut within the first packet';
    return this.#offset === this.#expected.length ? null : 'truncated';
  }

  #identify(start: Buffer): void {
    const identity = readIdentity(start);
    if (!identity) {
      this.#defect = 'not a segment of this origin';
      return;
    }
    const { channel, sequence = identity.sequence } = this.#wanted;
    if (identity.channel !== channel || identity.sequence !== sequence) {
      this.#defect = 'another segment than the one asked for';
      return;
    }
    this.#expected = this.#library(identity);
    this.#compare(start, this.#expected);
  }

  #compare(chunk: Buffer, expected: Buffer): void {
    const end = this.#offset + chunk.length;
    if (end > expected.length) this.#defect = 'too long';
    else if (expected.compare(chunk, 0, chunk.length, this.#offset, end) !== 0) this.#defect = 'bytes differ';
    this.#offset = end;
  }
}

function readIdentity(start: Buffer): SegmentIdentity | null {
  if (start[0] !== SYNC_BYTE || start.toString('latin1', 4, 12) !== MAGIC) return null;
  return {
    channel: start.readUInt32BE(12),
    variant: start.readUInt32BE(16),
    sequence: start.readDoubleBE(20),
    bytes: start.readUInt32BE(28),
  };
}

function seedOf(channel: number, variant: number, sequence: number): number {
  const mixed =
    Math.imul(channel + 1, 0x9e3779b1) ^ Math.imul(variant + 1, 0x85ebca6b) ^ Math.imul(sequence | 0, 0xc2b2ae35);
  return mixed === 0 ? 1 : mixed;
}

/** Marsaglia's xorshift32. */
function pseudoRandomWords(count: number, seed: number): Uint32Array {
  const words = new Uint32Array(count);
  let state = seed;
  for (let index = 0; index < count; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return words;
}
