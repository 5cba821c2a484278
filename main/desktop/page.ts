/** Where the window's page is: files of the build, behind a scheme of our own. */
export const PAGE_URL = 'app://hearthcast/';

/** Whether a URL leads to the page, wherever in it. */
export function isOnPage(pageUrl: string, url: string): boolean {
  const page = URL.parse(pageUrl);
  const other = URL.parse(url);
  if (page === null || other === null) return false;
  // Not by `origin`, which is "null" for every scheme that Node does not know.
  return other.protocol === page.protocol && other.host === page.host && other.username === '';
}
