import { CookieJar } from 'tough-cookie';

/** The cookies that one channel's origins have set; kept as long as the channel is open. */
export type Cookies = {
  /** Value of the `Cookie` header for a URL, together with what the user configured; `undefined` when there is none. */
  headerFor(url: URL, configured: string | undefined): string | undefined;
  learn(url: URL, setCookie: string | readonly string[] | undefined): void;
};

/** An empty jar that follows RFC 6265bis; what it refuses, it forgets. */
export function createCookies(): Cookies {
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: true, allowSpecialUseDomain: true, looseMode: true });
  let isEmpty = true;

  return {
    headerFor(url, configured) {
      if (isEmpty) return configured;
      const kept = jar.getCookieStringSync(url.href);
      if (kept === '') return configured;
      return configured === undefined ? kept : `${configured}; ${kept}`;
    },

    learn(url, setCookie) {
      if (setCookie === undefined) return;
      for (const cookie of typeof setCookie === 'string' ? [setCookie] : setCookie) {
        if (jar.setCookieSync(cookie, url.href, { ignoreError: true }) !== undefined) isEmpty = false;
      }
    },
  };
}
