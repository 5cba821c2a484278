import { CookieJar } from 'tough-cookie';

/** The cookies that one channel's origins have set; kept as long as the channel is open. */
export type Cookies = {
  /** Value of the `Cookie` header for a URL, together with what the user configured; `undefined` when there is none. */
  headerFor(url: URL, configured: string | undefined): string | undefined;
  learn(url: URL, setCookie: string | readonly string[] | undefined): void;
};

/** A browser takes no longer one (RFC 6265bis 5.5); more of them than this is somebody's attempt to fill the memory. */
const MAX_COOKIE_CHARACTERS = 4096;
const MAX_COOKIES = 100;
/** What a server takes of one header. */
const MAX_HEADER_CHARACTERS = 8192;

/** An empty jar that follows RFC 6265bis; what it refuses, it forgets. */
export function createCookies(): Cookies {
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: true, allowSpecialUseDomain: true, looseMode: true });
  let isEmpty = true;
  let learnedCount = 0;

  function learnOne(url: URL, cookie: string): void {
    if (cookie.length > MAX_COOKIE_CHARACTERS) return;
    if (jar.setCookieSync(cookie, url.href, { ignoreError: true }) === undefined) return;
    isEmpty = false;
    learnedCount += 1;
    if (learnedCount % MAX_COOKIES !== 0 || (jar.serializeSync()?.cookies.length ?? 0) <= MAX_COOKIES) return;
    jar.removeAllCookiesSync();
    isEmpty = true;
  }

  return {
    headerFor(url, configured) {
      if (isEmpty) return configured;
      const kept = cutBefore(jar.getCookieStringSync(url.href), '; ', MAX_HEADER_CHARACTERS);
      if (kept === '') return configured;
      return configured === undefined ? kept : `${configured}; ${kept}`;
    },

    learn(url, setCookie) {
      if (setCookie === undefined) return;
      for (const cookie of typeof setCookie === 'string' ? [setCookie] : setCookie) learnOne(url, cookie);
    },
  };
}

/** As many whole parts of a text as fit. */
function cutBefore(text: string, separator: string, maxCharacters: number): string {
  return text.length <= maxCharacters ? text : text.slice(0, Math.max(0, text.lastIndexOf(separator, maxCharacters)));
}
