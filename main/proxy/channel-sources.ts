import type { RankedSource } from '../../shared/channel.ts';
import type { Identity } from '../origin/origin-client.ts';
import { identityOf, type IdentityDeps } from '../origin/source-identity.ts';
import type { SourceRecord } from './source-record.ts';

/** The upstreams of one channel: which to use, and how to introduce oneself there. */
export type ChannelSources = {
  /** Indexes in the order to try them: the preferred ones first, those that failed lately last. */
  candidates(): number[];
  url(index: number): string;
  /** What its requests have in common. An index that a changed list no longer has is the first. */
  identity(index: number): Identity;
  succeeded(index: number): void;
  failed(index: number): void;
};

export type ChannelSourcesDeps = IdentityDeps & { channelId: string; record: SourceRecord };

export function createChannelSources(
  sources: readonly [RankedSource, ...RankedSource[]],
  { channelId, record, userAgent, lanHosts, onBytes }: ChannelSourcesDeps,
): ChannelSources {
  const identities = sources.map((source) => identityOf(source, { userAgent, lanHosts, onBytes }));
  const [firstIdentity = identityOf(sources[0], { userAgent, lanHosts, onBytes })] = identities;
  const urlOf = (index: number): string => (sources[index] ?? sources[0]).url;

  return {
    candidates() {
      const ranked = sources.map(({ url, priority = 0 }, index) => ({
        index,
        isParked: Number(record.isParked(channelId, url)),
        priority,
        standing: record.standing(channelId, url),
      }));
      const inOrder = ranked.toSorted(
        (one, other) => one.isParked - other.isParked || one.priority - other.priority || other.standing - one.standing,
      );
      return inOrder.map(({ index }) => index);
    },
    url: urlOf,
    identity: (index) => identities[index] ?? firstIdentity,
    succeeded: (index) => record.started(channelId, urlOf(index), true),
    failed: (index) => record.started(channelId, urlOf(index), false),
  };
}
