import type { Source } from '../../shared/channel.ts';
import { reachOfHost } from './address-guard.ts';
import { createCookies } from './cookies.ts';
import type { Identity } from './origin-client.ts';

export type IdentityDeps = {
  /** What providers see of the relay, unless a source says otherwise. */
  userAgent: string;
  lanHosts: readonly string[];
  /** Told of every body byte that arrives. */
  onBytes: (bytes: number) => void;
};

/** How a source's provider is asked, whatever for: the headers it wants, cookies of its own, and how far it may lead. */
export function identityOf(source: Source, { userAgent, lanHosts, onBytes }: IdentityDeps): Identity {
  return {
    sourceUrl: source.url,
    headers: { Accept: '*/*', 'User-Agent': userAgent, ...source.headers },
    cookies: createCookies(),
    reach: reachOfHost(URL.parse(source.url)?.hostname ?? '', lanHosts),
    onBytes,
  };
}
