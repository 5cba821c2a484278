import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { Channel as ChannelRecord } from '../../shared/channel.ts';
import { createCookies, type Cookies } from '../origin/cookies.ts';
import type { LivePlaylist } from './live-playlist.ts';
import type { NameReuse } from './name-reuse.ts';
import type { Resource } from './sealed-url.ts';
import { createWrapping, type Wrapping } from './wrapping.ts';

/** Which playlist it is: the channel's own, from whatever source, or one that another names. The directives are part of which. */
export type PlaylistIdentity =
  { kind: 'source'; directives: string } | { kind: 'child'; resource: Resource; directives: string };

/** One playlist of a channel, and what its former versions told. */
export type KnownPlaylist = { identity: PlaylistIdentity; live: LivePlaylist; names: NameReuse };

/** What a channel has learned while it plays, which the TVs that watch it rely on. */
export type ChannelMemory = {
  /** By cache key and directives. */
  readonly playlists: LRUCache<string, KnownPlaylist>;
  readonly wrapping: Wrapping;
  /** Those that a source has set. */
  cookies(source: number): Cookies;
};

/** The memories of channels that are watched. They outlive the settings that the channels are played with. */
export type ChannelMemories = {
  /** The same memory, until other sources or another way to play them make it useless. */
  of(record: ChannelRecord): ChannelMemory;
  forget(channelId: string): void;
  /** Forgets what has not been asked for in a while. */
  sweep(): void;
};

type Remembered = { record: ChannelRecord; memory: ChannelMemory; askedAt: number };

const MAX_PLAYLISTS = 64;
const IDLE_MS = 15 * 60_000;

export function createChannelMemories({ now }: { now: () => number }): ChannelMemories {
  const remembered = new Map<string, Remembered>();

  return {
    of(record) {
      const known = remembered.get(record.id);
      if (known !== undefined && plays(known.record, record)) {
        known.record = record;
        known.askedAt = now();
        return known.memory;
      }
      const memory = createChannelMemory();
      remembered.set(record.id, { record, memory, askedAt: now() });
      return memory;
    },

    forget(channelId) {
      remembered.delete(channelId);
    },

    sweep() {
      for (const [channelId, { askedAt }] of remembered) {
        if (now() - askedAt > IDLE_MS) remembered.delete(channelId);
      }
    },
  };
}

function createChannelMemory(): ChannelMemory {
  const jars = new Map<number, Cookies>();
  return {
    playlists: new LRUCache({ max: MAX_PLAYLISTS }),
    wrapping: createWrapping(),
    cookies(source) {
      const jar = jars.get(source) ?? createCookies();
      jars.set(source, jar);
      return jar;
    },
  };
}

/** An edit of anything but the sources and how they are played leaves what is playing alone. */
function plays(known: ChannelRecord, record: ChannelRecord): boolean {
  if (known === record) return true;
  return isDeepStrictEqual([known.sources, known.options], [record.sources, record.options]);
}
