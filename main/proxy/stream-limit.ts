import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import type { Sighting } from '../stats/viewers.ts';

/** Keeps the number of channels that are pulled from one provider at a time within what the subscription allows. */
export type StreamLimit = {
  /** @throws ProxyError CONNECTION_LIMIT when what this viewer asks for would be one channel too many */
  admit(viewer: Sighting): void;
};

export type StreamLimitDeps = {
  /** Channels per provider host; 0: no limit. */
  streamsPerHost: number;
  /** The channels that others watch: a viewer that zaps has left its channel by asking for the next. */
  watchedBesides: (viewer: Sighting) => ReadonlySet<string>;
  /** The host that a channel is pulled from. */
  hostOf: (channelId: string) => string | undefined;
};

export function createStreamLimit({ streamsPerHost, watchedBesides, hostOf }: StreamLimitDeps): StreamLimit {
  return {
    admit(viewer) {
      if (streamsPerHost === 0) return;
      const others = watchedBesides(viewer);
      if (others.has(viewer.channelId)) return;
      const host = hostOf(viewer.channelId);
      const pulled = [...others].filter((channelId) => hostOf(channelId) === host).length;
      if (pulled < streamsPerHost) return;
      throw new ProxyError('CONNECTION_LIMIT', say('origin.streamLimit'), {
        retryAfterMs: RETRY_AFTER_MS,
      });
    },
  };
}

const RETRY_AFTER_MS = 10_000;
