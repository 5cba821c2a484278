/**
 * The next value, with every part that equals its predecessor replaced by that predecessor: what did not change keeps its
 * identity, and what shows it does not render again.
 */
export function shareUnchanged<Value>(previous: unknown, next: Value): Value {
  if (Object.is(previous, next)) return next;
  if (Array.isArray(previous) && Array.isArray(next)) return shareArray(previous, next);
  if (isRecord(previous) && isRecord(next)) return shareRecord(previous, next);
  return next;
}

function shareArray<Value>(previous: readonly unknown[], next: Value & readonly unknown[]): Value {
  const shared = next.map((item, index) => shareUnchanged(previous[index], item));
  const isSame = previous.length === shared.length && shared.every((item, index) => Object.is(item, previous[index]));
  return (isSame ? previous : shared) as Value;
}

function shareRecord<Value>(previous: Record<string, unknown>, next: Value & Record<string, unknown>): Value {
  const shared = Object.fromEntries(
    Object.entries(next).map(([key, item]) => [key, shareUnchanged(previous[key], item)]),
  );
  const keys = Object.keys(shared);
  const isSame =
    keys.length === Object.keys(previous).length && keys.every((key) => Object.is(shared[key], previous[key]));
  return (isSame ? previous : shared) as Value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
