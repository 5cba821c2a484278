import { type Line, parseLines } from './lines.ts';
import { type Playlist, type ResolvedLine, readMediaPlaylist, readMultivariantPlaylist } from './playlist.ts';
import type { Reference } from './reference.ts';
import { type Edit, type Form, resolveLines } from './resolve-lines.ts';

type ReadOptions = {
  /** Where the playlist came from, after redirects. */
  baseUrl: string;
  /** What `EXT-X-DEFINE:IMPORT` reads: `Reference.variables` of the link that led here. */
  importedVariables: ReadonlyMap<string, string>;
  /** `Reference.keyedByQuery` of the link that led here: what tells two playlists apart tells their segments apart. */
  keyedByQuery?: boolean;
};

type RewriteOptions = ReadOptions & {
  /** What to write in the place of a reference: ASCII without quotes, commas or blanks. Called once for each. */
  link: (reference: Reference) => string;
};

const MULTIVARIANT_TAGS = [
  'EXT-X-MEDIA',
  'EXT-X-I-FRAME-STREAM-INF',
  'EXT-X-IMAGE-STREAM-INF',
  'EXT-X-SESSION-DATA',
  'EXT-X-SESSION-KEY',
  'EXT-X-CONTENT-STEERING',
];

const MEDIA_TAGS = [
  'EXT-X-TARGETDURATION',
  'EXT-X-MEDIA-SEQUENCE',
  'EXT-X-DISCONTINUITY-SEQUENCE',
  'EXT-X-DISCONTINUITY',
  'EXT-X-ENDLIST',
  'EXT-X-PLAYLIST-TYPE',
  'EXT-X-I-FRAMES-ONLY',
  'EXT-X-IMAGES-ONLY',
  'EXT-X-PART-INF',
  'EXT-X-PART',
  'EXT-X-PRELOAD-HINT',
  'EXT-X-SERVER-CONTROL',
  'EXT-X-BYTERANGE',
  'EXT-X-KEY',
  'EXT-X-MAP',
  'EXT-X-PROGRAM-DATE-TIME',
];

/**
 * Puts a link in the place of every URI that HTTP can fetch and keeps every other byte, so that tags nobody here has
 * heard of survive. One exception: a `QUERYPARAM` definition is written out, because the player never sees that query.
 * Takes any bytes and never throws unless `link` does; `isPlaylist` tells whether it makes sense.
 */
export function rewritePlaylist(
  body: Buffer,
  { link, ...options }: RewriteOptions,
): { body: Buffer; playlist: Playlist } {
  const { playlist, write } = readForRewriting(body, options);
  return { playlist, body: write(link) };
}

/** As `rewritePlaylist`, in two steps: between them a long playlist's links can be made a few at a time. */
export function readForRewriting(
  body: Buffer,
  options: ReadOptions,
): { playlist: Playlist; references: readonly Reference[]; write: (link: RewriteOptions['link']) => Buffer } {
  // latin1 maps each byte to one character and back: what is no UTF-8 survives too.
  const text = body.toString('latin1');
  const lines = parseLines(text);
  const form = formOf(lines);
  const { resolvedLines, edits } = resolveLines({ text, lines, form, keyedByQuery: false, ...options });
  const replacements = edits.flatMap(({ replacement }) => (typeof replacement === 'string' ? [] : replacement));
  return {
    playlist: toPlaylist(form, resolvedLines),
    references: [...new Set(replacements)],
    write: (link) => Buffer.from(applyEdits(text, edits, link), 'latin1'),
  };
}

function formOf(lines: readonly Line[]): Form {
  const tags = new Set(lines.map(({ tag }) => tag));
  if (tags.has('EXT-X-STREAM-INF')) return 'multivariant';
  if (MEDIA_TAGS.some((tag) => tags.has(tag))) return 'media';
  return MULTIVARIANT_TAGS.some((tag) => tags.has(tag)) ? 'multivariant' : 'bare';
}

function toPlaylist(form: Form, lines: readonly ResolvedLine[]): Playlist {
  if (form === 'multivariant') return readMultivariantPlaylist(lines);
  const targets = form === 'bare' ? playlistsNamedBy(lines) : [];
  return targets.length > 0 ? { kind: 'pointer', targets } : readMediaPlaylist(lines);
}

function playlistsNamedBy(lines: readonly ResolvedLine[]): Reference[] {
  return lines.flatMap(({ reference }) => (reference?.kind === 'playlist' ? reference : []));
}

/** Writes the text with each edited piece replaced; edits stand in the order of the text. */
function applyEdits(text: string, edits: readonly Edit[], link: RewriteOptions['link']): string {
  const links = new Map<Reference, string>();
  const pieces: string[] = [];
  let position = 0;
  for (const { start, end, replacement } of edits) {
    pieces.push(text.slice(position, start), typeof replacement === 'string' ? replacement : linkOnce(replacement));
    position = end;
  }
  pieces.push(text.slice(position));
  return pieces.join('');

  function linkOnce(reference: Reference): string {
    const written = links.get(reference) ?? link(reference);
    links.set(reference, written);
    return written;
  }
}
