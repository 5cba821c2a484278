import { say } from '../shared/sentences.ts';
import { RelayError } from './api.ts';

/** Any failure as one of the relay's; what is none of them is a bug and says what it is. */
export function toRelayError(error: unknown): RelayError {
  if (error instanceof RelayError) return error;
  const what = error instanceof Error ? error.message : String(error);
  return new RelayError({ code: 'BUG', sentence: say('window.bug', { what }) });
}
