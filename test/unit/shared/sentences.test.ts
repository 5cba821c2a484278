import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CHINESE } from '../../../shared/sentences-zh.ts';
import type { Template } from '../../../shared/sentence.ts';
import { SENTENCES } from '../../../shared/sentences.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const KINDS = ['count', 'duration', 'bitRate', 'decimal', 'list', 'items', 'words', 'sentences', 'clause'];

/** Without anything to translate: names and figures. */
const SAME_IN_BOTH =
  /^(?:seen\.(?:variant|bitRate)|plan\.changes|container\.(?:mpeg-ts|webvtt)|player\.(?:vlc|kodi)|noPlaylist\.json|task\.checked|field\.(?:redisUrl|userAgent))$/;

const english: ReadonlyMap<string, Template> = new Map(Object.entries(SENTENCES));
const chinese = new Map(Object.entries(CHINESE.templates));

test('every sentence is there in Chinese, and no other', () => {
  expect([...chinese.keys()].toSorted()).toEqual([...english.keys()].toSorted());
});

test('a translation names the same values in the same way', () => {
  const different = [...english].filter(([id, template]) => {
    const translation = chinese.get(id) ?? '';
    // What a grammar says with its forms, a language without them may leave out.
    const isOptional = (place: string): boolean => typeof template === 'object' && place.startsWith('count');
    const [places, others] = [placesOf(template), placesOf(translation)];
    return (
      others.some((place) => !places.includes(place)) ||
      places.some((place) => !others.includes(place) && !isOptional(place))
    );
  });
  expect(different).toEqual([]);
});

test('a value is of a kind that there is', () => {
  const kinds = [...english.values()].flatMap(placesOf).flatMap((place) => place.split(':').slice(1));
  expect(kinds.filter((kind) => !KINDS.includes(kind))).toEqual([]);
});

test('no sentence in Chinese was forgotten in English', () => {
  const forgotten = [...chinese].filter(([id, template = '']) => {
    const isTranslated = /[\p{Script=Han}“。]/u.test(textsOf(template).join(''));
    return !isTranslated && !SAME_IN_BOTH.test(id);
  });
  expect(forgotten).toEqual([]);
});

test('every sentence is said somewhere', () => {
  const code = globSync('{main,renderer}/**/*.{ts,tsx}', { cwd: ROOT })
    .filter((file) => !file.includes('sentences.zh'))
    .map((file) => readFileSync(`${ROOT}/${file}`, 'utf8'))
    .join('\n');
  const spoken = new Set(Array.from(code.matchAll(/['`]([\w-]+\.[\w-]+)['`]/g), ([, id]) => id));
  // Of a family of them only the first half stands there: say(`status.${status}`).
  const families = Array.from(code.matchAll(/`([\w-]+\.)\$\{[^}]+\}`/g), ([, start = '']) => start);
  const unspoken = [...english.keys()].filter(
    (id) => !spoken.has(id) && !families.some((start) => id.startsWith(start)),
  );
  expect(unspoken).toEqual([]);
});

function textsOf(template: Template): string[] {
  return typeof template === 'string' ? [template] : [template.one, template.other];
}

function placesOf(template: Template): string[] {
  const places = textsOf(template).flatMap((text) =>
    Array.from(text.matchAll(/\{([^}]+)\}/g), ([, place = '']) => place),
  );
  return [...new Set(places)];
}
