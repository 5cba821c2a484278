const ASCII = /^[\0-\x7f]*$/;

/** Accents that a search may leave out; those of Thai, Hindi and Japanese are letters of their own. */
const ACCENTS = /[\u0300-\u036f]+/g;

/** What providers add to a name for the same channel in another picture quality. */
const QUALITY =
  /(?<![\p{L}\p{N}])(?:[fuq]?hd|sd|[248]k|(?:2160|1440|1080|720|576|480)[pi]|hevc|h\.?26[45])(?![\p{L}\p{N}])|[高超标]清|蓝光/gu;

const BRACKETS_AND_SPACES = /[\s()[\]{}<>（）［］【】「」『』〔〕]+/gu;

const LOOSE_ENDS = /^[^\p{L}\p{N}+]+|[^\p{L}\p{N}+]+$/gu;

/** A text as the search sees it: no capitals, no accents, no typographic variants. */
export function foldName(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize('NFKD').replace(ACCENTS, '').normalize('NFC').toLowerCase();
}

/** Puts names in the order in which people count when compared byte by byte: `Kit 9` before `Kit 10`. */
export function naturalKey(name: string): string {
  return foldName(name).replace(/\d+/g, (digits) => {
    const figures = digits.replace(/^0+(?=\d)/, '');
    return String.fromCharCode(0x2f + Math.min(figures.length, 64)) + figures;
  });
}

/** The same for `News HD`, `[FHD] news` and `News (1080p)`, and another for `News +1` and `News (UK)`. */
export function mergeName(name: string): string {
  const folded = foldName(name);
  const plain = folded.replace(QUALITY, ' ').replace(BRACKETS_AND_SPACES, '').replace(LOOSE_ENDS, '');
  return plain === '' ? folded : plain;
}
