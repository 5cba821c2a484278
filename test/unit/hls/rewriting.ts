import { readFileSync } from 'node:fs';
import type { Playlist } from '../../../main/hls/playlist.ts';
import type { Reference } from '../../../main/hls/reference.ts';
import { rewritePlaylist } from '../../../main/hls/rewrite.ts';

export const BASE_URL = 'https://origin.example/live/ch1/index.m3u8?token=t%26%201&session=9';

/** A file of `test/fixtures/hls`. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../fixtures/hls/${name}`, import.meta.url));
}

/** A link that says all there is to know and can be opened again. */
export function openableLink({ kind, name, extension, url }: Reference): string {
  return `${kind}/${name}.${extension}?k=${encodeURIComponent(url).replaceAll("'", '%27')}`;
}

/** The upstream URL behind an openable link. */
export function openLink(link: string): string {
  return decodeURIComponent(link.slice(link.indexOf('?k=') + 3));
}

type Overrides = { baseUrl?: string; importedVariables?: ReadonlyMap<string, string>; keyedByQuery?: boolean };

/** Rewrites with openable links and keeps every reference, in the order in which they were linked. */
export function rewrite(
  playlist: string | Buffer,
  overrides: Overrides = {},
): { text: string; body: Buffer; playlist: Playlist; references: Reference[] } {
  const references: Reference[] = [];
  const rewritten = rewritePlaylist(Buffer.from(playlist), {
    baseUrl: BASE_URL,
    importedVariables: new Map(),
    ...overrides,
    link: (reference) => {
      references.push(reference);
      return openableLink(reference);
    },
  });
  return { ...rewritten, text: rewritten.body.toString(), references };
}
