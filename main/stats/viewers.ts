/** A client that watches a channel: what HLS leaves of a TV in front of it, an address and a player that keep asking. */
export type Viewer = {
  address: string;
  userAgent: string;
  channelId: string;
  /** When it began to watch this channel, and when it last asked for something of it; milliseconds since 1970. */
  since: number;
  seenAt: number;
};

/** A request of a viewer. */
export type Sighting = Pick<Viewer, 'address' | 'userAgent' | 'channelId'>;

/** Who watches what, told by what they ask for and not by their sockets. */
export type Viewers = {
  saw(sighting: Sighting): void;
  /** Those that have asked for something lately. */
  active(): Viewer[];
  /** The channels that somebody else than this viewer watches. */
  watchedBesides(viewer: Sighting): Set<string>;
  /** Forgets those long gone. */
  sweep(): void;
};

/** Players ask at least once a target duration; after this without a word a viewer has left. */
const ACTIVE_MS = 20_000;

export function createViewers({ now }: { now: () => number }): Viewers {
  const viewers = new Map<string, Viewer>();
  const isActive = (viewer: Viewer): boolean => now() - viewer.seenAt < ACTIVE_MS;

  return {
    saw({ address, userAgent, channelId }) {
      const key = keyOf({ address, userAgent });
      const known = viewers.get(key);
      const seenAt = now();
      if (known !== undefined && known.channelId === channelId) known.seenAt = seenAt;
      // One that asks for another channel has zapped: it has left the one before.
      else viewers.set(key, { address, userAgent, channelId, since: seenAt, seenAt });
    },
    active: () => [...viewers.values()].filter(isActive),
    watchedBesides(viewer) {
      const others = [...viewers].filter(([key, other]) => key !== keyOf(viewer) && isActive(other));
      return new Set(others.map(([, other]) => other.channelId));
    },
    sweep() {
      for (const [key, viewer] of viewers) {
        if (!isActive(viewer)) viewers.delete(key);
      }
    },
  };
}

function keyOf({ address, userAgent }: Pick<Viewer, 'address' | 'userAgent'>): string {
  return `${address} ${userAgent}`;
}
