import { describe, expect, test, vi } from 'vitest';
import { IPC_CHANNEL } from '../../../main/control/ipc-channel.ts';
import { PAGE_URL } from '../../../main/desktop/page.ts';
import { startTestDesktop, VIEWER } from '../../support/fake-electron/test-desktop.ts';

const LAN = { lanUrls: ['http://192.168.1.20:8787', 'http://10.0.0.5:8787'] };

describe('commands', () => {
  test('are taken from our page', async () => {
    await using relay = await startTestDesktop({ handlers: { 'channels.groups': () => [{ name: 'News', count: 2 }] } });
    expect(await relay.call('channels.groups', {})).toEqual({ ok: true, value: [{ name: 'News', count: 2 }] });
  });

  test.for<[who: string, frame: { url: string; parent: { url: string; parent: null } | null } | null]>([
    ['a page of the web', { url: 'https://example.com/', parent: null }],
    ['a frame inside our page', { url: PAGE_URL, parent: { url: PAGE_URL, parent: null } }],
    ['a frame that has gone', null],
  ])('are not taken from %s', async ([, frame]) => {
    const clear = vi.fn<() => Record<string, never>>(() => ({}));
    await using relay = await startTestDesktop({ handlers: { 'cache.clear': clear } });
    await expect(relay.fake.invoke(IPC_CHANNEL, frame, 'cache.clear', {})).rejects.toThrow('our own window only');
    expect(clear).not.toHaveBeenCalled();
  });

  test('are no longer taken when the app has stopped', async () => {
    await using relay = await startTestDesktop();
    relay.desktop.stop();
    await expect(relay.call('cache.clear', {})).rejects.toThrow('No handler');
  });
});

describe('the computer', () => {
  test('is kept awake while somebody watches, and only then', async () => {
    await using relay = await startTestDesktop();
    expect(relay.fake.isKeptAwake()).toBe(false);
    relay.tell({ viewers: [VIEWER] });
    expect(relay.fake.isKeptAwake()).toBe(true);
    relay.tell({ viewers: [{ ...VIEWER, isActive: false }] });
    expect(relay.fake.isKeptAwake()).toBe(false);
  });

  test('may sleep when the user says so, at once', async () => {
    await using relay = await startTestDesktop();
    relay.desktop.apply({ ...relay.settings, keepAwake: false });
    relay.tell({ viewers: [VIEWER] });
    expect(relay.fake.isKeptAwake()).toBe(false);
  });

  test('may sleep when the app has stopped', async () => {
    await using relay = await startTestDesktop();
    relay.tell({ viewers: [VIEWER] });
    relay.desktop.stop();
    expect(relay.fake.isKeptAwake()).toBe(false);
    relay.tell({ viewers: [VIEWER] });
    expect(relay.fake.isKeptAwake()).toBe(false);
  });

  test('starts the app at login as the settings say', async () => {
    await using relay = await startTestDesktop();
    relay.desktop.apply({ ...relay.settings, startAtLogin: true });
    expect(relay.loginItem).toEqual([false, true]);
  });
});

describe('the tray', () => {
  test('copies the address that TVs use, with the key if there is one', async () => {
    await using relay = await startTestDesktop();
    relay.tell(LAN);
    const [tray] = relay.fake.trays;
    tray?.choose('Copy List URL');
    expect(relay.fake.seen.copied).toBe('http://192.168.1.20:8787/tv');
    relay.desktop.apply({ ...relay.settings, accessKey: 's3cret' });
    tray?.choose('Copy List URL');
    relay.tell({ ...LAN, status: 'paused' });
    tray?.choose('Copy List URL');
    expect(relay.fake.seen.copied).toBe('http://192.168.1.20:8787/tv?key=s3cret');
  });

  test('pauses the relay and lets it go on', async () => {
    const pauses: boolean[] = [];
    await using relay = await startTestDesktop({
      handlers: { 'app.pause': ({ paused }) => (pauses.push(paused), {}) },
    });
    relay.fake.trays[0]?.choose('Pause');
    relay.tell({ status: 'paused' });
    relay.fake.trays[0]?.choose('Resume');
    expect(pauses).toEqual([true, false]);
  });

  test('opens the window, quits the app and goes with it', async () => {
    await using relay = await startTestDesktop();
    relay.fake.trays[0]?.choose('Open Hearthcast');
    expect(relay.fake.windows.length).toBe(1);
    relay.fake.trays[0]?.choose('Quit Hearthcast');
    expect(relay.fake.electron.app.hasQuit).toBe(true);
    relay.desktop.stop();
    expect(relay.fake.trays[0]?.isDestroyed).toBe(true);
  });

  test('speaks the language of the settings, at once', async () => {
    await using relay = await startTestDesktop({ app: { languages: ['zh-CN'] } });
    expect(relay.fake.trays[0]?.labels).toContain('暂停');
    relay.desktop.apply({ ...relay.settings, language: 'en' });
    relay.tell({});
    expect(relay.fake.trays[0]?.labels).toContain('Pause');
  });
});

describe('without a window, the app', () => {
  async function closed(platform: NodeJS.Platform, closeToTray: boolean) {
    const relay = await startTestDesktop({
      platform,
      settings: { closeToTray },
      app: { hasDock: platform === 'darwin' },
    });
    relay.desktop.show();
    relay.fake.windows[0]?.close();
    return relay;
  }

  test('goes on in the tray', async () => {
    await using relay = await closed('linux', true);
    expect(relay.fake.electron.app.hasQuit).toBe(false);
    expect(relay.fake.windows).toEqual([]);
  });

  test('quits where it is not to stay in the tray', async () => {
    await using relay = await closed('win32', false);
    expect(relay.fake.electron.app.hasQuit).toBe(true);
  });

  test('stays on macOS, in the dock where it is not to stay in the menu bar only', async () => {
    await using relay = await closed('darwin', false);
    expect(relay.fake.electron.app.hasQuit).toBe(false);
    expect(relay.fake.electron.app.dock?.isShown).toBe(true);
  });

  test('leaves the dock on macOS, and comes back to it with its window', async () => {
    await using relay = await closed('darwin', true);
    const { app } = relay.fake.electron;
    expect(app.dock?.isShown).toBe(false);
    app.emit('activate');
    expect(relay.fake.windows.length).toBe(1);
    expect(app.dock?.isShown).toBe(true);
  });
});

test('the theme of the settings is the theme of everything that the system draws', async () => {
  await using relay = await startTestDesktop({ settings: { theme: 'dark' } });
  const { nativeTheme } = relay.fake.electron;
  expect(nativeTheme.themeSource).toBe('dark');
  relay.desktop.apply({ ...relay.settings, theme: 'auto' });
  expect(nativeTheme.themeSource).toBe('system');
});

test('the menu leads to the settings', async () => {
  await using relay = await startTestDesktop();
  const [own] = relay.fake.seen.appMenu.items;
  const items = own?.submenu as { label?: string; click?: () => void }[];
  items.find(({ label }) => label === 'Settings…')?.click?.();
  expect(relay.fake.windows[0]?.webContents.url).toBe(`${PAGE_URL}#/settings`);
});
