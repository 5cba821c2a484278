import type { ChannelFilter, ChannelSelection } from '../shared/contract.ts';

/** The chosen rows of a table: those named, or all that it shows but some. */
export type Selection = { kind: 'some'; ids: ReadonlySet<string> } | { kind: 'all'; except: ReadonlySet<string> };

export const NONE: Selection = { kind: 'some', ids: new Set() };

export const ALL: Selection = { kind: 'all', except: new Set() };

export function only(...ids: readonly string[]): Selection {
  return { kind: 'some', ids: new Set(ids) };
}

export function isChosen(selection: Selection, id: string): boolean {
  return selection.kind === 'some' ? selection.ids.has(id) : !selection.except.has(id);
}

/** @param total how many rows the table shows */
export function countOf(selection: Selection, total: number): number {
  return selection.kind === 'some' ? selection.ids.size : Math.max(0, total - selection.except.size);
}

/** With this row chosen when it was not, and the reverse. */
export function toggled(selection: Selection, id: string): Selection {
  const named = new Set(selection.kind === 'some' ? selection.ids : selection.except);
  if (!named.delete(id)) named.add(id);
  return selection.kind === 'some' ? { kind: 'some', ids: named } : { kind: 'all', except: named };
}

/** With these rows chosen too. */
export function joined(selection: Selection, ids: readonly string[]): Selection {
  if (selection.kind === 'some') return { kind: 'some', ids: new Set([...selection.ids, ...ids]) };
  const except = new Set(selection.except);
  for (const id of ids) except.delete(id);
  return { kind: 'all', except };
}

/** As commands take it; the filter is that of the table. */
export function toChannels(selection: Selection, { search, group, state }: ChannelFilter): ChannelSelection {
  if (selection.kind === 'some') return { kind: 'ids', ids: [...selection.ids] };
  return { kind: 'matching', search, group, state, except: [...selection.except] };
}
