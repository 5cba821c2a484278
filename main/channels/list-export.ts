import type { Channel } from '../../shared/channel.ts';
import { maskUrl } from '../mask-url.ts';

/** What a list shows of a channel. */
export type ListedChannel = Omit<Channel, 'sources'>;

/**
 * An M3U list as text, a chunk for each page of channels, so that a big one leaves without holding up anybody.
 * Attributes are kept as the original list wrote them, but for addresses with credentials in them
 * (`catchup-source`): those stay on this PC.
 */
export function* writeM3u({
  pages,
  urlOf,
}: {
  pages: Iterable<readonly ListedChannel[]>;
  urlOf: (channel: ListedChannel) => string;
}): Generator<string> {
  yield '#EXTM3U\n';
  for (const page of pages) {
    yield page
      .map((channel) => `#EXTINF:-1${attributesOf(channel)},${plain(channel.name)}\n${urlOf(channel)}\n`)
      .join('');
  }
}

function attributesOf({ tvgId, number, logo, group, attributes }: ListedChannel): string {
  return (
    attribute('tvg-id', tvgId) +
    attribute('tvg-chno', number === null ? '' : String(number)) +
    attribute('tvg-logo', logo) +
    attribute('group-title', group) +
    Object.entries(attributes).reduce(
      (text, [name, value]) => (hasCredentials(value) ? text : text + attribute(name, value)),
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
