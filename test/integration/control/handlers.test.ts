import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { CommandName } from '../../../shared/contract.ts';
import { startControlledRelay } from '../../support/control-relay.ts';
import { body, startFakeOrigin } from '../../support/fake-origin.ts';
import { m3uOf } from '../../support/headless.ts';
import { say } from '../../../shared/sentences.ts';

const PLAYLIST = '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nseg1.ts\n#EXT-X-ENDLIST\n';

test('the state of an idle relay is whole', async () => {
  await using relay = await startControlledRelay();
  const snapshot = await relay.ask('app.snapshot', {});
  expect(snapshot).toMatchObject({ status: 'running', relayPort: relay.supervisor.relayPort, channelCount: 0 });
  expect(snapshot.cache).toMatchObject({ store: 'embedded', memoryBytes: 0 });
});

test.each<[CommandName, object]>([
  ['settings.get', {}],
  ['cache.clear', {}],
  ['stats.history', { range: '10m' }],
  ['stats.history', { range: '30d', channelId: 'ch_none' }],
  ['viewers.query', {}],
  ['log.query', {}],
  ['operations.query', {}],
  ['network.addresses', {}],
  ['network.selfTest', {}],
  ['tasks.cancel', { taskId: 'none' }],
])('%s %j is answered as the contract says', async (name, input) => {
  await using relay = await startControlledRelay();
  expect(await relay.reply(name, input as never)).toMatchObject({ ok: true });
});

test('a relay that TVs cannot reach says so in its self-test', async () => {
  await using relay = await startControlledRelay();
  expect(await relay.ask('network.selfTest', {})).toMatchObject({ verdict: 'loopback-only', devicesSeen: 0 });
});

test('a Redis that is not there is told in words, and a wrong address too', async () => {
  await using relay = await startControlledRelay();
  const absent = await relay.ask('redis.test', { url: 'redis://127.0.0.1:1' });
  expect(absent).toMatchObject({ ok: false });
  expect(absent.sentence.text).toMatch(/^Redis cannot be used: .+\.$/);
  expect(await relay.ask('redis.test', { url: 'localhost' })).toMatchObject({
    ok: false,
    sentence: say('redis.address'),
  });
});

test('a device that nobody has seen cannot be named', async () => {
  await using relay = await startControlledRelay();
  expect(await relay.reply('viewers.rename', { id: 'none', name: 'Kitchen' })).toMatchObject({
    ok: false,
    error: { code: 'UNKNOWN_RESOURCE' },
  });
});

test('what is changed is noted, by whom, without what may be secret; what is only looked at is not', async () => {
  await using relay = await startControlledRelay();
  await relay.ask('settings.save', { settings: { redisUrl: 'redis://:hunter2@127.0.0.1:1', theme: 'dark' } });
  await relay.ask('app.pause', { paused: true });
  await relay.ask('settings.get', {});
  await relay.reply('settings.save', { settings: { port: -1 } });
  const { rows } = await relay.ask('operations.query', {});
  expect(rows.map(({ who, what }) => [who, what.text])).toEqual([
    ['a test', 'Paused the relay.'],
    ['a test', 'Changed the settings: Redis, theme.'],
  ]);
});

test('what a TV watches is seen in the state, the viewers, the metrics and the history', async () => {
  const segment = Buffer.alloc(300_000, 7);
  await using origin = await startFakeOrigin({ '/live.m3u8': body(PLAYLIST), '/seg1.ts': body(segment) });
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-list-'));
  const list = join(folder.path, 'home.m3u');
  await writeFile(list, m3uOf([{ id: 'news', url: `${origin.url}/live.m3u8` }]));
  await using relay = await startControlledRelay({ lists: [list] });
  const headers = { 'User-Agent': 'VLC/3.0.21 LibVLC/3.0.21' };
  const channelUrl = `${relay.relayUrl()}/proxy/ch_news/stream.m3u8`;
  const playlist = await (await fetch(channelUrl, { headers })).text();
  const segmentUrl = new URL(playlist.split('\n').find((line) => /^[^#]/.test(line)) ?? '', channelUrl);
  for (let client = 0; client < 3; client += 1) await (await fetch(segmentUrl, { headers })).arrayBuffer();
  const sent = 3 * segment.length + playlist.length;
  const received = segment.length + PLAYLIST.length;

  await vi.waitFor(async () => {
    const snapshot = await relay.ask('app.snapshot', {});
    expect(snapshot.traffic.totalBytes).toEqual({ toClients: sent, fromSource: received });
  }, 10_000);
  const snapshot = await relay.ask('app.snapshot', {});
  expect(snapshot.channels).toMatchObject([{ id: 'ch_news', name: 'news', viewers: 1 }]);
  expect(snapshot.viewers).toMatchObject([
    { device: 'VLC', channelId: 'ch_news', channelName: 'news', isActive: true },
  ]);
  expect(snapshot.cache.memoryEntries).toBeGreaterThan(0);

  const { text } = await (await relay.supervisor.app()).metrics(snapshot);
  expect(text).toContain(`hearthcast_client_bytes_total{channel="ch_news"} ${sent}`);
  expect(text).toContain(`hearthcast_source_bytes_total{channel="ch_news"} ${received}`);

  const [viewer] = (await relay.ask('viewers.query', {})).rows;
  await relay.ask('viewers.rename', { id: viewer?.id ?? '', name: 'Kitchen' });
  expect((await relay.ask('app.snapshot', {})).viewers).toMatchObject([{ device: 'Kitchen' }]);

  await vi.waitFor(async () => {
    const { samples } = await relay.ask('stats.history', { range: '10m', channelId: 'ch_news' });
    expect(samples.reduce((sum, { toClients }) => sum + toClients, 0)).toBe(sent);
  }, 10_000);

  await relay.ask('cache.clear', {});
  expect((await relay.ask('app.snapshot', {})).cache.memoryEntries).toBe(0);
});
