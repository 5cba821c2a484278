import { PRESENCE, type Arrangement, type ColumnName } from './arrangement.ts';

/** What became different of one column: the keys, and the values before and after at the same places. */
export type ColumnChange = { name: ColumnName; keys: Int32Array; before: Int32Array; after: Int32Array };

/** The part of the order that became different: what stood behind `follows` (0: at the start). */
export type OrderChange = { follows: number; keys: Int32Array };

/** What an operation changed of an arrangement, told by itself: it means the same whatever the arrangement became since. */
export type ArrangementChanges = {
  columns: ColumnChange[];
  order: OrderChange | undefined;
  /** The groups that the values of the column `group` stand for. */
  titles: string[];
};

export function changesBetween(before: Arrangement, after: Arrangement): ArrangementChanges {
  const [from, to] = [before.parts(), after.parts()];
  const presence = changedKeys(after.nextKey, differs(from.columns.presence, to.columns.presence));
  const columns = [valuesOf('presence', presence, from.columns.presence, to.columns.presence)];
  const titles: string[] = [];
  for (const name of ['enabled', 'favourite', 'regrouped'] as const) {
    const [old, now] = [from.columns[name], to.columns[name]];
    if (old === now && presence.length === 0) continue;
    columns.push(valuesOf(name, keysToKeep(differs(old, now)), old, now));
  }
  const [old, now] = [from.columns.group, to.columns.group];
  if (old !== now || presence.length > 0) {
    const codeBefore = translation(from.titles, titles);
    const codeAfter = translation(to.titles, titles);
    const keys = keysToKeep((key) => codeBefore[old[key] ?? 0] !== codeAfter[now[key] ?? 0]);
    const { before: codes, after: nextCodes } = valuesOf('group', keys, old, now);
    const change = {
      before: codes.map((code) => codeBefore[code] ?? 0),
      after: nextCodes.map((code) => codeAfter[code] ?? 0),
    };
    columns.push({ name: 'group', keys, ...change });
  }
  return { columns: columns.filter(({ keys }) => keys.length > 0), order: orderChange(from.order, to.order), titles };

  /** Of channels that are new there is nothing to come back to, and of those that are gone everything. */
  function keysToKeep(isChanged: (key: number) => boolean): Int32Array {
    return changedKeys(before.nextKey, (key) => {
      if (from.columns.presence[key] === PRESENCE.absent) return false;
      return to.columns.presence[key] === PRESENCE.absent || isChanged(key);
    });
  }
}

/** Makes a draft again what it was before these changes; what has changed once more since stays as it is. */
export function takeBack(draft: Arrangement, { columns, order, titles }: ArrangementChanges): void {
  const { order: current } = draft;
  const presence = draft.parts().columns.presence.slice();
  for (const { name, keys, before, after } of columns) {
    const codes = name === 'group' ? titles.map((title) => draft.codeOf(title)) : undefined;
    const valueOf = (code: number | undefined): number => (codes === undefined ? (code ?? 0) : (codes[code ?? 0] ?? 0));
    const column = draft.parts().columns[name];
    const isUntouched = keys.map((key, at) => {
      const isGone = name !== 'presence' && presence[key] === PRESENCE.absent;
      return isGone || (column[key] ?? 0) === valueOf(after[at]) ? 1 : 0;
    });
    keys.forEach((key, at) => isUntouched[at] === 1 && draft.put(name, key, valueOf(before[at])));
  }
  if (order !== undefined) draft.arrange(restoredOrder(draft, current, order));
}

/** The channels there are now, with those of the change where they stood. */
function restoredOrder(draft: Arrangement, current: Int32Array, { follows, keys }: OrderChange): Int32Array {
  const comesBack = new Uint8Array(draft.nextKey);
  for (const key of keys) comesBack[key] = 1;
  const others = current.filter((key) => draft.has(key) && comesBack[key] === 0);
  const back = keys.filter((key) => draft.has(key));
  const at = follows === 0 || others.includes(follows) ? others.indexOf(follows) + 1 : others.length;
  const order = new Int32Array(others.length + back.length);
  order.set(others.subarray(0, at));
  order.set(back, at);
  order.set(others.subarray(at), at + back.length);
  return order;
}

/** A column is only as long as it has to be. */
function differs(before: Uint8Array, after: Uint8Array): (key: number) => boolean {
  return (key) => (before[key] ?? 0) !== (after[key] ?? 0);
}

function changedKeys(nextKey: number, isChanged: (key: number) => boolean): Int32Array {
  const changed = new Int32Array(nextKey);
  let count = 0;
  for (let key = 1; key < nextKey; key += 1) {
    if (!isChanged(key)) continue;
    changed[count] = key;
    count += 1;
  }
  return changed.slice(0, count);
}

function valuesOf(
  name: ColumnName,
  keys: Int32Array,
  before: Uint8Array | Int32Array,
  after: Uint8Array | Int32Array,
): ColumnChange {
  return { name, keys, before: keys.map((key) => before[key] ?? 0), after: keys.map((key) => after[key] ?? 0) };
}

/** The place of each title among those of the change, where it is put if it is new. */
function translation(of: readonly string[], titles: string[]): readonly number[] {
  const places = new Map(titles.map((title, place) => [title, place]));
  return of.map((title) => {
    const known = places.get(title);
    if (known !== undefined) return known;
    places.set(title, titles.length);
    return titles.push(title) - 1;
  });
}

function orderChange(before: Int32Array, after: Int32Array): OrderChange | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let fromEnd = 0;
  while (fromEnd < shorter - start && before[before.length - 1 - fromEnd] === after[after.length - 1 - fromEnd]) {
    fromEnd += 1;
  }
  if (start === before.length && start === after.length) return undefined;
  return { follows: before[start - 1] ?? 0, keys: before.slice(start, before.length - fromEnd) };
}
