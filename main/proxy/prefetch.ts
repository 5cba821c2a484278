import type { ByteRange } from '../byte-range.ts';
import type { Playlist } from '../hls/playlist.ts';
import type { Reference } from '../hls/reference.ts';

/** Something that TVs are about to ask for. */
export type Upcoming = { reference: Reference; range: ByteRange | undefined };

/** More at once would take from the provider's line what TVs are waiting for. */
const MOST_SEGMENTS = 2;

/**
 * What a reload of a live playlist brought that TVs will ask for next, live edge first: the newest segments, and the
 * initialization section and keys they need. A first load brings nothing: the TV that caused it is about to ask itself.
 */
export function upcoming(playlist: Playlist, before: Playlist | undefined): Upcoming[] {
  if (playlist.kind !== 'media' || playlist.endList || before?.kind !== 'media') return [];
  const lastKnown = before.segments.at(-1)?.sequenceNumber;
  if (lastKnown === undefined) return [];
  return playlist.segments
    .filter(({ sequenceNumber }) => sequenceNumber > lastKnown)
    .slice(-MOST_SEGMENTS)
    .toReversed()
    .flatMap(({ reference, byteRange, initialization, keys }) => [
      { reference, range: toRange(byteRange) },
      ...(initialization === undefined
        ? []
        : [{ reference: initialization.reference, range: toRange(initialization.byteRange) }]),
      ...keys.map((key) => ({ reference: key.reference, range: undefined })),
    ]);
}

function toRange(part: { offset: number; length: number } | undefined): ByteRange | undefined {
  return part && { start: part.offset, end: part.offset + part.length - 1 };
}
