import * as z from 'zod';

/** What a sentence may name: words and figures, other sentences, and several of them. */
export type Parameter = string | number | Sentence | readonly Parameter[];

/**
 * Something said to people, as data: whoever shows it says it in the reader's language.
 * `id` and `parameters` are those of the catalogue (sentences.ts); `text` is the English, for logs, TVs and readers that do not know the id.
 */
export type Sentence = { id: string; parameters: { readonly [name: string]: Parameter }; text: string };

const Parameter: z.ZodType<Parameter> = z.lazy(() => z.union([z.string(), z.number(), Sentence, z.array(Parameter)]));

export const Sentence: z.ZodType<Sentence> = z.object({
  id: z.string(),
  parameters: z.record(z.string(), Parameter),
  text: z.string(),
});

/** Words that are nobody's to translate: what a database of an older version holds, what a foreign program said. */
export function foreign(text: string): Sentence {
  return { id: '', parameters: {}, text };
}

/** The same sentence with every text in it changed alike. */
export function mapText({ id, parameters, text }: Sentence, change: (text: string) => string): Sentence {
  const changed = Object.entries(parameters).map(([name, value]) => [name, mapParameter(value, change)]);
  return { id, parameters: Object.fromEntries(changed) as Sentence['parameters'], text: change(text) };
}

function mapParameter(value: Parameter, change: (text: string) => string): Parameter {
  if (typeof value === 'string') return change(value);
  if (typeof value === 'number') return value;
  return isSeveral(value) ? value.map((each) => mapParameter(each, change)) : mapText(value, change);
}

/** A sentence that was kept as JSON, or by an older version as plain text; null for an empty one. */
export function readSentence(kept: string): Sentence | null {
  if (kept === '') return null;
  try {
    return Sentence.parse(JSON.parse(kept));
  } catch {
    return foreign(kept);
  }
}

/** For `readSentence`. */
export function keepSentence(sentence: Sentence | null): string {
  return sentence === null ? '' : JSON.stringify(sentence);
}

/**
 * A sentence with places for its parameters: `{name}` for words or a nested sentence, `{name:kind}` for what a language writes in its
 * own way. Where the number `count` changes the words, one template for each form.
 */
export type Template = string | { one: string; other: string };

/** What a place of each kind takes. */
type Kinds = {
  /** `12,345` */
  count: number;
  /** Milliseconds: `3.2 s` */
  duration: number;
  /** Bits per second: `5.8 Mbit/s` */
  bitRate: number;
  /** `1.4`, `12` */
  decimal: number;
  /** `one, other` */
  list: readonly Parameter[];
  /** `one, and more; other` */
  items: readonly Parameter[];
  /** `1920x1080 5.8 Mbit/s` */
  words: readonly Parameter[];
  /** `One. Other.` */
  sentences: readonly Sentence[];
  /** A whole sentence as a part of another: `... does not load: the provider did not answer in time` */
  clause: Sentence;
};

type Place<Text extends string> = Text extends `${infer Name}:${infer Kind extends keyof Kinds}`
  ? { readonly [_ in Name]: Kinds[Kind] }
  : { readonly [_ in Text]: string | number | Sentence };

type Places<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Place<Name> & Places<Rest>
  : unknown;

/** The parameters that a template needs. */
export type ParametersOf<Known extends Template> = Known extends string
  ? Places<Known>
  : Known extends { other: infer Other extends string }
    ? Places<Other> & { readonly count: number }
    : never;

/** How a language puts together its sentences. */
export type Grammar = {
  /** BCP 47 */
  locale: string;
  templates: Readonly<Record<string, Template | undefined>>;
  milliseconds: string;
  seconds: string;
  listSeparator: string;
  itemSeparator: string;
  sentenceSeparator: string;
  /** The first words of a sentence, when they stand in the middle of one. */
  continued: (sentence: string) => string;
};

const PLACE = /\{(\w+)(?::(\w+))?\}/g;

/** Writes sentences in one language; one that it does not know, or whose parameters do not fit, in English. */
export function createSentenceWriter(grammar: Grammar): (sentence: Sentence) => string {
  const plural = new Intl.PluralRules(grammar.locale);
  const whole = new Intl.NumberFormat(grammar.locale, { maximumFractionDigits: 0 });
  const oneDigit = new Intl.NumberFormat(grammar.locale, { maximumFractionDigits: 1 });

  const kinds: Record<keyof Kinds, (value: Parameter) => string> = {
    count: (value) => (typeof value === 'number' ? whole.format(value) : write(value)),
    duration(value) {
      if (typeof value !== 'number') return write(value);
      if (value < 1000) return `${whole.format(value)} ${grammar.milliseconds}`;
      return `${(value < 10_000 ? oneDigit : whole).format(value / 1000)} ${grammar.seconds}`;
    },
    bitRate(value) {
      if (typeof value !== 'number') return write(value);
      return value < 1_000_000
        ? `${whole.format(value / 1000)} kbit/s`
        : `${oneDigit.format(value / 1_000_000)} Mbit/s`;
    },
    decimal: (value) => (typeof value === 'number' ? (value < 10 ? oneDigit : whole).format(value) : write(value)),
    list: (value) => join(value, grammar.listSeparator),
    items: (value) => join(value, grammar.itemSeparator),
    words: (value) => join(value, ' '),
    sentences: (value) => join(value, grammar.sentenceSeparator),
    clause: (value) => grammar.continued(write(value)).replace(/[.。]$/, ''),
  };

  function write(value: Parameter): string {
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    return isSeveral(value) ? join(value, grammar.listSeparator) : writeSentence(value);
  }

  function join(value: Parameter, separator: string): string {
    return isSeveral(value) ? value.map(write).join(separator) : write(value);
  }

  function writeSentence({ id, parameters, text }: Sentence): string {
    const template = Object.hasOwn(grammar.templates, id) ? grammar.templates[id] : undefined;
    const form = typeof template === 'object' ? formOf(template, parameters['count']) : template;
    if (form === undefined) return text;
    let isComplete = true;
    const written = form.replace(PLACE, (_, name: string, kind: string | undefined) => {
      const value = parameters[name];
      isComplete &&= value !== undefined;
      if (value === undefined) return '';
      return isKind(kind) ? kinds[kind](value) : write(value);
    });
    // A clause may end the sentence with a mark of its own.
    return isComplete ? written.replace(/(?<=[?!？！])[.。]$/, '') : text;
  }

  function formOf({ one, other }: { one: string; other: string }, count: Parameter | undefined): string {
    return typeof count === 'number' && plural.select(count) === 'one' ? one : other;
  }

  function isKind(kind: string | undefined): kind is keyof Kinds {
    return kind !== undefined && Object.hasOwn(kinds, kind);
  }

  return writeSentence;
}

function isSeveral(value: Parameter): value is readonly Parameter[] {
  return Array.isArray(value);
}
