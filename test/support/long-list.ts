/** A channel list of this many entries, as a provider would send it; in every hundredth of them the name is Chinese. */
export function longList(length: number, lineOf: (index: number) => string = entryOf): string {
  return `#EXTM3U\n${Array.from({ length }, (_, index) => lineOf(index)).join('\n')}\n`;
}

const GROUPS_OF_LONG_LIST = 40;

/** The entry at an index, with another name or address where those are given. */
export function entryOf(index: number, { name = nameOf(index), path = `${index}.m3u8` } = {}): string {
  return `#EXTINF:-1 tvg-id="c${index}" group-title="Group ${index % GROUPS_OF_LONG_LIST}",${name}\nhttp://origin.example/${path}`;
}

export function nameOf(index: number): string {
  return index % 100 === 0 ? `山川纪实 ${index}` : `Channel ${index}`;
}
