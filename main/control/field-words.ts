import type { Sentence } from '../../shared/sentence.ts';
import { isSentenceId, say, type SentenceId } from '../../shared/sentences.ts';

/** What people call a field of the contract; one that has no such name is called as there: `planId` is the `plan id`. */
export function wordsForField(name: string): Sentence | string {
  const id = `field.${name}` as const;
  return isFieldId(id) ? say(id) : inWords(name);
}

type FieldId = Extract<SentenceId, `field.${string}`>;

function isFieldId(id: `field.${string}`): id is FieldId {
  return isSentenceId(id);
}

function inWords(name: string): string {
  const parts = name.split(/(?<=[a-z])(?=[A-Z][a-z])/);
  return parts.join(' ').toLowerCase();
}
