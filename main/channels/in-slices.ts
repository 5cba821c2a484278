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
