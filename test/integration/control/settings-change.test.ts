import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { SettingsEdit } from '../../../shared/contract.ts';
import { startControlledRelay, type ControlledRelay } from '../../support/control-relay.ts';
import { freePort } from '../../support/free-port.ts';
import { m3uOf } from '../../support/headless.ts';
import { startOrigin } from '../../support/origin.ts';
import { channelUrl } from '../../support/origin-settings.ts';
import { linksIn } from '../../support/small-stream.ts';
import { runViewers, sawNothingWrong } from '../../support/viewers.ts';

/* What is in force changes while TVs play: nothing of what they have, and nothing of what was counted, may be lost. */

const MIB = 1024 * 1024;

async function startWatchedRelay() {
  const origin = await startOrigin({ segmentBytes: 300_000, windowSegments: 20 });
  onTestFinished(() => origin[Symbol.asyncDispose]());
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-list-'));
  onTestFinished(() => folder.remove());
  const file = join(folder.path, 'home.m3u');
  const channels = [0, 1].map((channel) => ({ id: `kit${channel}`, url: channelUrl(origin.url, channel) }));
  await writeFile(file, m3uOf(channels));
  const relay = await startControlledRelay({ lists: [file] });
  onTestFinished(() => relay[Symbol.asyncDispose]());
  return { origin, relay };
}

const streamUrl = (relay: ControlledRelay, channel: number): string =>
  `${relay.relayUrl()}/proxy/ch_kit${channel}/stream.m3u8`;

/** The oldest segment of a channel that is on air. */
async function segmentUrl(relay: ControlledRelay, channel: number): Promise<string> {
  const [variant = ''] = linksIn(await textAt(streamUrl(relay, channel)), streamUrl(relay, channel));
  const [segment = ''] = linksIn(await textAt(variant), variant);
  return segment;
}

async function textAt(url: string): Promise<string> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return response.text();
}

async function countersOf(relay: ControlledRelay): Promise<Map<string, number>> {
  const { text } = await (await relay.supervisor.app()).metrics(relay.supervisor.snapshot());
  const counters = text.split('\n').filter((line) => /^hearthcast_\w+_total[ {]/.test(line));
  return new Map(counters.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]));
}

/** One of each kind; the access key is asked for at a channel's entry only, which these TVs have behind them. */
const CHANGES: readonly SettingsEdit[] = [
  { userAgent: 'Another/1' },
  { memoryCacheMiB: 64 },
  { prefetch: false },
  { deny: ['203.0.113.0/24'] },
  { connectionsPerHost: 8, lanHosts: ['nas.example'] },
  { streamsPerHost: 2, nightlyCheck: true },
  { embeddedStoreMiB: 16, accessKey: 'secret' },
  { redisUrl: 'redis://127.0.0.1:1' },
  { lanAddress: '127.0.0.1', prefetch: true, allow: ['198.51.100.0/24'] },
];

test('20 TVs see no stall, no error and no wrong byte whatever settings change', { timeout: 120_000 }, async () => {
  const { relay } = await startWatchedRelay();
  const watching = runViewers({
    playlistUrl: (channel) => streamUrl(relay, channel),
    ...{ viewers: 20, channels: 2, rampSeconds: 1, measureSeconds: 2 * CHANGES.length },
  });
  await sleep(2_500);
  const apps = new Set([await relay.supervisor.app()]);
  for (const settings of CHANGES) {
    const before = await countersOf(relay);
    expect(await relay.ask('settings.save', { settings })).toMatchObject({ restarted: true });
    apps.add(await relay.supervisor.app());
    const after = await countersOf(relay);
    for (const [name, count] of before) expect([name, after.get(name) ?? 0]).toEqual([name, atLeast(count)]);
    await sleep(1_000);
  }
  const report = await watching;
  expect(apps.size).toBe(CHANGES.length + 1);
  expect(report.causes).toEqual({});
  expect(sawNothingWrong(report)).toBe(true);
  expect(report).toMatchObject({ stalls: 0, segments: atLeast(20 * CHANGES.length) });
});

test('a port change keeps the cache, the graph, the totals and who watches', { timeout: 60_000 }, async () => {
  const { origin, relay } = await startWatchedRelay();
  const url = await segmentUrl(relay, 0);
  await textAt(url);
  await vi.waitFor(async () => expect(await flowOf(relay)).toBeGreaterThan(0), { timeout: 10_000, interval: 200 });
  const before = { state: relay.supervisor.snapshot(), flow: await flowOf(relay) };
  const asked = (await origin.stats()).segments;
  const portBefore = new URL(relay.relayUrl()).port;

  const port = await freePort();
  expect(await relay.ask('settings.save', { settings: { port } })).toMatchObject({ restarted: true });
  expect(relay.supervisor.relayPort).toBe(port);

  const response = await fetch(url.replace(`:${portBefore}/`, `:${port}/`));
  expect(response.headers.get('x-cache')).toBe('hit-memory');
  await response.arrayBuffer();
  const after = relay.supervisor.snapshot();
  expect(after.traffic.totalBytes.fromSource).toBeGreaterThanOrEqual(before.state.traffic.totalBytes.fromSource);
  expect(after.viewers.map(({ id, since }) => ({ id, since }))).toEqual(
    before.state.viewers.map(({ id, since }) => ({ id, since })),
  );
  expect(after.startedAt).toBe(before.state.startedAt);
  expect(await flowOf(relay)).toBeGreaterThanOrEqual(before.flow);
  expect((await origin.stats()).segments).toBe(asked);
});

test('a smaller memory cache keeps what was asked for last', { timeout: 60_000 }, async () => {
  const { origin, relay } = await startWatchedRelay();
  await origin.configure({ segmentBytes: 3 * MIB, keptSegments: 20 });
  await relay.ask('settings.save', { settings: { memoryCacheMiB: 128 } });
  const [variant = ''] = linksIn(await textAt(streamUrl(relay, 0)), streamUrl(relay, 0));
  const urls = linksIn(await textAt(variant), variant).slice(0, 10);
  for (const url of urls) await (await fetch(url)).arrayBuffer();
  const { cache } = relay.supervisor.snapshot();
  expect(cache.memoryBytes).toBeGreaterThan(29 * MIB);

  await relay.ask('settings.save', { settings: { memoryCacheMiB: 16 } });
  const smaller = relay.supervisor.snapshot().cache;
  expect(smaller).toMatchObject({ memoryLimitBytes: 16 * MIB, memoryEntries: atLeast(4) });
  expect(smaller.memoryBytes).toBeLessThanOrEqual(16 * MIB);
  const outcomes = await Promise.all(urls.slice(-4).map(async (url) => (await fetch(url)).headers.get('x-cache')));
  expect(outcomes).toEqual(Array(4).fill('hit-memory'));
});

test('an import that is being looked at can be taken over after the settings changed', async () => {
  const { relay } = await startWatchedRelay();
  const origin = {
    kind: 'text' as const,
    text: m3uOf([{ id: 'new', url: 'http://192.168.1.9/new.m3u8' }]),
    name: 'new',
  };
  const plan = await relay.ask('lists.plan', { origin, taskId: 'plan' });
  await relay.ask('settings.save', { settings: { userAgent: 'Another/1' } });
  const applied = { planId: plan.planId, groups: null, refreshHours: 0, taskId: 'apply' };
  expect(await relay.ask('lists.apply', applied)).toMatchObject({ added: 1 });
});

async function flowOf(relay: ControlledRelay): Promise<number> {
  const { samples } = await relay.ask('stats.history', { range: '10m', channelId: null });
  return samples.reduce((sum, { fromSource }) => sum + fromSource, 0);
}

function atLeast(count: number): unknown {
  return expect.toSatisfy((value: number) => value >= count);
}
