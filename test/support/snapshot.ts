import type { Snapshot } from '../../shared/stats.ts';

/** The state of a relay that nobody uses. */
export const emptySnapshot: Snapshot = {
  at: 0,
  status: 'running',
  version: '0.0.0',
  startedAt: 0,
  relayPort: 8787,
  lanUrls: [],
  channelCount: 0,
  channelsRevision: 0,
  traffic: {
    totalBytes: { fromSource: 0, toClients: 0 },
    bytesPerSecond: { fromSource: 0, toClients: 0 },
    bytesPerSecond10: { fromSource: 0, toClients: 0 },
  },
  channels: [],
  viewers: [],
  cache: {
    memoryBytes: 0,
    memoryLimitBytes: 0,
    memoryEntries: 0,
    store: 'embedded',
    storeBytes: null,
    outcomes: {
      hitMemory: 0,
      hitRedis: 0,
      coalesced: 0,
      miss: 0,
      prefetchUsed: 0,
      prefetchUnused: 0,
      hiddenErrors: 0,
    },
  },
  problems: [],
  refusedClients: 0,
};
