import type { Channel, Source } from '../../shared/channel.ts';
import { maskUrl } from '../mask-url.ts';

/** What a list shows of a channel. */
export type ListedChannel = Omit<Channel, 'sources' | 'options'>;

/**
 * An M3U list as text, a chunk for each page of channels, so that a big one leaves without holding up anybody.
 * Attributes are kept as the original list wrote them, but for addresses with credentials in them
 * (`catchup-source`): those stay on this PC.
 */
export function* writeM3u<Listed extends ListedChannel>({
  pages,
  urlOf,
  guideUrl,
}: {
  pages: Iterable<readonly Listed[]>;
  urlOf: (channel: Listed) => string;
  /** Where the programme guide is; undefined: there is none. */
  guideUrl?: string | undefined;
}): Generator<string> {
  // Players look for either name.
  yield guideUrl === undefined ? '#EXTM3U\n' : `#EXTM3U x-tvg-url="${guideUrl}" url-tvg="${guideUrl}"\n`;
  for (const page of pages) {
    yield page.map((channel) => `${extinf(channel, hasCredentials)}\n${urlOf(channel)}\n`).join('');
  }
}

/** The same for people who leave: the provider's own addresses, with the headers that they want and everything the list said. */
export function* writeOriginalM3u(
  pages: Iterable<readonly { channel: ListedChannel; source: Source }[]>,
): Generator<string> {
  yield '#EXTM3U\n';
  for (const page of pages) {
    yield page
      .map(({ channel, source }) => `${extinf(channel, () => false)}\n${optionsOf(source)}${addressOf(source)}\n`)
      .join('');
  }
}

function extinf(channel: ListedChannel, isLeftOut: (value: string) => boolean): string {
  return `#EXTINF:-1${attributesOf(channel, isLeftOut)},${plain(channel.name)}`;
}

/** The headers that VLC has an option for, and most players know. */
const VLC_OPTIONS = new Map([
  ['User-Agent', 'http-user-agent'],
  ['Referer', 'http-referrer'],
]);

function optionsOf({ headers }: Source): string {
  return Object.entries(headers)
    .map(([name, value]) => (VLC_OPTIONS.has(name) ? `#EXTVLCOPT:${VLC_OPTIONS.get(name)}=${value}\n` : ''))
    .join('');
}

/** The others as Kodi has them. */
function addressOf({ url, headers }: Source): string {
  const others = Object.entries(headers)
    .filter(([name]) => !VLC_OPTIONS.has(name))
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return others.length === 0 ? url : `${url}|${others.join('&')}`;
}

function attributesOf(
  { tvgId, number, logo, group, attributes }: ListedChannel,
  isLeftOut: (value: string) => boolean,
): string {
  return (
    attribute('tvg-id', tvgId) +
    attribute('tvg-chno', number === null ? '' : String(number)) +
    attribute('tvg-logo', logo) +
    attribute('group-title', group) +
    Object.entries(attributes).reduce(
      (text, [name, value]) => (isLeftOut(value) ? text : text + attribute(name, value)),
      '',
    )
  );
}

function attribute(name: string, value: string): string {
  return value === '' ? '' : ` ${name}="${quoted(value)}"`;
}

const UNSAFE = /["\p{Cc}\u2028\u2029]/u;

/** M3U knows no escapes: a quote would end the attribute, a line break the entry. */
function quoted(value: string): string {
  return UNSAFE.test(value) ? plain(value).replaceAll('"', "'") : value;
}

function plain(text: string): string {
  return UNSAFE.test(text) ? text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ') : text;
}

/** The mask also puts an address into its normal form, so only what it adds tells. */
function hasCredentials(value: string): boolean {
  return value.startsWith('http') && maskUrl(value).includes('***') && !value.includes('***');
}
