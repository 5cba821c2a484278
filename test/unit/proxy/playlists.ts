import type { MediaPlaylist, MediaSegment, MultivariantPlaylist } from '../../../main/hls/playlist.ts';
import type { Reference } from '../../../main/hls/reference.ts';

/** A reference to `name` on the provider. */
export function reference(name: string, overrides: Partial<Reference> = {}): Reference {
  return {
    kind: 'segment',
    url: `http://provider.example/live/${name}`,
    name,
    extension: 'ts',
    keyedByQuery: false,
    ranged: false,
    durationSeconds: 6,
    variables: new Map(),
    ...overrides,
  };
}

/** The media segment with that number, called `seg<number>`. */
export function segment(sequenceNumber: number, overrides: Partial<MediaSegment> = {}): MediaSegment {
  return {
    reference: reference(`seg${sequenceNumber}`),
    sequenceNumber,
    byteRange: undefined,
    initialization: undefined,
    keys: [],
    ...overrides,
  };
}

/** A live media playlist of the segments with those numbers. */
export function livePlaylist(
  [first, last]: readonly [first: number, last: number],
  overrides: Partial<MediaPlaylist> = {},
): MediaPlaylist {
  return {
    kind: 'media',
    targetDurationSeconds: 6,
    partTargetSeconds: undefined,
    mediaSequence: first,
    endList: false,
    canBlockReload: false,
    encryptionMethods: [],
    segments: Array.from({ length: last - first + 1 }, (_, index) => segment(first + index)),
    ...overrides,
  };
}

export const MULTIVARIANT: MultivariantPlaylist = { kind: 'multivariant', variants: [], renditions: [] };
