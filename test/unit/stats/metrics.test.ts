import { expect, test } from 'vitest';
import { renderMetrics } from '../../../main/stats/metrics.ts';
import { Snapshot } from '../../../shared/stats.ts';

const NOTHING = { fromSource: 0, toClients: 0 };

const SNAPSHOT = Snapshot.parse({
  at: 61_000,
  status: 'running',
  version: '1.2.3',
  startedAt: 1_000,
  relayPort: 8787,
  lanUrls: [],
  channelCount: 42,
  channelsRevision: 0,
  traffic: { totalBytes: NOTHING, bytesPerSecond: NOTHING, bytesPerSecond10: { fromSource: 7, toClients: 21 } },
  channels: [],
  viewers: [],
  cache: {
    memoryBytes: 1000,
    memoryLimitBytes: 2000,
    memoryEntries: 3,
    store: 'embedded',
    storeBytes: null,
    outcomes: {
      hitMemory: 10,
      hitRedis: 2,
      coalesced: 3,
      miss: 4,
      prefetchUsed: 5,
      prefetchUnused: 1,
      hiddenErrors: 6,
    },
  },
  problems: [],
  refusedClients: 9,
} satisfies Snapshot);

test('a snapshot is told in the text format of Prometheus', async () => {
  const bytes = new Map([
    ['ch_news', { fromSource: 100, toClients: 300 }],
    ['ch_sport', { fromSource: 5, toClients: 0 }],
  ]);
  const lines = (await renderMetrics(SNAPSHOT, bytes)).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      '# TYPE hearthcast_client_bytes_total counter',
      'hearthcast_client_bytes_total{channel="ch_news"} 300',
      'hearthcast_client_bytes_total{channel="ch_sport"} 0',
      'hearthcast_source_bytes_total{channel="ch_news"} 100',
      'hearthcast_client_bytes_per_second 21',
      'hearthcast_cache_answers_total{outcome="hit_memory"} 10',
      'hearthcast_cache_answers_total{outcome="hit_redis"} 2',
      'hearthcast_cache_answers_total{outcome="coalesced"} 3',
      'hearthcast_cache_answers_total{outcome="miss"} 4',
      'hearthcast_prefetch_total{result="unused"} 1',
      'hearthcast_hidden_errors_total 6',
      'hearthcast_cache_memory_bytes 1000',
      'hearthcast_uptime_seconds 60',
      'hearthcast_viewers 0',
      'hearthcast_channels 42',
      'hearthcast_refused_clients_total 9',
      'hearthcast_info{version="1.2.3"} 1',
    ]),
  );
});

test('two renderings know nothing of each other', async () => {
  const once = await renderMetrics(SNAPSHOT, new Map());
  expect(await renderMetrics(SNAPSHOT, new Map())).toBe(once);
});
