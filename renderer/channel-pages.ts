import type { ChannelQuery, ChannelRow } from '../shared/contract.ts';
import type { Relay } from './api.ts';

/** What the table asks for: a query without its page. */
export type ChannelFilter = Omit<ChannelQuery, 'offset' | 'limit'>;

/** What is known of a filtered list of channels. Another object after every change, so that it can be compared. */
export type ChannelPages = {
  /** Undefined until the first page is there. */
  total: number | undefined;
  rowAt: (index: number) => ChannelRow | undefined;
};

/** A long list that is fetched as it is looked at. */
export type ChannelPager = {
  get: () => ChannelPages;
  subscribe: (listener: () => void) => () => void;
  /** Fetches what is missing of these rows. */
  show: (first: number, last: number) => void;
  /** Fetches again what is shown; what is there stays until then. */
  refresh: () => void;
  /** Puts a row that is known to have changed in place of its predecessor. */
  replace: (row: ChannelRow) => void;
  /** The ids of these rows, fetched where they are not known. */
  ids: (first: number, last: number) => Promise<string[]>;
};

const PAGE_SIZE = 100;
const IDS_PAGE_SIZE = 1000;
/** Pages held at most: 4,000 rows. */
const MAX_PAGES = 40;
/** Lets rows that fly by while scrolling go without asking for them. */
const SETTLE_MS = 30;

export function createChannelPager({
  relay,
  filter,
  previous,
}: {
  relay: Pick<Relay, 'call'>;
  filter: ChannelFilter;
  /** Shown until the first page is there. */
  previous?: ChannelPages | undefined;
}): ChannelPager {
  const listeners = new Set<() => void>();
  const pages = new Map<number, readonly ChannelRow[]>();
  const underWay = new Set<number>();
  let total: number | undefined;
  let shown = { first: 0, last: 0 };
  let generation = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current: ChannelPages = previous ?? { total: undefined, rowAt: () => undefined };

  const rowAt = (index: number): ChannelRow | undefined => pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE];

  const publish = (): void => {
    current = { total, rowAt };
    for (const listener of listeners) listener();
  };

  const shownPages = (): number[] => {
    const from = Math.floor(shown.first / PAGE_SIZE);
    const to = Math.floor(Math.min(shown.last, (total ?? 1) - 1) / PAGE_SIZE);
    return Array.from({ length: Math.max(1, to - from + 1) }, (_, index) => from + index);
  };

  const fetchPage = async (page: number): Promise<void> => {
    const asked = generation;
    underWay.add(page);
    try {
      const answer = await relay.call('channels.query', { ...filter, offset: page * PAGE_SIZE, limit: PAGE_SIZE });
      if (asked !== generation) return;
      total = answer.total;
      pages.delete(page);
      pages.set(page, answer.rows);
      const oldest = pages.size > MAX_PAGES ? pages.keys().next().value : undefined;
      if (oldest !== undefined) pages.delete(oldest);
      publish();
    } finally {
      if (asked === generation) underWay.delete(page);
    }
  };

  const fetchMissing = (): void => {
    for (const page of shownPages()) {
      if (pages.has(page) || underWay.has(page)) continue;
      // The connection's own state tells the user; the page is asked for again with the next look or reconnection.
      fetchPage(page).catch(() => undefined);
    }
  };

  fetchMissing();

  return {
    get: () => current,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    show(first, last) {
      shown = { first, last };
      clearTimeout(timer);
      timer = setTimeout(fetchMissing, SETTLE_MS);
    },
    refresh() {
      generation++;
      underWay.clear();
      const kept = new Set(shownPages());
      for (const page of pages.keys()) if (!kept.has(page)) pages.delete(page);
      for (const page of kept) fetchPage(page).catch(() => undefined);
    },
    replace(row) {
      for (const [page, rows] of pages) {
        if (!rows.some(({ id }) => id === row.id)) continue;
        pages.set(
          page,
          rows.map((known) => (known.id === row.id ? row : known)),
        );
        publish();
      }
    },
    async ids(first, last) {
      const rows = Array.from({ length: last - first + 1 }, (_, index) => rowAt(first + index));
      if (rows.every((row) => row !== undefined)) return rows.map(({ id }) => id);
      const found: string[] = [];
      for (let offset = first; offset <= last; offset += IDS_PAGE_SIZE) {
        const limit = Math.min(IDS_PAGE_SIZE, last - offset + 1);
        const answer = await relay.call('channels.query', { ...filter, offset, limit });
        found.push(...answer.rows.map(({ id }) => id));
      }
      return found;
    },
  };
}
