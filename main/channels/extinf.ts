const MAX_ATTRIBUTES = 64;

const DURATION = /^\s*[-+]?\d*(?:\.\d*)?/;

/** Ends where an attribute may end, so that `tvg-name="The "Best" One"` keeps its inner quotes. */
const QUOTED = /^[\s,]*([\w.:-]+)\s*=\s*(["'])(.*?)\2(?=\s*(?:,|$|[\w.:-]+\s*=))/s;

/** The next quote ends it, for lists without the comma before the name. */
const SIMPLY_QUOTED = /^[\s,]*([\w.:-]+)\s*=\s*(["'])(.*?)\2/s;

const UNCLOSED = /^\s+([\w.:-]+)\s*=\s*(["'])([^,]*)(?=,)/;

const BARE = /^\s+([\w.:-]+)=()([^\s,"']?[^\s,]*)/;

const ATTRIBUTE_FORMS = [QUOTED, SIMPLY_QUOTED, UNCLOSED, BARE];

/** What stands behind `#EXTINF:` or `#EXTM3U`. */
export type Extinf = {
  /** By lower-case name; the first of a name that has a value counts. */
  attributes: Map<string, string>;
  /** All that follows the first comma behind the attributes. */
  title: string;
};

/** Reads `-1 tvg-id="a" tvg-name='b' group-title=c,Title`; never fails, whatever stands there. */
export function parseExtinf(text: string): Extinf {
  const attributes = new Map<string, string>();
  let rest = text.replace(DURATION, '');
  for (let count = 0; count < MAX_ATTRIBUTES; count += 1) {
    const match = firstMatch(rest);
    if (match === undefined) break;
    const [whole, name = '', , value = ''] = match;
    const key = name.toLowerCase();
    if (!attributes.get(key)) attributes.set(key, value.trim());
    rest = rest.slice(whole.length);
  }
  const comma = rest.indexOf(',');
  return { attributes, title: comma === -1 ? rest : rest.slice(comma + 1) };
}

function firstMatch(text: string): RegExpExecArray | undefined {
  for (const form of ATTRIBUTE_FORMS) {
    const match = form.exec(text);
    if (match !== null) return match;
  }
  return undefined;
}
