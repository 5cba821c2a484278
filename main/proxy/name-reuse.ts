import type { Playlist } from '../hls/playlist.ts';
import type { Reference } from '../hls/reference.ts';

/** Remembers which segment each name of a live playlist stood for. */
export type NameReuse = {
  /** The references of a fresh load whose names have left the playlist and come back for other segments: cached bytes of theirs are wrong now. */
  reused(playlist: Playlist): Reference[];
};

const MOST_NAMES = 4096;

/**
 * Some encoders write `seg0.ts` to `seg9.ts` in a circle. A name that stays in the playlist is the same segment whatever its
 * number says, since origins that count wrong exist too; one that left and returns with another number is another segment.
 * @param nameOf what a reference is cached under
 */
export function createNameReuse(nameOf: (reference: Reference) => string): NameReuse {
  const numbers = new Map<string, number>();
  let current = new Set<string>();

  return {
    reused(playlist) {
      if (playlist.kind !== 'media' || playlist.endList) return [];
      const before = current;
      current = new Set();
      const reused: Reference[] = [];
      for (const { reference, sequenceNumber } of playlist.segments) {
        const name = nameOf(reference);
        const known = numbers.get(name);
        if (known !== undefined && known !== sequenceNumber && !before.has(name) && !current.has(name))
          reused.push(reference);
        current.add(name);
        numbers.delete(name); // and back in at the young end
        numbers.set(name, sequenceNumber);
      }
      for (const name of numbers.keys()) {
        if (numbers.size <= MOST_NAMES) break;
        numbers.delete(name);
      }
      return reused;
    },
  };
}
