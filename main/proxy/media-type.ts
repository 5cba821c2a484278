/** By what our own URLs end with. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ts: 'video/mp2t',
    m4s: 'video/iso.segment',
    mp4: 'video/mp4',
    m4v: 'video/mp4',
    m4a: 'audio/mp4',
    aac: 'audio/aac',
    ac3: 'audio/ac3',
    eac3: 'audio/eac3',
    mp3: 'audio/mpeg',
    mp2: 'audio/mpeg',
    flac: 'audio/flac',
    vtt: 'text/vtt',
    webvtt: 'text/vtt',
    mpegts: 'video/mp2t',
    mkv: 'video/x-matroska',
    jpg: 'image/jpeg',
    jpeg: 'image/jpeg',
    png: 'image/png',
    webp: 'image/webp',
    key: 'application/octet-stream',
    json: 'application/json',
    txt: 'text/plain; charset=utf-8',
  }),
);

/** Types that say what a body is and cannot run anything in a browser; all others are replaced. */
const TRUSTED = /^(?:(?:video|audio)\/[\w.+-]+|text\/vtt|application\/(?:mp4|ttml\+xml|json))(?:\s*;|$)/i;
const IMAGES = /^image\/(?:jpeg|png|webp)$/i;

/**
 * The type of a resource: the origin's when it tells, else by kind. `text/plain`, `octet-stream` and the like do not tell,
 * an image type on a media segment is a disguise, and HTML is nothing a stream has.
 * @param extension what our URL for it ends with
 */
export function contentTypeOf(originType: string | undefined, extension: string): string {
  const byExtension = TYPES.get(extension) ?? 'application/octet-stream';
  if (originType === undefined) return byExtension;
  if (extension === 'key') return byExtension;
  if (TRUSTED.test(originType)) return originType;
  return byExtension.startsWith('image/') && IMAGES.test(originType) ? originType : byExtension;
}
