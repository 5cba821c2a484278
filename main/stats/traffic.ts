/** Body bytes, counted once and only when they really travelled. */
export type ByteCounts = { fromSource: number; toClients: number };

/** One response on its way to a TV. */
export type Transfer = {
  /** Body bytes that have left this machine so far. */
  sentBytes(): number;
};

/** Counts what flows from the providers and to the TVs, per channel and in total. */
export type Traffic = {
  addFromSource(channelId: string, bytes: number): void;
  /** Follows a response; its bytes are read off when `snapshot` is taken. Returns what to call when it is over. */
  follow(channelId: string, transfer: Transfer): () => void;
  snapshot(): { total: ByteCounts; channels: ReadonlyMap<string, ByteCounts> };
};

export function createTraffic(): Traffic {
  const total: ByteCounts = { fromSource: 0, toClients: 0 };
  const channels = new Map<string, ByteCounts>();
  const readings = new Set<() => void>();

  const countsOf = (channelId: string): ByteCounts => {
    const known = channels.get(channelId);
    if (known !== undefined) return known;
    const fresh = { fromSource: 0, toClients: 0 };
    channels.set(channelId, fresh);
    return fresh;
  };

  return {
    addFromSource(channelId, bytes) {
      total.fromSource += bytes;
      countsOf(channelId).fromSource += bytes;
    },

    follow(channelId, transfer) {
      const counts = countsOf(channelId);
      let counted = 0;
      const read = (): void => {
        const sent = transfer.sentBytes();
        total.toClients += sent - counted;
        counts.toClients += sent - counted;
        counted = sent;
      };
      readings.add(read);
      return () => {
        read();
        readings.delete(read);
      };
    },

    snapshot() {
      for (const read of readings) read();
      return { total: { ...total }, channels: new Map([...channels].map(([id, counts]) => [id, { ...counts }])) };
    },
  };
}
