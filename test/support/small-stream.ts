import { makeSegment } from './content.ts';

type MediaPlaylistOptions = {
  /** Media sequence number of the first segment. */
  sequence?: number;
  targetSeconds?: number;
  /** Further lines before the segments. */
  tags?: readonly string[];
  isComplete?: boolean;
};

const PACKET_BYTES = 188;

/** A media playlist of segments that play as long as its target duration. */
export function mediaPlaylist(
  uris: readonly string[],
  { sequence = 0, targetSeconds = 2, tags = [], isComplete = false }: MediaPlaylistOptions = {},
): string {
  const lines = [
    ...['#EXTM3U', `#EXT-X-TARGETDURATION:${targetSeconds}`, `#EXT-X-MEDIA-SEQUENCE:${sequence}`],
    ...tags,
    ...uris.flatMap((uri) => [`#EXTINF:${targetSeconds},`, uri]),
    ...(isComplete ? ['#EXT-X-ENDLIST'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** A segment unlike any other of its size. */
export function sampleSegment(sequence: number, packets = 64): Buffer {
  return makeSegment({ channel: 1, variant: 0, sequence, bytes: packets * PACKET_BYTES });
}

/** Where a playlist leads, absolute, in its order: URI lines, and attributes that hold a URI. */
export function linksIn(playlist: string, baseUrl: string): string[] {
  const uris = playlist
    .split(/\r?\n/)
    .flatMap((line) =>
      line.startsWith('#')
        ? Array.from(line.matchAll(/[:,][A-Z-]*(?:URI|LIST)="([^"]*)"/g), ([, uri = '']) => uri)
        : line,
    );
  return uris.filter((uri) => uri !== '').map((uri) => new URL(uri, baseUrl).href);
}
