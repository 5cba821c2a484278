import type { Source } from '../../shared/channel.ts';
import { reachOfHost } from './address-guard.ts';
import { createCookies, type Cookies } from './cookies.ts';
import type { Identity } from './origin-client.ts';

export type IdentityDeps = {
  /** What providers see of the relay, unless a source says otherwise. */
  userAgent: string;
  lanHosts: readonly string[];
  /** Told of every body byte that arrives. */
  onBytes: (bytes: number) => void;
  /** Those that it goes on with; otherwise it begins without any. */
  cookies?: Cookies;
};

/** How a source's provider is asked, whatever for: the headers it wants, cookies of its own, and how far it may lead. */
export function identityOf(
  source: Source,
  { userAgent, lanHosts, onBytes, cookies = createCookies() }: IdentityDeps,
): Identity {
  return {
    sourceUrl: source.url,
    headers: { Accept: '*/*', 'User-Agent': userAgent, ...source.headers },
    cookies,
    reach: reachOfHost(URL.parse(source.url)?.hostname ?? '', lanHosts),
    onBytes,
  };
}
