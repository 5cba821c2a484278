/** One segment of a media playlist. */
type Entry = {
  /** The lines that stand for it, its URI last. */
  lines: readonly string[];
  uri: string;
  /** Where it ends in its file; 0 when it is the whole file. */
  endByte: number;
  /** The EXT-X-KEY and EXT-X-MAP lines that apply to it. */
  key: string | null;
  map: string | null;
};

/** A finished media playlist taken apart, so that a window over it can be shown as if it were live. */
export type SlidingPlaylist = { header: readonly string[]; entries: readonly Entry[] };

/** Tags that speak of the whole list and are written anew for each window, or not at all for a live one. */
const LIST_TAGS = ['#EXTM3U', '#EXT-X-MEDIA-SEQUENCE', '#EXT-X-PLAYLIST-TYPE', '#EXT-X-ENDLIST'];
const HEADER_TAGS = ['#EXT-X-VERSION', '#EXT-X-TARGETDURATION', '#EXT-X-INDEPENDENT-SEGMENTS'];

/** Takes apart a media playlist as ffmpeg writes it. */
export function takeApart(playlist: string): SlidingPlaylist {
  const header: string[] = [];
  const entries: Entry[] = [];
  let key: string | null = null;
  let map: string | null = null;
  let lines: string[] = [];
  for (const line of playlist.split('\n').filter((text) => text !== '')) {
    const tag = line.replace(/:.*/s, '');
    if (LIST_TAGS.includes(tag)) continue;
    if (HEADER_TAGS.includes(tag)) header.push(line);
    else if (tag === '#EXT-X-KEY') key = line;
    else if (tag === '#EXT-X-MAP') map = line;
    else lines.push(line);
    if (line.startsWith('#')) continue;
    entries.push({ lines, uri: line, endByte: endByteOf(lines), key, map });
    lines = [];
  }
  return { header, entries };
}

function endByteOf(lines: readonly string[]): number {
  const [, length = 0, offset = 0] =
    lines.map((line) => /^#EXT-X-BYTERANGE:(\d+)@(\d+)$/.exec(line)).find(Boolean) ?? [];
  return Number(offset) + Number(length);
}

/** The playlist while entries from `first` up to and without `end` are on air; complete once the last one is. */
export function windowOf({ header, entries }: SlidingPlaylist, first: number, end: number): string {
  const body = entries.slice(first, end).flatMap((entry, index) => {
    const before = index === 0 ? undefined : entries[first + index - 1];
    return [
      ...(entry.key !== null && entry.key !== before?.key ? [entry.key] : []),
      ...(entry.map !== null && entry.map !== before?.map ? [entry.map] : []),
      ...entry.lines,
    ];
  });
  const over = end >= entries.length ? ['#EXT-X-ENDLIST'] : [];
  return `${['#EXTM3U', ...header, `#EXT-X-MEDIA-SEQUENCE:${first}`, ...body, ...over].join('\n')}\n`;
}
