import type * as z from 'zod';
import type { Failure } from '../../shared/contract.ts';
import type { Parameter, Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { wordsForField } from './field-words.ts';

type Issue = z.core.$ZodIssue;

const KINDS = {
  array: 'input.aList',
  boolean: 'input.yesOrNo',
  int: 'input.aWholeNumber',
  number: 'input.aNumber',
  string: 'input.aText',
} as const;

const FORMATS = {
  cidrv4: 'input.network4',
  cidrv6: 'input.network6',
  ipv4: 'input.address',
  url: 'input.webAddress',
} as const;

/** What is wrong with the input of a command, as far as its first fault: in words, and by the name of the field. */
export function describeBadInput({ issues: [issue] }: z.ZodError): Failure {
  if (issue === undefined) return { code: 'BAD_INPUT', sentence: say('input.wrong') };
  const path = withinForm(issue.path);
  return {
    code: 'BAD_INPUT',
    sentence: say('input.field', { field: inWords(path), complaint: complaint(issue) }),
    ...(path.length > 0 && { field: path.join('.') }),
  };
}

/** Forms are sent whole (`settings`, `edit`, ...), and their own name goes without saying. */
function withinForm(path: readonly PropertyKey[]): string[] {
  const names = path.map(String);
  return typeof path[1] === 'string' ? names.slice(1) : names;
}

/** `allow.0` is the `allowed networks, entry 1`. */
function inWords(path: readonly string[]): Parameter[] {
  if (path.length === 0) return [say('input.input')];
  return path.map((name) =>
    /^\d+$/.test(name) ? say('input.entry', { number: Number(name) + 1 }) : wordsForField(name),
  );
}

function complaint(issue: Issue): Sentence {
  switch (issue.code) {
    case 'invalid_type':
      return say('input.kind', { kind: say(has(KINDS, issue.expected) ? KINDS[issue.expected] : 'input.anObject') });
    case 'too_small':
      return tooSmall(issue.origin, Number(issue.minimum));
    case 'too_big':
      return tooBig(issue.origin, Number(issue.maximum));
    case 'invalid_value':
      return say('input.oneOf', { values: issue.values.map(String) });
    case 'invalid_format':
      return say(has(FORMATS, issue.format) ? FORMATS[issue.format] : 'input.characters');
    case 'invalid_union':
      return complaintOfUnion(issue);
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return say('input.otherwise');
  }
}

function tooSmall(origin: string, minimum: number): Sentence {
  if (origin === 'string') return minimum === 1 ? say('input.empty') : say('input.leastCharacters', { minimum });
  if (origin === 'array') return minimum === 1 ? say('input.empty') : say('input.leastEntries', { minimum });
  return say('input.least', { minimum });
}

function tooBig(origin: string, maximum: number): Sentence {
  if (origin === 'string') return say('input.mostCharacters', { maximum });
  return say(origin === 'array' ? 'input.mostEntries' : 'input.most', { maximum });
}

/** What was wanted instead: of several kinds, the one that has a format, because the others are ways to say nothing. */
function complaintOfUnion(issue: Extract<Issue, { code: 'invalid_union' }>): Sentence {
  if ('options' in issue && Array.isArray(issue.options))
    return say('input.oneOf', { values: issue.options.map(String) });
  const issues = issue.errors.flat();
  const wanted = issues.find(({ code }) => code === 'invalid_format') ?? issues[0];
  return wanted === undefined ? say('input.otherwise') : complaint(wanted);
}

function has<Key extends string>(names: Readonly<Record<Key, unknown>>, name: string): name is Key {
  return Object.hasOwn(names, name);
}
