/** Whether there is a channel of a key. One that somebody removed is kept: so that lists do not bring it back, and for undoing. */
export const PRESENCE = { absent: 0, living: 1, removed: 2 } as const;

/** What is kept of every channel, at the place of its key. */
export type Columns = {
  presence: Uint8Array;
  enabled: Uint8Array;
  favourite: Uint8Array;
  /** Somebody put it into another group, which lists leave alone. */
  regrouped: Uint8Array;
  /** The place of its group among the titles. */
  group: Int32Array;
};

export type ColumnName = keyof Columns;

/** The columns that are switches. */
export type Switch = 'enabled' | 'favourite' | 'regrouped';

/** All there is to an arrangement. */
export type ArrangementParts = {
  /** The keys of the living channels. */
  order: Int32Array;
  columns: Columns;
  titles: readonly string[];
};

const GROWTH = 1.5;

/**
 * What people change of many channels at once: their order, groups and switches, and which of them are there. It is kept by column and
 * not by row: turning off a hundred thousand channels changes a hundred kilobytes and not a hundred thousand rows.
 *
 * One that is in use is never changed: whoever writes changes a `draft` of it, which shares with it what stays the same.
 */
export class Arrangement {
  #order: Int32Array;
  #columns: Columns;
  #titles: string[];
  #codes: Map<string, number> | undefined;
  #nextKey: number;
  #arrivals: number[] = [];
  #hasLeavers = false;
  #enabledCount: number | undefined;
  readonly #own = new Set<ColumnName | 'titles'>();

  constructor({ order, columns, titles }: ArrangementParts) {
    this.#order = order;
    this.#columns = { ...columns };
    this.#titles = titles as string[];
    this.#nextKey = Math.max(1, columns.presence.length);
  }

  static empty(): Arrangement {
    const [presence, enabled, favourite, regrouped] = Array.from({ length: 4 }, () => new Uint8Array()) as Bytes;
    const columns = { presence, enabled, favourite, regrouped, group: new Int32Array() };
    return new Arrangement({ order: new Int32Array(), columns, titles: [] });
  }

  /** Another one, to be changed. */
  draft(): Arrangement {
    const draft = new Arrangement(this.parts());
    draft.#codes = this.#codes;
    draft.#nextKey = this.#nextKey;
    return draft;
  }

  /** Arrays that are the same object as those of another moment have not changed since. */
  parts(): ArrangementParts {
    return { order: this.order, columns: this.#columns, titles: this.#titles };
  }

  /** One more than the greatest key that there ever was: a key is never given to another channel. */
  get nextKey(): number {
    return this.#nextKey;
  }

  /** The keys of the living channels in their order; not to be written to. */
  get order(): Int32Array {
    if (this.#hasLeavers) {
      const living = (key: number): boolean => this.has(key);
      this.#order = this.#order.filter(living);
      this.#arrivals = this.#arrivals.filter(living);
      this.#hasLeavers = false;
    }
    if (this.#arrivals.length > 0) {
      this.#order = joined(this.#order, this.#arrivals);
      this.#arrivals = [];
    }
    return this.#order;
  }

  has(key: number): boolean {
    return this.#columns.presence[key] === PRESENCE.living;
  }

  isRemoved(key: number): boolean {
    return this.#columns.presence[key] === PRESENCE.removed;
  }

  is(name: Switch, key: number): boolean {
    return this.#columns[name][key] === 1;
  }

  groupOf(key: number): string {
    return this.#titles[this.#columns.group[key] ?? 0] ?? '';
  }

  get enabledCount(): number {
    this.#enabledCount ??= this.order.reduce((count, key) => count + (this.#columns.enabled[key] ?? 0), 0);
    return this.#enabledCount;
  }

  /** The groups that have channels, and how many, in no order. */
  groups(): { name: string; count: number }[] {
    const counts = new Int32Array(this.#titles.length);
    for (const key of this.order) {
      const code = this.#columns.group[key] ?? 0;
      counts[code] = (counts[code] ?? 0) + 1;
    }
    return this.#titles.map((name, code) => ({ name, count: counts[code] ?? 0 })).filter(({ count }) => count > 0);
  }

  /** The keys of removed channels. */
  removed(): number[] {
    const keys: number[] = [];
    this.#columns.presence.forEach((presence, key) => {
      if (presence === PRESENCE.removed) keys.push(key);
    });
    return keys;
  }

  /** A test for channels of a group that costs the same for every title. */
  isIn(title: string): (key: number) => boolean {
    const code = this.#codesByTitle().get(title);
    const { group } = this.#columns;
    return (key) => (group[key] ?? 0) === code;
  }

  /** A new channel, at the end. @returns its key */
  add(group: string): number {
    const key = this.#nextKey;
    const code = this.codeOf(group);
    this.put('presence', key, PRESENCE.living);
    this.put('enabled', key, 1);
    this.put('group', key, code);
    this.#arrivals.push(key);
    return key;
  }

  /** Of a channel whose row is gone too. */
  drop(key: number): void {
    if (this.has(key)) this.#hasLeavers = true;
    this.put('presence', key, PRESENCE.absent);
  }

  remove(keys: Int32Array): void {
    this.#putAll('presence', keys, PRESENCE.removed);
    this.#hasLeavers = true;
  }

  set(name: Switch, key: number, value: boolean): void {
    this.put(name, key, value ? 1 : 0);
  }

  /** Sets a switch of many channels. @returns those of them that were otherwise */
  setAll(name: Switch, keys: Int32Array, value: boolean): Int32Array {
    return this.#putAll(name, keys, value ? 1 : 0);
  }

  /** Puts many channels into a group. @returns those of them that were in another */
  setGroups(keys: Int32Array, title: string): Int32Array {
    const isIn = this.isIn(title);
    return keys.every(isIn) ? new Int32Array() : this.#putAll('group', keys, this.codeOf(title));
  }

  setGroup(key: number, title: string): void {
    if (this.groupOf(key) !== title) this.put('group', key, this.codeOf(title));
  }

  /** Puts the living channels into this order. */
  arrange(order: Int32Array): void {
    this.#order = order;
    this.#arrivals = [];
    this.#hasLeavers = false;
  }

  /** The place of a group among the titles, where it is put if it is new. */
  codeOf(title: string): number {
    // First, because it gives all of them other places.
    if (!this.#own.has('titles')) this.#ownUsedTitles();
    const known = this.#codesByTitle().get(title);
    if (known !== undefined) return known;
    this.#codesByTitle().set(title, this.#titles.length);
    return this.#titles.push(title) - 1;
  }

  /** Writes one value of a column as it is kept. */
  put(name: ColumnName, key: number, value: number): void {
    if (key >= this.#nextKey) this.#nextKey = key + 1;
    if ((this.#columns[name][key] ?? 0) === value) return;
    this.#owned(name, key)[key] = value;
    this.#enabledCount = undefined;
  }

  /** The same for many. @returns those of them that had another value */
  #putAll(name: ColumnName, keys: Int32Array, value: number): Int32Array {
    const before = this.#columns[name];
    const different = keys.filter((key) => (before[key] ?? 0) !== value);
    if (different.length === 0) return different;
    const column = this.#owned(name, this.#nextKey - 1);
    for (const key of different) column[key] = value;
    this.#enabledCount = undefined;
    return different;
  }

  /** A column that nobody else has, long enough for a key. */
  #owned(name: ColumnName, key: number): Uint8Array | Int32Array {
    const column = this.#columns[name];
    if (this.#own.has(name) && key < column.length) return column;
    const length = key < column.length ? column.length : Math.ceil((key + 1) * GROWTH);
    const own = name === 'group' ? new Int32Array(length) : new Uint8Array(length);
    own.set(column);
    this.#columns = { ...this.#columns, [name]: own };
    this.#own.add(name);
    return own;
  }

  /** Titles of which no channel is any more make room for new ones. */
  #ownUsedTitles(): void {
    const { presence, group } = this.#columns;
    const next = new Int32Array(presence.length);
    const titles: string[] = [];
    const codes = new Map<number, number>();
    presence.forEach((present, key) => {
      if (present === PRESENCE.absent) return;
      const code = group[key] ?? 0;
      if (!codes.has(code)) codes.set(code, titles.push(this.#titles[code] ?? '') - 1);
      next[key] = codes.get(code) ?? 0;
    });
    this.#titles = titles;
    this.#codes = undefined;
    this.#columns = { ...this.#columns, group: next };
    this.#own.add('titles').add('group');
  }

  #codesByTitle(): Map<string, number> {
    this.#codes ??= new Map(this.#titles.map((title, code) => [title, code]));
    return this.#codes;
  }
}

type Bytes = [Uint8Array, Uint8Array, Uint8Array, Uint8Array];

function joined(order: Int32Array, arrivals: readonly number[]): Int32Array {
  const all = new Int32Array(order.length + arrivals.length);
  all.set(order);
  all.set(arrivals, order.length);
  return all;
}
