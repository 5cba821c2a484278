import { isUtf8 } from 'node:buffer';

/** What stands behind a URI of a playlist, and so what the relay does with it. */
export type ReferenceKind = 'playlist' | 'segment' | 'key' | 'data';

/** One URI of a playlist, resolved. */
export type Reference = {
  kind: ReferenceKind;
  /** Absolute upstream URL: variables substituted, no fragment. */
  url: string;
  /** The origin's last path component made safe for a URL path: `[A-Za-z0-9._-]{1,64}`, no extension, no leading dot. */
  name: string;
  /** What the LAN path must end with, without the dot: players check it. */
  extension: string;
  /** The query is part of its identity: another URI differs from it in nothing else. */
  keyedByQuery: boolean;
  /** The playlist addresses it by byte ranges. */
  ranged: boolean;
  /** How long a segment or part plays: whole milliseconds, up to a day. */
  durationSeconds: number | undefined;
  /** The `EXT-X-DEFINE` variables that a child playlist may import; empty for other kinds. */
  variables: ReadonlyMap<string, string>;
};

/** The part a URI plays in its document, which decides its kind and what its LAN path ends with. */
export type Role =
  | 'playlist'
  | 'media-segment'
  | 'fragmented-segment'
  | 'image-segment'
  | 'initialization'
  | 'interstitial'
  | 'key'
  | 'json'
  | 'other';

/** What ffmpeg 5.1 and mpv play, by the last part of the path. */
const MEDIA_EXTENSIONS: ReadonlySet<string> = new Set(
  'ts m4s mp4 m4a m4v aac ac3 eac3 mp3 mp2 flac vtt webvtt mpegts mpeg mpg mov mkv 3gp avi ogg oga ogv wav vob'.split(
    ' ',
  ),
);

/** Other names of the same formats, which those players refuse. */
const MEDIA_EXTENSION_ALIASES: ReadonlyMap<string, string> = new Map([
  ...'m2ts mts m2t'.split(' ').map((alias) => [alias, 'ts'] as const),
  ...'cmfv cmfa cmft m4f fmp4'.split(' ').map((alias) => [alias, 'm4s'] as const),
  ['ec3', 'eac3'],
]);

const IMAGE_EXTENSIONS: ReadonlySet<string> = new Set('jpg jpeg png webp'.split(' '));

/** Extensions of data that a browser on the LAN would not run. */
const DATA_EXTENSIONS: ReadonlySet<string> = new Set('json txt xml csv plist bin'.split(' '));

const MAX_NAME_LENGTH = 64;
const LONGEST_DURATION_SECONDS = 86_400;
const NO_VARIABLES: ReadonlyMap<string, string> = new Map();

/** Resolves a URI as written; undefined when it is empty, broken, or nothing HTTP can fetch (`data:`, `skd:`, ...). */
export function resolveUri(uri: string, baseUrl: string): URL | undefined {
  if (uri === '') return undefined;
  const url = URL.parse(uri, baseUrl);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  if (uri.includes('#')) url.hash = '';
  return url;
}

/** Decodes a URI that was read as latin1. Bytes that are no UTF-8 go to the origin as they are, percent-encoded. */
export function decodeUri(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  if (isUtf8(Buffer.from(bytes, 'latin1'))) return decodeText(bytes);
  return bytes.replace(/[\x80-\xFF]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Decodes UTF-8 that was read as latin1. */
export function decodeText(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Describes a resolved URL by the part it plays. */
export function createReference(role: Role, url: URL, durationSeconds?: number): Reference {
  const { stem, extension } = splitFileName(url.pathname);
  const kind = kindOf(role, extension);
  return {
    kind,
    url: url.href,
    name: toSafeName(stem) || kind,
    extension: kind === 'playlist' ? 'm3u8' : extensionFor(role, extension),
    keyedByQuery: false,
    ranged: false,
    durationSeconds: toWholeMilliseconds(durationSeconds),
    variables: NO_VARIABLES,
  };
}

/** Whether a URL's path (not its query) ends like a playlist's. */
export function hasPlaylistPath(url: URL): boolean {
  return isPlaylistExtension(splitFileName(url.pathname).extension);
}

function kindOf(role: Role, extension: string): ReferenceKind {
  switch (role) {
    case 'playlist':
    case 'key':
      return role;
    case 'media-segment':
    case 'fragmented-segment':
    case 'image-segment':
    case 'initialization':
      return 'segment';
    case 'interstitial':
      return toMediaExtension(extension) === undefined ? 'playlist' : 'segment';
    case 'json':
    case 'other':
      return isPlaylistExtension(extension) ? 'playlist' : 'data';
  }
}

function extensionFor(role: Role, extension: string): string {
  switch (role) {
    case 'playlist':
      return 'm3u8';
    case 'key':
      return 'key';
    case 'image-segment':
      if (IMAGE_EXTENSIONS.has(extension)) return extension;
      return toMediaExtension(extension) ?? 'jpg';
    case 'media-segment':
      return toMediaExtension(extension) ?? 'ts';
    case 'fragmented-segment':
      return toMediaExtension(extension) ?? 'm4s';
    case 'initialization':
    case 'interstitial':
      return toMediaExtension(extension) ?? 'mp4';
    case 'json':
    case 'other':
      if (DATA_EXTENSIONS.has(extension) || IMAGE_EXTENSIONS.has(extension)) return extension;
      return toMediaExtension(extension) ?? (role === 'json' ? 'json' : 'bin');
  }
}

function toMediaExtension(extension: string): string | undefined {
  return MEDIA_EXTENSIONS.has(extension) ? extension : MEDIA_EXTENSION_ALIASES.get(extension);
}

function isPlaylistExtension(extension: string): boolean {
  return extension === 'm3u8' || extension === 'm3u';
}

/** `/a/seg-1.TS` is `seg-1` and `ts`; a number behind a dot (`/a/seg.1042`) is no extension. */
function splitFileName(pathname: string): { stem: string; extension: string } {
  const fileName = pathname.slice(pathname.lastIndexOf('/') + 1);
  const dot = fileName.lastIndexOf('.');
  const extension = dot < 0 ? '' : fileName.slice(dot + 1).toLowerCase();
  if (!/^\d*[a-z][a-z\d]{0,7}$/.test(extension)) return { stem: fileName, extension: '' };
  return { stem: fileName.slice(0, dot), extension };
}

/** Keeps the end of a long name: that is where the number of a segment stands. */
function toSafeName(stem: string): string {
  return percentDecode(stem)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .slice(-MAX_NAME_LENGTH)
    .replace(/^[.-]+/, '');
}

function percentDecode(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function toWholeMilliseconds(durationSeconds: number | undefined): number | undefined {
  if (durationSeconds === undefined || !(durationSeconds <= LONGEST_DURATION_SECONDS)) return undefined;
  const rounded = Math.round(durationSeconds * 1000) / 1000;
  return rounded > 0 ? rounded : undefined;
}

function isAscii(text: string): boolean {
  return !/[\u0080-\uFFFF]/.test(text);
}
