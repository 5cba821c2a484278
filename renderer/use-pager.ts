import { useEffect, useState, useSyncExternalStore } from 'react';
import { createPager, type FetchPage, type Pager, type Pages } from './pager.ts';
import { useConnection } from './use-relay.ts';

/**
 * A long list, by a key that says which one. While another one is fetched the last one stays, so that typing does not
 * flicker; `version` fetches the same one again.
 */
export function usePager<Row>(key: string, version: number | string, fetchPage: FetchPage<Row>): Pager<Row> {
  const isOnline = useConnection() === 'online';
  const [held, setHeld] = useState(() => ({ key, pager: createPager(fetchPage) }));
  let { pager } = held;
  if (held.key !== key) {
    pager = createPager(fetchPage, pager.get());
    setHeld({ key, pager });
  }
  useEffect(() => {
    if (isOnline) pager.refresh();
  }, [pager, version, isOnline]);

  return pager;
}

/** What is known of a long list, for who shows its rows: changes with every page that comes. */
export function usePages<Row>(pager: Pager<Row>): Pages<Row> {
  return useSyncExternalStore(pager.subscribe, pager.get);
}

/** The length of a long list, for who shows no rows; undefined until the first page is there. */
export function useTotal<Row>(pager: Pager<Row>): number | undefined {
  return useSyncExternalStore(pager.subscribe, () => pager.get().total);
}
