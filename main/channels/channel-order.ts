/* Orders of channels, as arrays of their keys. */

/** Moves channels, in the order given, before another one, or before the next that stays; `undefined`: to the end. */
export function withMoved(order: Int32Array, keys: Int32Array, beforeKey: number | undefined): Int32Array {
  const isMoved = marksOf(keys);
  const from = beforeKey === undefined ? order.length : order.indexOf(beforeKey);
  const staying = (key: number): boolean => isMoved[key] !== 1;
  return concatenated(order.subarray(0, from).filter(staying), keys, order.subarray(from).filter(staying));
}

/**
 * Gives the channels of a list their places after it was taken over.
 * @param listed those that the list has now, in its order
 * @param wasListed whether a channel was the list's before
 * @param isOrdered somebody put them into another order: they keep it, and what is new comes behind the last of them
 * @param isBehind whether a channel is of a list that comes after this one: a list that has no channels yet begins before the first
 */
export function withListed({
  order,
  listed,
  wasListed,
  isOrdered,
  isBehind,
}: {
  order: Int32Array;
  listed: Int32Array;
  wasListed: (key: number) => boolean;
  isOrdered: boolean;
  isBehind: (key: number) => boolean;
}): Int32Array {
  const isListed = marksOf(listed);
  // What comes from another list leaves its place there.
  const staying = order.filter((key) => isListed[key] !== 1 || wasListed(key));
  const isKnown = marksOf(staying);
  const fresh = listed.filter((key) => isKnown[key] !== 1);
  const places = isOrdered ? staying : refilled(staying, listed, isListed);
  const rest = isOrdered ? fresh : listed.subarray(listed.length - fresh.length);
  const last = staying.findLastIndex(wasListed);
  const next = last === -1 ? staying.findIndex(isBehind) : last + 1;
  const at = next === -1 ? staying.length : next;
  return concatenated(places.subarray(0, at), rest, places.subarray(at));
}

/** The places of the list's channels are taken by them in the list's order; what of them is left over has none. */
function refilled(staying: Int32Array, listed: Int32Array, isListed: Uint8Array): Int32Array {
  let next = 0;
  return staying.map((key) => {
    if (isListed[key] !== 1) return key;
    next += 1;
    return listed[next - 1] ?? key;
  });
}

/** A one at the place of each key. */
export function marksOf(keys: Int32Array): Uint8Array {
  const marks = new Uint8Array(keys.reduce((most, key) => Math.max(most, key), 0) + 1);
  for (const key of keys) marks[key] = 1;
  return marks;
}

/** One after the other. */
export function concatenated(...parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
