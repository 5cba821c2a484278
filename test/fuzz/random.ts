/** A source of numbers that a seed repeats. */
export type Random = {
  /** Whole, from 0 up to and without `below`. */
  below: (below: number) => number;
  pick: <Item>(items: readonly [Item, ...Item[]]) => Item;
};

/** mulberry32: 32 bits of state are enough to repeat a run. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { below, pick: (items) => items[below(items.length)] ?? items[0] };
}
