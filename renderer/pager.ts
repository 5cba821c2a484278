/** What is known of a long list. Another object after every change, so that it can be compared. */
export type Pages<Row> = {
  /** Undefined until the first page is there. */
  total: number | undefined;
  rowAt: (index: number) => Row | undefined;
};

/** A long list that is fetched as it is looked at; nothing is before the first `refresh`. */
export type Pager<Row> = {
  get: () => Pages<Row>;
  subscribe: (listener: () => void) => () => void;
  /** Fetches what is missing of these rows. */
  show: (first: number, last: number) => void;
  /** Fetches again what is shown; what is there stays until then. */
  refresh: () => void;
  /** These rows, fetched where they are not known. */
  range: (first: number, last: number) => Promise<Row[]>;
};

export type FetchPage<Row> = (page: { offset: number; limit: number }) => Promise<{ total: number; rows: Row[] }>;

const PAGE_SIZE = 100;
const RANGE_PAGE_SIZE = 1000;
/** Pages held at most: 4,000 rows. */
const MAX_PAGES = 40;
/** While a page is on its way, rows that fly by are let go without asking for them. */
const SETTLE_MS = 30;
/** Rows that are fetched before they come into view, on either side. */
const AHEAD = 50;

/** @param previous shown until the first page is there */
export function createPager<Row>(fetchPage: FetchPage<Row>, previous?: Pages<Row>): Pager<Row> {
  const listeners = new Set<() => void>();
  const pages = new Map<number, readonly Row[]>();
  const underWay = new Set<number>();
  let total: number | undefined;
  let shown = { first: 0, last: 0 };
  let generation = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: Pages<Row> = previous ?? { total: undefined, rowAt: () => undefined };

  const rowAt = (index: number): Row | undefined => pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE];

  /** @param ahead rows more on either side of those that are shown */
  const shownPages = (ahead = 0): number[] => {
    const end = Math.max(0, (total ?? 1) - 1);
    const from = Math.floor(Math.max(0, Math.min(shown.first, end) - ahead) / PAGE_SIZE);
    const to = Math.floor(Math.min(shown.last + ahead, end) / PAGE_SIZE);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  };

  const load = async (page: number): Promise<void> => {
    const asked = generation;
    underWay.add(page);
    try {
      const answer = await fetchPage({ offset: page * PAGE_SIZE, limit: PAGE_SIZE });
      if (asked !== generation) return;
      total = answer.total;
      pages.delete(page);
      pages.set(page, answer.rows);
      const oldest = pages.size > MAX_PAGES ? pages.keys().next().value : undefined;
      if (oldest !== undefined) pages.delete(oldest);
      current = { total, rowAt };
      for (const listener of listeners) listener();
    } finally {
      if (asked === generation) underWay.delete(page);
    }
  };

  /** A failure leaves the rows blank: the state of the connection says why, and a reconnection refreshes. */
  const loadQuietly = (page: number): void => void load(page).catch(() => undefined);

  const fetchShown = (): void => {
    for (const page of shownPages(AHEAD)) if (!pages.has(page) && !underWay.has(page)) loadQuietly(page);
  };

  return {
    get: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show(first, last) {
      shown = { first, last };
      clearTimeout(timer);
      if (underWay.size === 0) fetchShown();
      else timer = setTimeout(fetchShown, SETTLE_MS);
    },
    refresh() {
      generation++;
      underWay.clear();
      const kept = new Set(shownPages());
      for (const page of pages.keys()) if (!kept.has(page)) pages.delete(page);
      for (const page of kept) loadQuietly(page);
    },
    async range(first, last) {
      const known = Array.from({ length: last - first + 1 }, (_, index) => rowAt(first + index));
      if (known.every((row) => row !== undefined)) return known;
      const found: Row[] = [];
      for (let offset = first; offset <= last; offset += RANGE_PAGE_SIZE) {
        const { rows } = await fetchPage({ offset, limit: Math.min(RANGE_PAGE_SIZE, last - offset + 1) });
        found.push(...rows);
      }
      return found;
    },
  };
}
