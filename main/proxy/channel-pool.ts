import { isDeepStrictEqual } from 'node:util';
import type { Channel as ChannelRecord } from '../../shared/channel.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { Channel, type ChannelDeps } from './channel.ts';
import { createSourceRecord } from './source-record.ts';

/** The channels being relayed, opened when first asked for and closed when long unused. */
export type ChannelPool = {
  /** @throws ProxyError UNKNOWN_CHANNEL */
  open(channelId: string): Channel;
  /** Share of starts from a source that went well lately, from 0 to 1; `undefined` when there was none. */
  successRate(channelId: string, sourceUrl: string): number | undefined;
  /** Forgets what has not been asked for in a while. */
  sweep(): void;
};

const IDLE_MS = 15 * 60_000;

export function createChannelPool({
  find,
  ...deps
}: Omit<ChannelDeps, 'sourceRecord'> & { find: (channelId: string) => ChannelRecord | undefined }): ChannelPool {
  const sourceRecord = createSourceRecord(deps);
  const pool = new Map<string, { record: ChannelRecord; channel: Channel; askedAt: number }>();

  return {
    open(channelId) {
      const record = find(channelId);
      if (record === undefined || !record.enabled) {
        pool.delete(channelId);
        throw new ProxyError('UNKNOWN_CHANNEL', say('channel.unknownHere'));
      }
      const known = pool.get(channelId);
      if (known !== undefined && plays(known.record, record)) {
        known.record = record;
        known.askedAt = deps.now();
        return known.channel;
      }
      const channel = new Channel(record, { ...deps, sourceRecord });
      pool.set(channelId, { record, channel, askedAt: deps.now() });
      return channel;
    },

    successRate: (channelId, sourceUrl) => sourceRecord.successRate(channelId, sourceUrl),

    sweep() {
      for (const [channelId, { askedAt }] of pool) {
        if (deps.now() - askedAt > IDLE_MS) pool.delete(channelId);
      }
    },
  };
}

/** An edit of anything but the sources and how they are played leaves what is playing alone. */
function plays(known: ChannelRecord, record: ChannelRecord): boolean {
  if (known === record) return true;
  return isDeepStrictEqual([known.sources, known.options], [record.sources, record.options]);
}
