import { targetDurationMs, type Playlist } from '../hls/playlist.ts';

/** What a load of a playlist showed, compared with the load before. */
export type Observation = 'first' | 'changed' | 'unchanged';

const MULTIVARIANT_REUSE_MS = 30_000;
const VOD_REUSE_MS = 60_000;
const SHORTEST_REUSE_MS = 200;

/**
 * How long a playlist may be given to TVs without asking the origin again.
 *
 * A live one: half a target duration, as RFC 8216 6.3.4 has it for a client whose last reload brought nothing new. When the
 * last reload did bring a new segment, the next is a target duration away, so the relay waits nine tenths of one: it comes a
 * little earlier each time until it is too early once, and so stays close behind the origin's own clock with few requests.
 * @returns milliseconds
 */
export function reuseMs(playlist: Playlist, observation: Observation): number {
  if (playlist.kind !== 'media') return MULTIVARIANT_REUSE_MS;
  if (playlist.endList) return VOD_REUSE_MS;
  if (playlist.partTargetSeconds !== undefined) return Math.max(SHORTEST_REUSE_MS, playlist.partTargetSeconds * 500);
  return Math.max(SHORTEST_REUSE_MS, targetDurationMs(playlist) * (observation === 'changed' ? 0.9 : 0.5));
}

/** How much longer the last good playlist is repeated while the origin fails, in milliseconds: one target duration. */
export function repeatMs(playlist: Playlist): number {
  return playlist.kind === 'media' && !playlist.endList ? targetDurationMs(playlist) : VOD_REUSE_MS;
}

/** Whether a reload of a live playlist brought something new. */
export function observe(playlist: Playlist, before: Playlist | undefined): Observation {
  if (before?.kind !== 'media' || playlist.kind !== 'media') return 'first';
  return lastSequence(playlist) === lastSequence(before) ? 'unchanged' : 'changed';
}

function lastSequence(playlist: Extract<Playlist, { kind: 'media' }>): number {
  return playlist.segments.at(-1)?.sequenceNumber ?? playlist.mediaSequence - 1;
}
