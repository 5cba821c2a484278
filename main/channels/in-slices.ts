import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long enough for little overhead, short enough that TVs waiting for a segment notice nothing. */
const SLICE_MS = 8;

/**
 * Does `work` on every item and gives the event loop a turn whenever a slice of time is used up.
 * @throws the signal's reason once it is aborted, and whatever `work` throws.
 */
export async function inSlices<Item>(
  items: Iterable<Item>,
  work: (item: Item) => void,
  signal?: AbortSignal,
): Promise<void> {
  let sliceEndsAt = performance.now() + SLICE_MS;
  for (const item of items) {
    work(item);
    if (performance.now() < sliceEndsAt) continue;
    await nextTurn();
    signal?.throwIfAborted();
    sliceEndsAt = performance.now() + SLICE_MS;
  }
}

const KEYS_PER_RANGE = 2_000;

/** The keys from `first` to `last`, both among them, in ranges that one statement deals with in a turn. */
export function* keyRanges(first: number, last: number): Generator<[from: number, to: number]> {
  for (let from = first; from <= last; from += KEYS_PER_RANGE) yield [from, Math.min(last, from + KEYS_PER_RANGE - 1)];
}

/** The items in arrays of up to `size`. */
export function* chunks<Item>(items: readonly Item[], size: number): Generator<Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
