import type { Channel as ChannelRecord } from '../../shared/channel.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import type { ChannelMemories, ChannelMemory } from './channel-memory.ts';
import { Channel, type ChannelDeps } from './channel.ts';

/** The channels being relayed, opened when first asked for. */
export type ChannelPool = {
  /** @throws ProxyError UNKNOWN_CHANNEL */
  open(channelId: string): Channel;
};

export type ChannelPoolDeps = ChannelDeps & {
  find: (channelId: string) => ChannelRecord | undefined;
  /** What channels remember; a channel that goes on with a memory goes on where the one before it was. */
  memories: ChannelMemories;
};

export function createChannelPool({ find, memories, ...deps }: ChannelPoolDeps): ChannelPool {
  /** Closed when what they remember is forgotten. */
  const channels = new WeakMap<ChannelMemory, Channel>();

  return {
    open(channelId) {
      const record = find(channelId);
      if (record === undefined || !record.enabled) {
        memories.forget(channelId);
        throw new ProxyError('UNKNOWN_CHANNEL', say('channel.unknownHere'));
      }
      const memory = memories.of(record);
      const known = channels.get(memory);
      if (known !== undefined) return known;
      const channel = new Channel(record, memory, deps);
      channels.set(memory, channel);
      return channel;
    },
  };
}
