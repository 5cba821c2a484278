import type { Channel, Source } from '../../shared/channel.ts';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { parseExtinf, type Extinf } from './extinf.ts';
import { inSlices } from './in-slices.ts';
import { listLines, MAX_LINE_BYTES } from './list-text.ts';
import { isHeaderAttribute, parseAddress, parseHeaderList, withHeaders } from './source-address.ts';

const MAX_NAME_LENGTH = 300;
const MAX_ATTRIBUTE_LENGTH = 4096;
const MAX_SKIPPED_KEPT = 100;

/** Two gigabytes of memory to compare with what is there. */
export const MAX_ENTRIES = 500_000;

/** Room for much to be said of each channel; 256 MiB of line breaks are a minute's work, and travel as 260 kB. */
const MAX_LINES = 8 * MAX_ENTRIES;

/** Each is with every channel of the list, and is written once. */
const MAX_INHERITED = 64;

/** Each is loaded twice a day. */
const MAX_GUIDES = 64;

/** A line that could not be used, and why in words. */
export type SkippedLine = { line: number; reason: Sentence };

/** One channel as a list names it. */
export type ListEntry = Pick<Channel, 'name' | 'number' | 'group' | 'logo' | 'tvgId' | 'attributes' | 'sources'>;

/** A whole list, read. */
export type ChannelList = {
  /** Never empty. */
  entries: ListEntry[];
  /** The first hundred lines that could not be used; `skippedCount` is how many there were in all. */
  skipped: SkippedLine[];
  skippedCount: number;
  /** Where the list says its programme guides are (`x-tvg-url`). */
  guideUrls: string[];
};

const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:\/\/|javascript:|data:)/i;

/** `Name,http://one#http://two`; commas in the name are fine. */
const TXT_LINE = /^([^#].*?),\s*((?:[a-z][a-z0-9+.-]*:\/\/|javascript:|data:).*)$/is;

const TXT_GROUP = /^(.*?),\s*#genre#/is;

/** Between several addresses of one TXT line. */
const TXT_SEPARATOR = /#(?=[a-z][a-z0-9+.-]*:\/\/)/i;

/** `http://host/path$Label`: what some TXT lists call the line. */
const TXT_LABEL = /^([^?$]*)\$[^/]*$/;

const DIRECTIVE = /^#([A-Z0-9-]+)\s*:?\s*(.*)$/is;

/** RFC 8216: tags that every stream's playlist has one of, and no list of channels. */
const STREAM_TAGS = new Set(['EXT-X-TARGETDURATION', 'EXT-X-STREAM-INF', 'EXT-X-MEDIA-SEQUENCE']);

const OWN_FIELDS = new Set(['tvg-id', 'tvg-logo', 'group-title']);

const VLC_HEADER = /^(http-(?:user-agent|referrer|referer|origin|cookie))=(.*)$/is;

const KODI_HEADERS = /^inputstream\.adaptive\.(?:stream|manifest|common)_headers=(.*)$/is;

/**
 * Reads an M3U or TXT list of any size without keeping the event loop; what it is, is told by its content.
 * @throws ProxyError BAD_LIST when it is something else or nothing in it can be played; the message says what came instead.
 */
export async function parseChannelList(bytes: Buffer, signal?: AbortSignal): Promise<ChannelList> {
  refuseForeignContent(bytes);
  const parser = createListParser();
  await inSlices(listLines(bytes), parser.take, signal);
  return parser.finish();
}

function refuseForeignContent(bytes: Buffer): void {
  const magic = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  if (magic === 0x1f8b || magic === 0x504b) throw new ProxyError('BAD_LIST', say('list.compressed'));
  const start = bytes
    .subarray(0, 1024)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  if (start.startsWith('<')) throw new ProxyError('BAD_LIST', say('list.webPage'));
}

/** The list's grammar, a line at a time. M3U and TXT lines never look alike, so a list may mix them. */
function createListParser(): { take: (line: string) => void; finish: () => ChannelList } {
  const entries: ListEntry[] = [];
  const skipped: SkippedLine[] = [];
  const guideUrls = new Set<string>();
  const inherited = new Map<string, string>();
  let skippedCount = 0;
  let lineNumber = 0;
  let isStream = false;
  /** From `name,#genre#`, or an `#EXTGRP` outside an entry: holds until the next. */
  let sectionGroup = '';
  /** What has been said about the channel whose address is still to come. */
  let pending: Pending = { headers: {} };

  function take(line: string): void {
    lineNumber += 1;
    if (lineNumber > MAX_LINES) throw new ProxyError('BAD_LIST', say('list.manyLines', { count: MAX_LINES }));
    const text = line.trim();
    if (text === '') return;
    if (line.length > MAX_LINE_BYTES) skip(say('skipped.longLine'));
    else if (text.startsWith('#')) takeDirective(text);
    else takeChannel(text);
  }

  function takeDirective(text: string): void {
    const [, tag = '', value = ''] = DIRECTIVE.exec(text) ?? [];
    const name = tag.toUpperCase();
    if (name === 'EXTINF') startEntry(value);
    else if (name === 'EXTGRP') takeGroup(cleanText(value));
    else if (name === 'EXTM3U') takeHeader(value);
    else if (name === 'EXTVLCOPT') addHeaders(vlcHeader(value));
    else if (name === 'KODIPROP') addHeaders(parseHeaderList(KODI_HEADERS.exec(value)?.[1] ?? ''));
    else if (name === 'EXTHTTP') addHeaders(jsonHeaders(value));
    else if (STREAM_TAGS.has(name) && entries.length === 0) isStream = true;
  }

  function takeHeader(value: string): void {
    for (const [name, text] of parseExtinf(` ${value}`).attributes) {
      if (name === 'x-tvg-url' || name === 'url-tvg') addGuides(text.split(','));
      const isInherited = name.startsWith('catchup') || name === 'tvg-shift';
      if (isInherited && inherited.size < MAX_INHERITED) inherited.set(name, text);
    }
  }

  function addGuides(urls: readonly string[]): void {
    for (const url of urls.map((text) => text.trim())) {
      if (url !== '' && guideUrls.size < MAX_GUIDES) guideUrls.add(url);
    }
  }

  function startEntry(value: string): void {
    reportUnfinished();
    // Options may stand before their #EXTINF as well as behind it.
    pending = { ...pending, info: parseExtinf(value), line: lineNumber };
    addHeaders([...(pending.info?.attributes ?? [])].filter(([name]) => isHeaderAttribute(name)));
  }

  function takeGroup(group: string): void {
    if (pending.info === undefined) sectionGroup = group;
    else pending.group = group;
  }

  function addHeaders(headers: readonly (readonly [string, string])[]): void {
    pending.headers = withHeaders(pending.headers, headers);
  }

  function takeChannel(text: string): void {
    if (ADDRESS.test(text)) return finishEntry([text]);
    const group = TXT_GROUP.exec(text)?.[1];
    if (group !== undefined) {
      sectionGroup = cleanText(group);
      return;
    }
    const [, name = '', addresses] = TXT_LINE.exec(text) ?? [];
    if (addresses === undefined) {
      skip(say('skipped.neither'));
      pending = { headers: {} };
      return;
    }
    reportUnfinished();
    pending = { headers: {}, info: { attributes: new Map(), title: name } };
    finishEntry(addresses.split(TXT_SEPARATOR).map((address) => address.replace(TXT_LABEL, '$1')));
  }

  function finishEntry(addresses: string[]): void {
    const { headers, info, group = sectionGroup } = pending;
    pending = { headers: {} };
    const sources: Source[] = [];
    for (const address of addresses) {
      const read = parseAddress(address.trim(), headers);
      if (read.kind === 'source') sources.push(read.source);
      else skip(read.reason);
    }
    const [first] = sources;
    if (first === undefined) return;
    if (entries.length === MAX_ENTRIES) throw new ProxyError('BAD_LIST', say('list.tooLong', { count: MAX_ENTRIES }));
    entries.push({ ...entryFields(info, group, inherited, first.url), sources });
  }

  function reportUnfinished(): void {
    if (pending.info === undefined) return;
    skip(say('skipped.noAddress'), pending.line);
    pending = { headers: {} };
  }

  function skip(reason: Sentence, line = lineNumber): void {
    skippedCount += 1;
    if (skipped.length < MAX_SKIPPED_KEPT) skipped.push({ line, reason });
  }

  function finish(): ChannelList {
    reportUnfinished();
    if (isStream) throw new ProxyError('BAD_LIST', say('list.stream'));
    if (entries.length === 0) throw new ProxyError('BAD_LIST', nothingUsable(skipped[0], skippedCount));
    return { entries, skipped, skippedCount, guideUrls: [...guideUrls] };
  }

  return { take, finish };
}

type Pending = { headers: Readonly<Record<string, string>>; info?: Extinf; line?: number; group?: string };

function entryFields(
  info: Extinf | undefined,
  group: string,
  inherited: ReadonlyMap<string, string>,
  url: string,
): Omit<ListEntry, 'sources'> {
  const written = info?.attributes ?? new Map<string, string>();
  const tvgId = cleanText(written.get('tvg-id') ?? '');
  const number = channelNumber(written.get('tvg-chno'));
  const attributes = new Map(inherited);
  for (const [name, value] of written) {
    const isField = OWN_FIELDS.has(name) || isHeaderAttribute(name) || (name === 'tvg-chno' && number !== null);
    if (!isField) attributes.set(name, cleanText(value, MAX_ATTRIBUTE_LENGTH));
  }
  return {
    name: cleanText(info?.title ?? '') || cleanText(written.get('tvg-name') ?? '') || tvgId || nameFromUrl(url),
    number,
    group: cleanText(written.get('group-title') ?? '') || group,
    logo: cleanText(written.get('tvg-logo') ?? '', MAX_ATTRIBUTE_LENGTH),
    tvgId,
    attributes: Object.fromEntries(attributes),
  };
}

function channelNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : null;
}

/** What a channel is called where nothing else says it. */
export function nameFromUrl(url: string): string {
  const { host, pathname } = new URL(url);
  const file = pathname.split('/').findLast((part) => part !== '') ?? '';
  return cleanText(file.replace(/\.\w+$/, '')) || host;
}

/** What most lists hold, and needs no cleaning. */
const PLAIN = /^(?:[!-~]+(?: [!-~]+)*)?$/;

/** One line of sound text, whatever came: no control characters, no halves of characters, single spaces. */
export function cleanText(text: string, maxLength = MAX_NAME_LENGTH): string {
  if (text.length <= maxLength && PLAIN.test(text)) return text;
  const plain = text
    .replace(/[\p{Cc}\u2028\u2029\ufeff]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain
    .slice(0, maxLength)
    .replace(/[\ud800-\udbff]$/, '')
    .toWellFormed()
    .trim();
}

function vlcHeader(option: string): [string, string][] {
  const [, name, value = ''] = VLC_HEADER.exec(option) ?? [];
  return name === undefined ? [] : [[name, value.trim().replace(/^"(.*)"$/, '$1')]];
}

function jsonHeaders(text: string): [string, string][] {
  try {
    const headers: unknown = JSON.parse(text);
    if (typeof headers !== 'object' || headers === null) return [];
    return Object.entries(headers).filter((pair): pair is [string, string] => typeof pair[1] === 'string');
  } catch {
    return [];
  }
}

function nothingUsable(first: SkippedLine | undefined, count: number): Sentence {
  return first === undefined ? say('list.empty') : say('list.unusable', { count, ...first });
}
