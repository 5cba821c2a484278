import { Counter, Gauge, Registry } from 'prom-client';
import type { Flow, Snapshot } from '../../shared/stats.ts';

export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/**
 * A snapshot in Prometheus' text format.
 * @param channelBytes body bytes since the start of every channel that anything flowed through, which is more than the snapshot names
 */
export function renderMetrics(snapshot: Snapshot, channelBytes: ReadonlyMap<string, Flow>): Promise<string> {
  // A registry of its own for each rendering: the figures are the snapshot's, and nothing goes on counting.
  const registry = new Registry();
  const registers = [registry];

  const counter = (name: string, help: string, value: number): void => {
    new Counter({ name, help, registers }).inc(value);
  };
  const gauge = (name: string, help: string, value: number): void => {
    new Gauge({ name, help, registers }).set(value);
  };
  const labelled = (name: string, help: string, label: string, values: Iterable<readonly [string, number]>): void => {
    const metric = new Counter({ name, help, labelNames: [label], registers });
    for (const [key, value] of values) metric.inc({ [label]: key }, value);
  };

  const flows = [...channelBytes];
  const { cache, traffic } = snapshot;
  const { hitMemory, hitRedis, coalesced, miss, prefetchUsed, prefetchUnused, hiddenErrors } = cache.outcomes;

  new Gauge({ name: 'hearthcast_info', help: 'The version that runs.', labelNames: ['version'], registers }).set(
    { version: snapshot.version },
    1,
  );
  gauge('hearthcast_uptime_seconds', 'Since the start.', Math.max(0, snapshot.at - snapshot.startedAt) / 1000);
  labelled(
    'hearthcast_client_bytes_total',
    'Body bytes sent to TVs.',
    'channel',
    flows.map(([id, { toClients }]) => [id, toClients]),
  );
  labelled(
    'hearthcast_source_bytes_total',
    'Body bytes received from providers.',
    'channel',
    flows.map(([id, { fromSource }]) => [id, fromSource]),
  );
  gauge('hearthcast_client_bytes_per_second', 'To TVs, over the last 10 seconds.', traffic.bytesPerSecond10.toClients);
  gauge(
    'hearthcast_source_bytes_per_second',
    'From providers, over the last 10 seconds.',
    traffic.bytesPerSecond10.fromSource,
  );
  labelled('hearthcast_cache_answers_total', 'Segments and keys, by how they were answered.', 'outcome', [
    ['hit_memory', hitMemory],
    ['hit_redis', hitRedis],
    ['coalesced', coalesced],
    ['miss', miss],
  ]);
  labelled('hearthcast_prefetch_total', 'Fetched before anybody asked, by whether anybody did.', 'result', [
    ['used', prefetchUsed],
    ['unused', prefetchUnused],
  ]);
  counter('hearthcast_hidden_errors_total', 'Failures of an origin that no TV noticed.', hiddenErrors);
  gauge('hearthcast_cache_memory_bytes', 'Held in the memory cache.', cache.memoryBytes);
  gauge('hearthcast_cache_memory_limit_bytes', 'What the memory cache may hold.', cache.memoryLimitBytes);
  gauge('hearthcast_cache_memory_entries', 'Responses in the memory cache.', cache.memoryEntries);
  gauge('hearthcast_viewers', 'Devices that watch.', snapshot.viewers.filter(({ isActive }) => isActive).length);
  gauge('hearthcast_channels', 'Channels that can be watched.', snapshot.channelCount);
  counter('hearthcast_refused_clients_total', 'Clients that may not connect and tried.', snapshot.refusedClients);
  return registry.metrics();
}
