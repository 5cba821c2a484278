import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseSync } from 'vite';
import en from '../../../renderer/locales/en.json' with { type: 'json' };
import zh from '../../../renderer/locales/zh.json' with { type: 'json' };

type Texts = { [key: string]: string | Texts };
type Node = { type: string; value?: unknown; name?: { name?: unknown }; [key: string]: unknown };

const RENDERER = fileURLToPath(new URL('../../../renderer', import.meta.url));

/** Attributes whose text people see or hear. */
const SPOKEN = new Set(['label', 'title', 'placeholder', 'description', 'alt', 'aria-label', 'error', 'text']);

/** Examples of what to type are the same in every language. */
const EXAMPLE = /^(?:https?:\/\/|redis:\/\/|User-Agent:|[\d./:]+$|[\w-]+(?:\.[\w-]+)+$)/;

test('every text is there in English and in Chinese', () => {
  expect([...keysOf(zh)].toSorted()).toEqual([...keysOf(en)].toSorted());
});

test('a translation names the same values as the original', () => {
  const chinese = new Map(textsOf(zh));
  const different = [...textsOf(en)].filter(([key, text]) => {
    const other = chinese.get(key) ?? chinese.get(key.replace(/_one$/, '_other'));
    // A language may leave out what its grammar says otherwise: the count of one, of many.
    return other !== undefined && valuesOf(other).some((value) => !valuesOf(text).includes(value) && value !== 'count');
  });
  expect(different).toEqual([]);
});

test('no text in Chinese was forgotten in English', () => {
  const sameInBoth =
    /^(?:shell\.brand|settings\.(?:languages\.(?:en|zh)|redisUrl|stores\.redis|userAgent|version)|task\.of)$/;
  const english = new Map(textsOf(en));
  const same = [...textsOf(zh)].filter(([key, text]) => english.get(key) === text && !sameInBoth.test(key));
  expect(same).toEqual([]);
});

test('every text that is used is found among the translations, and no text stands in the code', () => {
  const found = globSync('**/*.tsx', { cwd: RENDERER }).flatMap((file) => {
    const code = readFileSync(`${RENDERER}/${file}`, 'utf8');
    return visibleTexts(parse(code)).map((text) => `${file}: ${text}`);
  });
  expect(found).toEqual([]);
});

test('the search for texts in the code finds them', () => {
  const code = 'export const a = <p title="Two words">One word <b label={t("x")}>{3}</b></p>;';
  expect(visibleTexts(parse(code))).toEqual(['Two words', 'One word']);
});

function parse(code: string): Node {
  return parseSync('component.tsx', code).program as unknown as Node;
}

/** Texts that are written into elements and spoken attributes. */
function visibleTexts(node: Node): string[] {
  const own = textOf(node);
  const children = Object.values(node).flatMap((child) => (Array.isArray(child) ? child : [child])) as unknown[];
  return [...own, ...children.filter(isNode).flatMap(visibleTexts)];
}

function textOf({ type, value, name }: Node): string[] {
  if (type === 'JSXText' && /\p{Letter}/u.test(String(value))) return [String(value).trim()];
  if (type !== 'JSXAttribute' || !SPOKEN.has(String(name?.name)) || !isNode(value)) return [];
  const text = value.value;
  return typeof text === 'string' && /\p{Letter}/u.test(text) && !EXAMPLE.test(text) ? [text] : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function* textsOf(texts: Texts, path = ''): Generator<[string, string]> {
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text === 'string') yield [path + key, text];
    else yield* textsOf(text, `${path}${key}.`);
  }
}

/** Keys without the forms that grammar adds. */
function keysOf(texts: Texts): Set<string> {
  return new Set([...textsOf(texts)].map(([key]) => key.replace(/_(?:one|other)$/, '')));
}

function valuesOf(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').toSorted();
}
