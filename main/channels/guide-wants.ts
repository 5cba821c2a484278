import { setImmediate } from 'node:timers/promises';
import type { ChannelRepository } from './repository.ts';
import { foldName } from './search-key.ts';

const PAGE = 500;

/** Where the lists say that their programme guides are, those of the first list first. */
export function guideUrlsOf(channels: Pick<ChannelRepository, 'reader'>): string[] {
  const rows = channels
    .reader()
    .database.prepare(`SELECT guide_urls FROM lists WHERE guide_urls <> '[]' ORDER BY key`)
    .all();
  const urls = rows.flatMap((row) => JSON.parse(String(row['guide_urls'])) as string[]);
  return [...new Set(urls)].filter((url) => /^https?:\/\//i.test(url) && URL.canParse(url));
}

/** What the enabled channels want of a guide: programmes by their `tvg-id`, or by their name where they have none. */
export async function guideWantsOf(
  channels: Pick<ChannelRepository, 'pages'>,
): Promise<{ ids: Map<string, string>; names: Set<string>; fold: (name: string) => string }> {
  const ids = new Map<string, string>();
  const names = new Set<string>();
  for (const page of channels.pages(PAGE)) {
    for (const { tvgId, name } of page) {
      if (tvgId === '') names.add(foldName(name));
      else ids.set(tvgId.toLowerCase(), tvgId);
    }
    await setImmediate();
  }
  return { ids, names, fold: foldName };
}
