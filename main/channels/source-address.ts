import type { Source } from '../../shared/channel.ts';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';

const MAX_URL_LENGTH = 8192;
const MAX_HEADER_LENGTH = 4096;
const MAX_HEADERS = 32;

/** `http://host/path|User-Agent=...&Referer=...`, as Kodi has it. */
const WITH_HEADERS = /^([^|]+)\|([\w-]+=.*)$/s;

const TOKEN = /^[\w!#$%&'*+.^`~-]+$/;

/** Anything but visible latin-1 and spaces: cannot be sent, or would smuggle in a second header. */
const UNSENDABLE = /[^\t\x20-\x7e\xa0-\xff]/;

/** The relay's own business on the wire; a list may not change it. */
const RESERVED_HEADERS = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'range',
  'te',
  'transfer-encoding',
  'upgrade',
]);

const HEADER_ALIASES = new Map([
  ['http-user-agent', 'User-Agent'],
  ['useragent', 'User-Agent'],
  ['http-referrer', 'Referer'],
  ['http-referer', 'Referer'],
  ['referrer', 'Referer'],
  ['http-origin', 'Origin'],
  ['http-cookie', 'Cookie'],
]);

/** A list's address line read: something to play, or why not in words that name no credentials. */
export type AddressLine = { kind: 'source'; source: Source } | { kind: 'refused'; reason: Sentence };

/** Reads one address with its optional `|Header=value` tail; `headers` are those the list named before it. */
export function parseAddress(text: string, headers: Readonly<Record<string, string>>): AddressLine {
  const [, address = text, tail = ''] = WITH_HEADERS.exec(text) ?? [];
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(address)?.[1]?.toLowerCase();
  if (scheme === undefined) return refused(say('skipped.noWebAddress'));
  if (scheme !== 'http' && scheme !== 'https') {
    return refused(say('skipped.scheme', { scheme: scheme.slice(0, 20) }));
  }
  if (address.length > MAX_URL_LENGTH) return refused(say('skipped.longAddress'));
  if (!URL.canParse(address)) return refused(say('skipped.badAddress'));
  return {
    kind: 'source',
    source: { url: new URL(address).href, headers: withHeaders(headers, parseHeaderList(tail)) },
  };
}

/** Reads `Name=value&Name=value`, values percent-encoded. */
export function parseHeaderList(text: string): [name: string, value: string][] {
  if (text === '') return [];
  return text.split('&').flatMap((pair): [string, string][] => {
    const equals = pair.indexOf('=');
    return equals < 1 ? [] : [[pair.slice(0, equals), percentDecoded(pair.slice(equals + 1))]];
  });
}

/** Whether a list's attribute of this name is meant as a request header (`http-user-agent`, `http-referrer`, ...). */
export function isHeaderAttribute(name: string): boolean {
  return HEADER_ALIASES.has(name) || name === 'user-agent' || name === 'referer';
}

/** `headers` and `more` under their canonical names; what cannot or must not be sent is left out. */
export function withHeaders(
  headers: Readonly<Record<string, string>>,
  more: readonly (readonly [name: string, value: string])[],
): Readonly<Record<string, string>> {
  if (more.length === 0) return headers;
  const result = new Map(Object.entries(headers));
  for (const [name, value] of more) {
    const sent = value.trim();
    if (!TOKEN.test(name) || RESERVED_HEADERS.has(name.toLowerCase())) continue;
    if (sent === '' || sent.length > MAX_HEADER_LENGTH || UNSENDABLE.test(sent)) continue;
    if (result.size < MAX_HEADERS) result.set(canonicalName(name), sent);
  }
  return Object.fromEntries(result);
}

function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return HEADER_ALIASES.get(lower) ?? lower.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refused(reason: Sentence): AddressLine {
  return { kind: 'refused', reason };
}
