import type { Logger } from '../log.ts';
import { isOnPage } from './page.ts';

type Preventable = { preventDefault(): void };

/** What is used of Electron's `WebContents` to keep them on our page. */
export type GuardedContents = {
  on(event: 'will-frame-navigate' | 'will-redirect', listener: (event: Preventable & { url: string }) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' }): void;
};

/** What is used of Electron's `session` to refuse permissions. */
export type GuardedSession = {
  setPermissionRequestHandler(
    handler: (
      contents: unknown,
      permission: string,
      decide: (isGranted: boolean) => void,
      details: { requestingUrl: string },
    ) => void,
  ): void;
  setPermissionCheckHandler(handler: (contents: unknown, permission: string, origin: string) => boolean): void;
};

export type Shell = { openExternal(url: string): Promise<void> };

/** To copy addresses, to fill the screen with a preview, and to load previews from the relay and logos from a NAS. */
const GRANTED: ReadonlySet<string> = new Set([
  'clipboard-sanitized-write',
  'fullscreen',
  'local-network-access',
  'loopback-network',
  'local-network',
]);

/** Keeps contents on our page: links to the web open in the browser, everything else leads nowhere. */
export function guardContents(
  contents: GuardedContents,
  { pageUrl, shell, log }: { pageUrl: string; shell: Shell; log: Logger },
): void {
  const openInBrowser = (url: string): void => {
    const parsed = URL.parse(url);
    if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') return;
    shell
      .openExternal(parsed.href)
      .catch((error: unknown) => log.warn({ err: error }, 'a link could not be opened in the browser'));
  };

  contents.on('will-frame-navigate', (event) => {
    if (isOnPage(pageUrl, event.url)) return;
    event.preventDefault();
    openInBrowser(event.url);
  });
  contents.on('will-redirect', (event) => {
    if (!isOnPage(pageUrl, event.url)) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    openInBrowser(url);
    return { action: 'deny' };
  });
}

/** Refuses every permission but those that our own page needs. */
export function guardPermissions(session: GuardedSession, pageUrl: string): void {
  const isGranted = (permission: string, url: string): boolean => GRANTED.has(permission) && isOnPage(pageUrl, url);
  session.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) =>
    decide(isGranted(permission, requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => isGranted(permission, origin));
}
