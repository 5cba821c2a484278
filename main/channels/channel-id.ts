import { hash } from 'node:crypto';
import type { ListEntry } from './channel-list.ts';

const MAX_SLUG_LENGTH = 64;

/** What lists write where they have no tvg-id. */
const NO_ID = /^(?:none|null|undefined|n\/?a|unknown|0|-)$/i;

const NON_LATIN_LETTER = /(?!\p{Script=Latin})\p{L}/u;

/** Letters that do not come apart into a Latin letter and its accent. */
const LATIN_SPELLINGS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  ı: 'i',
  þ: 'th',
};

/** What makes two entries of lists the same channel. */
export type Identity = Pick<ListEntry, 'tvgId' | 'name' | 'group'>;

/** The identity as one string; its parts cannot hold a line feed. */
export function identityKey({ tvgId, name, group }: Identity): string {
  return `${tvgId}\n${name}\n${group}`;
}

/** The tvg-id as far as it tells channels apart; empty when it does not. */
export function tellingTvgId(tvgId: string): string {
  return NO_ID.test(tvgId) ? '' : tvgId.toLowerCase();
}

/**
 * The readable id when it is free, else the same with a hash of the identity behind it. In a list that is new the channel that stands
 * first gets the readable one, so the same list gives the same ids on every import and every machine. Once taken over, a channel
 * keeps its id as long as it is in the list, wherever others are added.
 */
export function channelId(identity: Identity, isFree: (id: string) => boolean): string {
  const { tvgId, name } = identity;
  const readable = `ch_${slugOf(tellingTvgId(tvgId)) || slugOf(name) || shortHash(tvgId + name)}`;
  let id = readable;
  for (let attempt = 0; !isFree(id); attempt += 1)
    id = `${readable}-${shortHash(`${identityKey(identity)}\n${attempt}`)}`;
  return id;
}

/** Lower-case ASCII for a path component; empty when the text is not Latin or has nothing to show. */
function slugOf(text: string): string {
  if (NON_LATIN_LETTER.test(text)) return '';
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\0-\x7f]/g, (letter) => LATIN_SPELLINGS[letter] ?? '-')
    .replace(/\++/g, '-plus-')
    .replace(/[^a-z0-9._]+/g, '-')
    .slice(0, MAX_SLUG_LENGTH)
    .replace(/^[-._]+|[-._]+$/g, '');
}

/** 40 bits in eight characters of [0-9a-v]. */
function shortHash(text: string): string {
  return hash('sha256', text, 'buffer').readUIntBE(0, 5).toString(32).padStart(8, '0');
}
