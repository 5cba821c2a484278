import { type Attribute, type Line, scanAttributes } from './lines.ts';
import { type ResolvedLine, toNumber } from './playlist.ts';
import { type Usage, createReferenceBook } from './reference-book.ts';
import { type Reference, type Role, decodeText, decodeUri, hasPlaylistPath } from './reference.ts';
import { createVariables } from './variables.ts';

/** What a playlist is by its tags; `bare` is an M3U without any that tells. */
export type Form = 'multivariant' | 'media' | 'bare';

/** A piece of the text and what comes in its place. */
export type Edit = Span & { replacement: string | Reference };

/** A `part` has the role of the segment it belongs to; what a `hint` announces is said beside it. */
type UriRole = Role | 'part' | 'hint';

/** The role of a URI, or how to tell it from where it leads. */
type RoleOrChoice = Role | ((url: URL) => Role);

type Span = { start: number; end: number };

type Attributes = ReadonlyMap<string, string>;

const NO_ATTRIBUTES: Attributes = new Map();

const RANGE_ATTRIBUTES = ['BYTERANGE', 'BYTERANGE-START', 'BYTERANGE-LENGTH'];

/** The attributes that hold a URI, by tag; a tag not named here has none but a quoted `URI`. */
const URI_ATTRIBUTES: ReadonlyMap<string, ReadonlyMap<string, UriRole>> = new Map<string, Map<string, UriRole>>([
  ['EXT-X-MEDIA', new Map([['URI', 'playlist']])],
  ['EXT-X-I-FRAME-STREAM-INF', new Map([['URI', 'playlist']])],
  ['EXT-X-IMAGE-STREAM-INF', new Map([['URI', 'playlist']])],
  ['EXT-X-RENDITION-REPORT', new Map([['URI', 'playlist']])],
  ['EXT-X-MAP', new Map([['URI', 'initialization']])],
  ['EXT-X-PART', new Map([['URI', 'part']])],
  ['EXT-X-PRELOAD-HINT', new Map([['URI', 'hint']])],
  ['EXT-X-KEY', new Map([['URI', 'key']])],
  ['EXT-X-SESSION-KEY', new Map([['URI', 'key']])],
  ['EXT-X-SESSION-DATA', new Map([['URI', 'json']])],
  ['EXT-X-CONTENT-STEERING', new Map([['SERVER-URI', 'json']])],
  [
    'EXT-X-DATERANGE',
    new Map([
      ['X-ASSET-URI', 'interstitial'],
      ['X-ASSET-LIST', 'json'],
    ]),
  ],
]);

/** Finds the URIs of a playlist, resolves them, and says what each of them is. */
export function resolveLines({
  text,
  lines,
  form,
  baseUrl,
  importedVariables,
  keyedByQuery,
}: {
  text: string;
  lines: readonly Line[];
  form: Form;
  baseUrl: string;
  importedVariables: ReadonlyMap<string, string>;
  keyedByQuery: boolean;
}): { resolvedLines: ResolvedLine[]; edits: Edit[] } {
  const variables = createVariables({ baseUrl, importedVariables });
  const references = createReferenceBook({ baseUrl, keyedByQuery });
  const edits: Edit[] = [];
  let segmentRole: Role = lines.some(({ tag }) => tag === 'EXT-X-IMAGES-ONLY') ? 'image-segment' : 'media-segment';
  /** What the tags since the last segment say of the next. */
  let usage: Usage = {};

  function resolve({ start, end }: Span, role: RoleOrChoice, usedAs: Usage): Reference | undefined {
    const uri = variables.substitute(decodeUri(text.slice(start, end)));
    const reference = references.add(uri, role, usedAs);
    if (reference !== undefined) edits.push({ start, end, replacement: reference });
    return reference;
  }

  function resolveUriLine(line: Line): ResolvedLine {
    const reference = resolve(line, (url) => (isPlaylistLine(form, url) ? 'playlist' : segmentRole), usage);
    usage = {};
    return { tag: undefined, value: '', attributes: NO_ATTRIBUTES, reference };
  }

  function resolveTag(tag: string, line: Line): ResolvedLine {
    const value = text.slice(line.start, line.end);
    if (tag === 'EXTINF') usage.durationSeconds = toNumber(value);
    if (tag === 'EXT-X-BYTERANGE') usage.isRanged = true;
    // What looks like an attribute list in the title of an EXTINF is text.
    const hasAttributes = tag.startsWith('EXT-') && value.includes('=');
    if (!hasAttributes) return { tag, value, attributes: NO_ATTRIBUTES, reference: undefined };

    const attributes = new Map<string, string>();
    const uris: { span: Span; role: UriRole }[] = [];
    for (const attribute of scanAttributes(text, line.start, line.end)) {
      const written = text.slice(attribute.start, attribute.end);
      attributes.set(attribute.name, variables.substitute(decodeText(written)));
      const role = uriRoleOf(tag, attribute);
      if (role !== undefined) uris.push({ span: attribute, role });
      if (tag === 'EXT-X-DEFINE' && attribute.name === 'QUERYPARAM') writeOut(attribute);
    }
    if (tag === 'EXT-X-DEFINE') variables.define(attributes);

    let reference: Reference | undefined;
    for (const { span, role } of uris) reference = resolve(span, toRole(role, attributes), toUsage(tag, attributes));
    if (tag === 'EXT-X-MAP') segmentRole = reference?.extension === 'ts' ? 'media-segment' : 'fragmented-segment';
    return { tag, value, attributes, reference };
  }

  function toRole(role: UriRole, attributes: Attributes): Role {
    if (role === 'hint') return attributes.get('TYPE') === 'MAP' ? 'initialization' : segmentRole;
    return role === 'part' ? segmentRole : role;
  }

  /** The player asks us with another query: what it would read from the origin's is written down for it. */
  function writeOut({ nameStart, start, end, quoted }: Attribute): void {
    const name = text.slice(start, end);
    const value = variables.queryParameter(decodeText(name));
    if (value === undefined) return;
    edits.push({
      start: nameStart,
      end,
      replacement: `NAME="${name}",VALUE="${encodeQuoted(value)}${quoted ? '' : '"'}`,
    });
  }

  const resolvedLines = lines.map((line) =>
    line.tag === undefined ? resolveUriLine(line) : resolveTag(line.tag, line),
  );
  references.complete(form === 'media' ? importedVariables : variables.values);
  return { resolvedLines, edits };
}

function isPlaylistLine(form: Form, url: URL): boolean {
  return form === 'multivariant' || (form === 'bare' && hasPlaylistPath(url));
}

function uriRoleOf(tag: string, { name, quoted }: Attribute): UriRole | undefined {
  const roles = URI_ATTRIBUTES.get(tag);
  if (roles !== undefined) return roles.get(name);
  return quoted && name === 'URI' ? 'other' : undefined;
}

function toUsage(tag: string, attributes: Attributes): Usage {
  return {
    durationSeconds: tag === 'EXT-X-PART' ? toNumber(attributes.get('DURATION')) : undefined,
    isRanged: RANGE_ATTRIBUTES.some((name) => attributes.has(name)),
  };
}

/** Text for a quoted string of a playlist that is read as latin1: without what would end it (RFC 8216bis 4.2). */
function encodeQuoted(text: string): string {
  return Buffer.from(text.replace(/["\r\n]/g, encodeURIComponent), 'utf8').toString('latin1');
}
