/** What a list of channels may be written in, besides UTF-8. */
const FALLBACKS = ['gb18030', 'windows-1252'] as const;

/** The text of a list file: by its byte order mark, else UTF-8, else what Chinese and Western lists are often written in. */
export function decodeList(bytes: Uint8Array<ArrayBuffer>): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  for (const encoding of ['utf-8', ...FALLBACKS]) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // Not this one.
    }
  }
  return new TextDecoder().decode(bytes);
}

/** Whether a text is a list of channels, and not the address of one. */
export function looksLikeList(text: string): boolean {
  const trimmed = text.trim();
  return (
    /^#EXTM3U|^#EXTINF/im.test(trimmed) || /,\s*#genre#/i.test(trimmed) || /^[^\n,]+,\s*https?:\/\//im.test(trimmed)
  );
}
