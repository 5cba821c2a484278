import { once } from 'node:events';
import { mkdir, mkdtempDisposable, readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { startControlledRelay } from '../../support/control-relay.ts';
import { body, paced, startFakeOrigin } from '../../support/fake-origin.ts';
import { m3uOf } from '../../support/headless.ts';

const PLAYLIST = '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nseg1.ts\n#EXT-X-ENDLIST\n';

/** A port of this machine that somebody else listens on. */
async function takePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: async () => void (await once(server.close(), 'close')) };
}

async function listOf(url: string) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-list-'));
  const file = join(folder.path, 'home.m3u');
  await writeFile(file, m3uOf([{ id: 'a', url }]));
  return { file, [Symbol.asyncDispose]: () => folder.remove() };
}

test('what concerns the window alone is saved without touching the relay', async () => {
  await using relay = await startControlledRelay();
  const app = await relay.supervisor.app();
  const { settings, restarted } = await relay.ask('settings.save', { settings: { theme: 'dark', language: 'zh' } });
  expect(restarted).toBe(false);
  expect(settings).toMatchObject({ theme: 'dark', language: 'zh' });
  expect(await relay.supervisor.app()).toBe(app);
  expect(await relay.savedSettings()).toMatchObject({ theme: 'dark', language: 'zh' });
});

test('what concerns the relay restarts it on the port it has, and nobody has to ask again', async () => {
  await using relay = await startControlledRelay();
  const before = { app: await relay.supervisor.app(), url: relay.relayUrl() };
  const saving = relay.ask('settings.save', { settings: { prefetch: false, memoryCacheMiB: 32 } });
  const addresses = relay.ask('network.addresses', {});
  expect(await saving).toMatchObject({ restarted: true, settings: { prefetch: false, memoryCacheMiB: 32 } });
  await addresses;
  expect(await relay.supervisor.app()).not.toBe(before.app);
  expect(relay.relayUrl()).toBe(before.url);
  expect((await fetch(`${relay.relayUrl()}/health`)).status).toBe(200);
  expect(relay.supervisor.snapshot().cache.memoryLimitBytes).toBe(32 * 1024 * 1024);
  expect(await relay.savedSettings()).toMatchObject({ prefetch: false, memoryCacheMiB: 32 });
});

test('a port in use is said, and everything is as before', async () => {
  await using taken = await takePort();
  await using relay = await startControlledRelay();
  const url = relay.relayUrl();
  await relay.ask('settings.save', { settings: { theme: 'dark' } });
  const before = { saved: await relay.savedSettings(), settings: await relay.ask('settings.get', {}) };

  const reply = await relay.reply('settings.save', { settings: { port: taken.port, prefetch: false } });
  expect(reply).toMatchObject({ ok: false, error: { code: 'PORT_IN_USE', field: 'port' } });
  expect(JSON.stringify(reply)).toContain(String(taken.port));

  expect(relay.relayUrl()).toBe(url);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(relay.supervisor.snapshot()).toMatchObject({ status: 'running', problems: expect.any(Array) });
  expect(await relay.ask('settings.get', {})).toEqual(before.settings);
  expect(await relay.savedSettings()).toEqual(before.saved);
});

test('a relay that cannot start is told as failed, and another port starts it', async () => {
  await using taken = await takePort();
  await using relay = await startControlledRelay({ overrides: { port: taken.port }, isStarted: false });
  await expect(relay.supervisor.start()).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  expect(await relay.ask('app.snapshot', {})).toMatchObject({
    status: 'failed',
    problems: [{ code: 'PORT_IN_USE', severity: 'error' }],
  });
  expect(await relay.reply('cache.clear', {})).toMatchObject({ ok: false, error: { code: 'PORT_IN_USE' } });
  expect(await relay.ask('settings.save', { settings: { port: 0 } })).toMatchObject({ restarted: true });
  expect(await relay.ask('app.snapshot', {})).toMatchObject({ status: 'running' });
  expect(await relay.reply('cache.clear', {})).toMatchObject({ ok: true });
});

test('what holds for this run only is not saved, until the user decides about it', async () => {
  await using relay = await startControlledRelay({ overrides: { userAgent: 'for this run' } });
  const all = await relay.ask('settings.get', {});
  expect(all.userAgent).toBe('for this run');
  expect(await relay.ask('settings.save', { settings: { ...all, theme: 'dark' } })).toMatchObject({ restarted: false });
  expect(await relay.savedSettings()).toMatchObject({ theme: 'dark', port: 8787, host: '0.0.0.0' });
  expect((await relay.savedSettings())['userAgent']).not.toBe('for this run');

  await relay.ask('settings.save', { settings: { userAgent: 'for good' } });
  expect(await relay.savedSettings()).toMatchObject({ userAgent: 'for good', port: 8787 });
  expect(await relay.ask('settings.get', {})).toMatchObject({ userAgent: 'for good', host: '127.0.0.1' });
});

test('settings that are the same change nothing', async () => {
  await using relay = await startControlledRelay();
  const app = await relay.supervisor.app();
  const settings = await relay.ask('settings.get', {});
  expect(await relay.ask('settings.save', { settings })).toEqual({ settings, restarted: false });
  expect(await relay.supervisor.app()).toBe(app);
});

test('the sealing key is neither told nor taken', async () => {
  await using relay = await startControlledRelay();
  expect(await relay.ask('settings.get', {})).not.toHaveProperty('sealingKey');
  const settings = { theme: 'dark', sealingKey: 'x'.repeat(43) } as const;
  await relay.ask('settings.save', { settings });
  expect((await relay.savedSettings())['sealingKey']).toBe(Buffer.alloc(32, 7).toString('base64url'));
});

test('a TV that is being served when the relay restarts gets the rest', async () => {
  const segment = Buffer.alloc(512 * 1024, 7);
  await using origin = await startFakeOrigin({
    '/live.m3u8': body(PLAYLIST, { 'Content-Type': 'application/vnd.apple.mpegurl' }),
    '/seg1.ts': paced(segment, 800),
  });
  await using list = await listOf(`${origin.url}/live.m3u8`);
  await using relay = await startControlledRelay({ lists: [list.file] });
  const channelUrl = `${relay.relayUrl()}/proxy/ch_a/stream.m3u8`;
  const playlist = await (await fetch(channelUrl)).text();
  const segmentUrl = new URL(playlist.split('\n').find((line) => /^[^#]/.test(line)) ?? '', channelUrl);
  const response = await fetch(segmentUrl);
  const saving = relay.ask('settings.save', { settings: { prefetch: false } });
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.equals(segment)).toBe(true);
  expect(await saving).toMatchObject({ restarted: true });
});

test('a paused relay turns TVs away until it goes on, whatever settings change meanwhile', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': body(PLAYLIST) });
  await using list = await listOf(`${origin.url}/live.m3u8`);
  await using relay = await startControlledRelay({ lists: [list.file] });
  const statusOfChannel = async () => (await fetch(`${relay.relayUrl()}/proxy/ch_a/stream.m3u8`)).status;
  expect(await statusOfChannel()).toBe(200);

  await relay.ask('app.pause', { paused: true });
  expect(await relay.ask('app.snapshot', {})).toMatchObject({ status: 'paused' });
  expect(await statusOfChannel()).toBe(503);
  await relay.ask('settings.save', { settings: { prefetch: false } });
  expect(await relay.ask('app.snapshot', {})).toMatchObject({ status: 'paused' });
  expect(await statusOfChannel()).toBe(503);

  await relay.ask('app.pause', { paused: false });
  expect(await relay.ask('app.snapshot', {})).toMatchObject({ status: 'running' });
  expect(await statusOfChannel()).toBe(200);
});

test('events go on while the relay restarts', async () => {
  await using relay = await startControlledRelay();
  const statuses: string[] = [];
  const leave = relay.control.events.subscribe((name, value) => {
    if (name === 'snapshot' && 'status' in value) statuses.push(value.status);
  });
  await relay.ask('settings.save', { settings: { prefetch: false } });
  const heardBefore = statuses.length;
  await vi.waitFor(() => expect(statuses.length).toBeGreaterThan(heardBefore), 10_000);
  leave();
  expect(statuses.at(-1)).toBe('running');
});

test.each([['/api/app.snapshot'], ['/api/events'], ['/metrics'], ['/index.html'], ['/?token=x']])(
  "the relay's own port knows nothing of the window: %s",
  async (path) => {
    await using relay = await startControlledRelay();
    const got = await fetch(relay.relayUrl() + path);
    expect(await got.text()).not.toContain('relayPort');
    expect(got.status).toBe(path.startsWith('/?') ? 200 : 404);
    expect(got.headers.get('set-cookie')).toBeNull();
    const posted = await fetch(relay.relayUrl() + path, { method: 'POST', body: '{}' });
    expect(posted.status).toBe(405);
  },
);

test('a restored backup brings back what it holds; what is as it was saved leaves the flags of this run alone', async () => {
  await using relay = await startControlledRelay({ overrides: { userAgent: 'for this run' } });
  const url = relay.relayUrl();
  const { text } = await relay.ask('backup.create', { passphrase: '' });
  await relay.ask('settings.save', { settings: { theme: 'dark', prefetch: false } });
  await relay.ask('backup.restore', { text, passphrase: '' });
  expect(await relay.ask('settings.get', {})).toMatchObject({
    theme: 'auto',
    prefetch: true,
    userAgent: 'for this run',
  });
  expect(relay.relayUrl()).toBe(url);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test('settings of a backup need no more room on the disk once its channels are there', async () => {
  await using relay = await startControlledRelay();
  const { text } = await relay.ask('backup.create', { passphrase: '' });
  await relay.ask('settings.save', { settings: { theme: 'dark' } });
  // Where a draft of them would be written, nothing can be.
  await mkdir(join(relay.dataFolder, 'settings.json.new'));
  await relay.ask('backup.restore', { text, passphrase: '' });
  expect(await relay.savedSettings()).toMatchObject({ theme: 'auto' });
  expect(await readdir(relay.dataFolder)).not.toContain('settings.json.restored');
  expect((await relay.reply('settings.save', { settings: { theme: 'dark' } })).ok).toBe(false);
});
