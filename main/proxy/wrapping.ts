import { setTimeout as sleep } from 'node:timers/promises';
import type { Opened } from '../cache/response-cache.ts';
import type { MediaPlaylist, MediaSegment } from '../hls/playlist.ts';

/** Wraps a channel's lone media playlist in a multivariant one, for players that insist. */
export type Wrapping = {
  /**
   * @param link where its media playlist is
   * @param open fetches a segment that has no byte range of its own, into the cache or out of it
   */
  wrap(playlist: MediaPlaylist, options: { link: string; open: (segment: MediaSegment) => Opened }): Promise<string>;
};

/** Players begin three target durations before the end (RFC 8216bis 6.3.3). */
const FIRST_PLAYED = -3;
const MEASURE_PATIENCE_MS = 4_000;
/** Said where nothing can be measured: with a single variant it decides nothing. */
const ASSUMED_BITS_PER_SECOND = 4_000_000;

/**
 * BANDWIDTH is measured on the segment that a player begins with, which it is about to ask for anyway; what was once seen stays
 * the peak. CODECS, which may be left out, are: with wrong ones players refuse what they could play.
 */
export function createWrapping(): Wrapping {
  let peakBitsPerSecond = 0;

  async function measure(segment: MediaSegment, open: (segment: MediaSegment) => Opened): Promise<void> {
    const seconds = segment.reference.durationSeconds;
    if (seconds === undefined) return;
    const bytes = segment.byteRange?.length ?? (await sizeOf(open(segment)));
    if (bytes !== undefined) peakBitsPerSecond = Math.max(peakBitsPerSecond, (bytes * 8) / seconds);
  }

  return {
    async wrap({ segments }, { link, open }) {
      const segment = segments.at(FIRST_PLAYED) ?? segments[0];
      if (segment !== undefined)
        await Promise.race([measure(segment, open), sleep(MEASURE_PATIENCE_MS, undefined, { ref: false })]);
      const bandwidth = Math.ceil(peakBitsPerSecond) || ASSUMED_BITS_PER_SECOND;
      return `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth}\n${link}\n`;
    },
  };
}

/** Known from the head on, mostly; the load goes on for the TV that is about to ask. */
async function sizeOf(opened: Opened): Promise<number | undefined> {
  if ('stored' in opened) return opened.stored.body.length;
  const { entry } = opened;
  entry.retain();
  void entry.settled.then(() => entry.release());
  try {
    const { contentLength } = await entry.ready;
    if (contentLength === undefined) await entry.settled;
    return contentLength ?? entry.stored?.body.length;
  } catch {
    return undefined;
  } finally {
    if (entry.isPassage && opened.outcome === 'miss') entry.abandon();
  }
}
