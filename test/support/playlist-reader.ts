/** As much of a playlist as a simulated TV needs; the relay's own parser is what is under test, so it is not used here. */
export type ReadPlaylist = {
  targetDurationMs: number;
  variants: { bandwidth: number; url: string }[];
  segments: { url: string; sequence: number; durationMs: number }[];
};

/** Reads a plain multivariant or media playlist; `baseUrl` is where it came from. Throws when it is none. */
export function readPlaylist(text: string, baseUrl: string): ReadPlaylist {
  if (!text.startsWith('#EXTM3U')) throw new Error('not a playlist');
  const playlist: ReadPlaylist = { targetDurationMs: 0, variants: [], segments: [] };
  let bandwidth: number | null = null;
  let durationMs = 0;
  let sequence = 0;
  for (const line of text.split(/\r?\n/)) {
    const [tag, value = ''] = splitTag(line);
    if (tag === '#EXT-X-STREAM-INF') bandwidth = Number(/BANDWIDTH=(\d+)/.exec(value)?.[1] ?? 0);
    else if (tag === '#EXT-X-TARGETDURATION') playlist.targetDurationMs = Number(value) * 1000;
    else if (tag === '#EXT-X-MEDIA-SEQUENCE') sequence = Number(value);
    else if (tag === '#EXTINF') durationMs = parseFloat(value) * 1000;
    if (line === '' || line.startsWith('#')) continue;
    const url = new URL(line, baseUrl).href;
    if (bandwidth === null) playlist.segments.push({ url, sequence: sequence + playlist.segments.length, durationMs });
    else playlist.variants.push({ url, bandwidth });
    bandwidth = null;
  }
  return playlist;
}

/** The variant a TV on a good network plays; the playlist's own URL when it is a media playlist already. */
export function bestVariantUrl(playlist: ReadPlaylist, ownUrl: string): string {
  const best = playlist.variants.toSorted((a, b) => b.bandwidth - a.bandwidth)[0];
  return best?.url ?? ownUrl;
}

function splitTag(line: string): [string, string?] {
  const colon = line.indexOf(':');
  return line.startsWith('#') && colon > 0 ? [line.slice(0, colon), line.slice(colon + 1)] : [line];
}
