import type { RankedSource } from '../../shared/channel.ts';
import type { Cookies } from '../origin/cookies.ts';
import type { Identity } from '../origin/origin-client.ts';
import { identityOf, type IdentityDeps } from '../origin/source-identity.ts';
import type { SourceRecord } from './source-record.ts';

/** The upstreams of one channel: which to use, and how to introduce oneself there. */
export type ChannelSources = {
  /** Indexes in the order to try them: the preferred ones first, those that failed lately last. */
  candidates(): number[];
  /** Those that have not failed lately, to turn to in mid-play. */
  instead(index: number): number[];
  url(index: number): string;
  /** What its requests have in common. An index that a changed list no longer has is the first. */
  identity(index: number): Identity;
  succeeded(index: number): void;
  failed(index: number): void;
};

export type ChannelSourcesDeps = Omit<IdentityDeps, 'cookies'> & {
  channelId: string;
  record: SourceRecord;
  /** Those of each source, by its index. */
  cookies: (index: number) => Cookies;
};

export function createChannelSources(
  sources: readonly [RankedSource, ...RankedSource[]],
  { channelId, record, cookies, ...deps }: ChannelSourcesDeps,
): ChannelSources {
  const identities = sources.map((source, index) => identityOf(source, { ...deps, cookies: cookies(index) }));
  const [firstIdentity = identityOf(sources[0], deps)] = identities;
  const urlOf = (index: number): string => (sources[index] ?? sources[0]).url;

  function ranked(): { index: number; isParked: boolean }[] {
    const all = sources.map(({ url, priority = 0 }, index) => ({
      index,
      isParked: record.isParked(channelId, url),
      priority,
      standing: record.standing(channelId, url),
    }));
    return all.toSorted(
      (one, other) =>
        Number(one.isParked) - Number(other.isParked) || one.priority - other.priority || other.standing - one.standing,
    );
  }

  return {
    candidates: () => ranked().map(({ index }) => index),
    instead: (present) =>
      ranked()
        .filter(({ index, isParked }) => index !== present && !isParked)
        .map(({ index }) => index),
    url: urlOf,
    identity: (index) => identities[index] ?? firstIdentity,
    succeeded: (index) => record.started(channelId, urlOf(index), true),
    failed: (index) => record.started(channelId, urlOf(index), false),
  };
}
