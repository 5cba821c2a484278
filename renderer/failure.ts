import type { TFunction } from 'i18next';
import { RelayError } from './api.ts';

/** Any failure as one of the relay's; what is none of them is a bug and says what it is. */
export function toRelayError(error: unknown): RelayError {
  if (error instanceof RelayError) return error;
  return new RelayError({ code: 'BUG', sentence: error instanceof Error ? error.message : String(error) });
}

/** A failure in the user's language where its code is known, else in the relay's own words. */
export function failureSentence(t: TFunction, { code, message }: Pick<RelayError, 'code' | 'message'>): string {
  return t(`failure.${code as 'OFFLINE'}`, { defaultValue: message });
}
