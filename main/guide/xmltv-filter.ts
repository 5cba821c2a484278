import { SaxesParser, type SaxesTagPlain } from 'saxes';

/** Which channels a guide is wanted for. */
export type GuideWants = {
  /** The `tvg-id` of each channel as our list writes it, by the same in lower case. */
  ids: ReadonlyMap<string, string>;
  /** Names of channels that have none, folded: those are found by `display-name`. */
  names: ReadonlySet<string>;
  /** How names are compared. */
  fold: (name: string) => string;
};

/** What of a guide was wanted. */
export type GuideCounts = { channels: number; programmes: number };

/** Pieces this big leave at once. */
const PIECE_CHARACTERS = 64 * 1024;
/** A description is a few hundred characters; an element without end is none. */
const MAX_ELEMENT_CHARACTERS = 256 * 1024;
/** Without a tag for this long it is no XML; the parser would collect it all. */
const MAX_BYTES_BETWEEN_TAGS = 1024 * 1024;
const TAG_START = 0x3c;
const DECLARATION_BYTES = 200;
const LONGEST_ENTITY = 12;

/**
 * Copies what is wanted of an XMLTV document, element by element as it comes: every child of a `channel` or `programme` stays, whatever it
 * is. Channel ids are written as our list writes them, because players compare letter by letter.
 *
 * @param taken ids that another guide has given already, which this one adds to: two guides must not both fill one channel
 * @throws Error when the document is no XML, or not an XMLTV guide
 */
export async function filterGuide(
  chunks: AsyncIterable<Uint8Array>,
  { wants, taken, write }: { wants: GuideWants; taken: Set<string>; write: (text: string) => Promise<void> | void },
): Promise<GuideCounts> {
  const counts = { channels: 0, programmes: 0 };
  const own = new Set<string>();
  const parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  /** What was found by its name, by the guide's own id. */
  const namedIds = new Set<string>();
  let depth = 0;
  let output = '';
  let element: { text: string; isProgramme: boolean; id: string; outId: string | null; names: string[] } | undefined;
  let name: string | undefined;
  let isGuide = false;

  // Guides are seldom flawless, and a bare `&` is no reason to go without one: the parser goes on.
  parser.on('error', () => undefined);

  parser.on('opentag', (tag) => {
    depth += 1;
    if (depth === 1) {
      if (tag.name !== 'tv') throw new Error(`the document is <${tag.name}>, not <tv>`);
      isGuide = true;
    } else if (depth === 2) {
      element = beginElement(tag);
    } else if (element !== undefined) {
      append(`<${tag.name}${attributesOf(tag)}${tag.isSelfClosing ? '/>' : '>'}`);
      name = tag.name === 'display-name' ? '' : undefined;
    }
  });
  const onText = (text: string): void => {
    if (element === undefined || depth < 2) return;
    append(escapeText(text));
    if (name !== undefined) name += text;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', (tag) => {
    if (depth === 2 && element !== undefined) endElement(tag, element);
    else if (element !== undefined && !tag.isSelfClosing) append(`</${tag.name}>`);
    if (name !== undefined) element?.names.push(name);
    name = undefined;
    depth -= 1;
  });

  function beginElement(tag: SaxesTagPlain): typeof element {
    if (tag.name !== 'channel' && tag.name !== 'programme') return undefined;
    const isProgramme = tag.name === 'programme';
    const id = (isProgramme ? tag.attributes['channel'] : tag.attributes['id']) ?? '';
    const outId = wants.ids.get(id.toLowerCase()) ?? (namedIds.has(id) ? id : null);
    // A channel may still turn out to be wanted by its name, which comes later.
    if (isProgramme && (outId === null || isTaken(outId))) return undefined;
    if (!isProgramme && outId !== null && isTaken(outId)) return undefined;
    return { text: '', isProgramme, id, outId, names: [] };
  }

  function isTaken(outId: string): boolean {
    return taken.has(outId) && !own.has(outId);
  }

  function append(text: string): void {
    if (element === undefined) return;
    element.text += text;
    if (element.text.length > MAX_ELEMENT_CHARACTERS) element = undefined;
  }

  function endElement(tag: SaxesTagPlain, { text, isProgramme, id, outId, names }: NonNullable<typeof element>): void {
    element = undefined;
    const isNamed = outId === null && names.some((each) => wants.names.has(wants.fold(each.trim())));
    if (isNamed) namedIds.add(id);
    const found = isNamed ? id : outId;
    if (found === null || isTaken(found)) return;
    own.add(found);
    if (isProgramme) counts.programmes += 1;
    else counts.channels += 1;
    const attributes = { ...tag.attributes, ...(isProgramme ? { channel: found } : { id: found }) };
    output += `<${tag.name}${attributesOf({ attributes })}>${text}</${tag.name}>\n`;
  }

  async function flush(limit: number): Promise<void> {
    if (output.length < limit) return;
    const piece = output;
    output = '';
    await write(piece);
  }

  let sinceTag = 0;
  const watched = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      const lastTag = chunk.lastIndexOf(TAG_START);
      sinceTag = lastTag === -1 ? sinceTag + chunk.length : chunk.length - lastTag;
      if (sinceTag > MAX_BYTES_BETWEEN_TAGS) throw new Error('the document is no XML');
      yield chunk;
    }
  };
  for await (const text of readText(watched())) {
    parser.write(text);
    await flush(PIECE_CHARACTERS);
  }
  parser.close();
  if (!isGuide) throw new Error('the document is empty');
  await flush(1);
  for (const id of own) taken.add(id);
  return counts;
}

/** The text of a document, in pieces, with every `&` that begins nothing written as XML wants it: a title like `Tom & Jerry` is common. */
async function* readText(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let head = Buffer.alloc(0);
  let held = '';
  for await (const chunk of chunks) {
    head = decoder === undefined ? Buffer.concat([head, chunk]) : head;
    if (decoder === undefined && head.length < DECLARATION_BYTES && !head.includes('>')) continue;
    const bytes = decoder === undefined ? head : chunk;
    decoder ??= decoderFor(head);
    const text = held + decoder.decode(bytes, { stream: true });
    const ampersand = text.lastIndexOf('&');
    const isCut = ampersand > text.length - LONGEST_ENTITY && !text.includes(';', ampersand);
    held = isCut && ampersand !== -1 ? text.slice(ampersand) : '';
    yield mendAmpersands(text.slice(0, text.length - held.length));
  }
  yield mendAmpersands(held + (decoder ?? decoderFor(head)).decode(decoder === undefined ? head : undefined));
}

function mendAmpersands(text: string): string {
  return text.replace(/&(?!(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][\da-z]{1,9});)/gi, '&amp;');
}

/** As the XML declaration says; UTF-8 where it says nothing that is known. */
function decoderFor(start: Buffer): TextDecoder {
  const declaration = start.subarray(0, DECLARATION_BYTES).toString('latin1');
  const [, label] = /^[^>]*encoding=["']([\w.:-]+)/.exec(declaration) ?? [];
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}

function attributesOf({ attributes }: { attributes: Record<string, string> }): string {
  return Object.entries(attributes).reduce(
    (text, [key, value]) => `${text} ${key}="${escapeText(value).replaceAll('"', '&quot;')}"`,
    '',
  );
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
