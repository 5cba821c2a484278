import { useSyncExternalStore } from 'react';

export const VIEWS = ['home', 'channels', 'devices', 'activity', 'settings'] as const;
export type View = (typeof VIEWS)[number];

/** Which view is open, and what of it: `#/channels/ch_news`. */
export type Route = { view: View; detail: string | undefined };

/** The route as the address bar says it; a reload or the back button comes to the same place. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(onHashChange, () => window.location.hash);
  return parseRoute(hash);
}

export function parseRoute(hash: string): Route {
  const [name, detail] = hash.replace(/^#\/?/, '').split('/');
  const view = VIEWS.find((known) => known === name) ?? 'home';
  return { view, detail: detail === undefined || detail === '' ? undefined : decodeURIComponent(detail) };
}

/** The address of a view, for a link. */
export function routeHref(view: View, detail?: string): string {
  return `#/${view}${detail === undefined ? '' : `/${encodeURIComponent(detail)}`}`;
}

/** Goes there; `replace`: without a step of history. */
export function navigate(view: View, detail?: string, { replace = false }: { replace?: boolean } = {}): void {
  const href = routeHref(view, detail);
  if (replace) window.location.replace(href);
  else window.location.assign(href);
}

function onHashChange(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}
