import type { Sentence } from '../../shared/sentence.ts';

/** How long work says how far it is, and learns that nobody wants it any more. */
export type LongWork = {
  signal: AbortSignal;
  /** `total` is null where it is not known. */
  onProgress: (done: number, total: number | null, text: Sentence) => void;
};
