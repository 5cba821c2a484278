import type * as z from 'zod';
import type { Failure } from '../../shared/contract.ts';

type Issue = z.core.$ZodIssue;

const KINDS: Record<string, string> = {
  array: 'a list',
  boolean: 'yes or no',
  int: 'a whole number',
  number: 'a number',
  string: 'text',
};

const FORMATS: Record<string, string> = {
  cidrv4: 'must be a range of addresses like 192.168.1.0/24',
  cidrv6: 'must be a range of addresses like fd00::/8',
  ipv4: 'must be an address like 192.168.1.20',
  url: 'must be an address that begins with http:// or https://',
};

/** What is wrong with the input of a command, as far as its first fault: in words, and by the name of the field. */
export function describeBadInput({ issues: [issue] }: z.ZodError): Failure {
  if (issue === undefined) return { code: 'BAD_INPUT', sentence: 'The input is not as it should be.' };
  const path = withinForm(issue.path);
  return {
    code: 'BAD_INPUT',
    sentence: `The ${inWords(path)} ${complaint(issue)}.`,
    ...(path.length > 0 && { field: path.join('.') }),
  };
}

/** Forms are sent whole (`settings`, `edit`, ...), and their own name goes without saying. */
function withinForm(path: readonly PropertyKey[]): string[] {
  const names = path.map(String);
  return typeof path[1] === 'string' ? names.slice(1) : names;
}

/** `memoryCacheMiB` is the `memory cache MiB`; `allow.0` is the `allow, entry 1`. */
function inWords(path: readonly string[]): string {
  if (path.length === 0) return 'input';
  return path.map((name) => (/^\d+$/.test(name) ? `entry ${Number(name) + 1}` : words(name))).join(', ');
}

function words(name: string): string {
  const parts = name.split(/(?<=[a-z])(?=[A-Z][a-z])/);
  return parts.map((part) => (part === 'MiB' ? part : part.toLowerCase())).join(' ');
}

function complaint(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? 'an object'}`;
    case 'too_small':
      if (issue.minimum === 1 && (issue.origin === 'string' || issue.origin === 'array')) return 'must not be empty';
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'has characters that cannot be used here';
    case 'invalid_union':
      return complaintOfUnion(issue);
    case 'not_multiple_of':
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return 'is not as it should be';
  }
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters long';
  return origin === 'array' ? ' entries long' : '';
}

/** What was wanted instead: of several kinds, the one that has a format, because the others are ways to say nothing. */
function complaintOfUnion(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  if ('options' in issue && Array.isArray(issue.options)) return `must be one of ${issue.options.join(', ')}`;
  const issues = issue.errors.flat();
  const wanted = issues.find(({ code }) => code === 'invalid_format') ?? issues[0];
  return wanted === undefined ? 'is not as it should be' : complaint(wanted);
}
