import { isDeepStrictEqual } from 'node:util';
import type { Channel as ChannelRecord } from '../../shared/channel.ts';
import { ProxyError } from '../errors.ts';
import { Channel, type ChannelDeps } from './channel.ts';

/** The channels being relayed, opened when first asked for and closed when long unused. */
export type ChannelPool = {
  /** @throws ProxyError UNKNOWN_CHANNEL */
  open(channelId: string): Channel;
  /** Forgets what has not been asked for in a while. */
  sweep(): void;
};

const IDLE_MS = 15 * 60_000;

export function createChannelPool({
  find,
  ...deps
}: ChannelDeps & { find: (channelId: string) => ChannelRecord | undefined }): ChannelPool {
  const pool = new Map<string, { record: ChannelRecord; channel: Channel; askedAt: number }>();

  return {
    open(channelId) {
      const record = find(channelId);
      if (record === undefined || !record.enabled) {
        pool.delete(channelId);
        throw new ProxyError('UNKNOWN_CHANNEL', 'There is no such channel here.');
      }
      const known = pool.get(channelId);
      if (known !== undefined && plays(known.record, record)) {
        known.record = record;
        known.askedAt = deps.now();
        return known.channel;
      }
      const channel = new Channel(record, deps);
      pool.set(channelId, { record, channel, askedAt: deps.now() });
      return channel;
    },

    sweep() {
      for (const [channelId, { askedAt }] of pool) {
        if (deps.now() - askedAt > IDLE_MS) pool.delete(channelId);
      }
    },
  };
}

/** An edit of anything but the sources leaves what is playing alone. */
function plays(known: ChannelRecord, record: ChannelRecord): boolean {
  return known === record || isDeepStrictEqual(known.sources, record.sources);
}
