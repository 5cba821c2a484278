import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { PAGE_URL } from '../../../main/desktop/page.ts';
import { startTestDesktop, type TestDesktop } from '../../support/fake-electron/test-desktop.ts';

function only<Item>(items: readonly Item[]): Item {
  const [item, ...others] = items;
  if (item === undefined || others.length > 0) throw new Error(`there are ${items.length}`);
  return item;
}

/** The page has come up, and hears what the relay tells. */
async function openWindow({ desktop, fake }: TestDesktop) {
  desktop.show();
  const window = only(fake.windows);
  await vi.waitFor(() => expect(window.webContents.sent).not.toEqual([]));
  return window;
}

describe('the window', () => {
  test('keeps its page in a sandbox, away from Node', async () => {
    await using relay = await startTestDesktop();
    const { options, webContents } = await openWindow(relay);
    expect(options.webPreferences).toEqual({
      preload: '/app/preload.cjs',
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      navigateOnDragDrop: false,
    });
    expect(webContents.url).toBe(PAGE_URL);
  });

  test('is guarded: what is not our page does not come in', async () => {
    await using relay = await startTestDesktop();
    const { webContents } = await openWindow(relay);
    expect(webContents.navigate('https://example.com/')).toBe(false);
    expect(webContents.openWindow('https://example.org/')).toBe(false);
    expect(relay.fake.seen.openedInBrowser).toEqual(['https://example.com/', 'https://example.org/']);
    expect(relay.fake.isGranted('geolocation', PAGE_URL)).toBe(false);
    expect((await relay.fake.fetch(PAGE_URL)).status).toBe(200);
  });

  test('appears when there is something to see in it', async () => {
    await using relay = await startTestDesktop();
    relay.desktop.show();
    const window = only(relay.fake.windows);
    expect(window.options).toMatchObject({ show: false });
    expect(window.isShown).toBe(false);
    await vi.waitFor(() => expect(window.isShown).toBe(true));
  });

  test('is one: wanted again, it comes to the front', async () => {
    await using relay = await startTestDesktop();
    const window = await openWindow(relay);
    window.minimize();
    relay.desktop.show();
    expect(only(relay.fake.windows)).toBe(window);
    expect(window.isMinimized()).toBe(false);
    expect(window.isFocused).toBe(true);
  });

  test('opens where it was, as large as it was', async () => {
    await using relay = await startTestDesktop();
    const bounds = { x: 50, y: 60, width: 1000, height: 700 };
    const first = await openWindow(relay);
    first.bounds = bounds;
    first.maximize();
    first.close();
    expect(JSON.parse(await readFile(join(relay.dataFolder, 'window.json'), 'utf8'))).toEqual({
      bounds,
      isMaximized: true,
    });
    const second = await openWindow(relay);
    expect(second.options).toMatchObject(bounds);
    expect(second.isMaximized()).toBe(true);
  });

  test('opens on a screen that is there', async () => {
    await using relay = await startTestDesktop();
    const bounds = { x: -3000, y: 0, width: 1000, height: 700 };
    await writeFile(join(relay.dataFolder, 'window.json'), JSON.stringify({ bounds, isMaximized: false }));
    const { options } = await openWindow(relay);
    expect(options.x).toBeGreaterThanOrEqual(0);
  });

  test('hears the state of the relay as soon as its page is there, and again when that is reloaded', async () => {
    await using relay = await startTestDesktop();
    const { webContents } = await openWindow(relay);
    const sent = webContents.sent.length;
    webContents.reload();
    await vi.waitFor(() => expect(webContents.sent.length).toBe(sent + 1));
    relay.tell({ channelCount: 3 });
    expect(webContents.sent.length).toBe(sent + 2);
    expect(webContents.sent.at(-1)).toMatchObject({ name: 'snapshot', value: { channelCount: 3 } });
  });

  test('that was closed is sent nothing more', async () => {
    await using relay = await startTestDesktop();
    const { webContents, ...window } = await openWindow(relay);
    expect(window).toBeDefined();
    only(relay.fake.windows).close();
    const sent = webContents.sent.length;
    relay.tell({ channelCount: 3 });
    expect(webContents.sent.length).toBe(sent);
  });
});

describe('a window that crashes', () => {
  test('loads its page again, and the relay goes on', async () => {
    await using relay = await startTestDesktop();
    const window = await openWindow(relay);
    window.webContents.crash();
    expect(window.webContents.isCrashed()).toBe(false);
    expect(relay.fake.electron.app.hasQuit).toBe(false);
    expect(relay.logged).toEqual(['the window crashed']);
  });

  test('over and over is left alone, until somebody wants to see it', async () => {
    await using relay = await startTestDesktop({ settings: { closeToTray: false } });
    const window = await openWindow(relay);
    for (let crashes = 0; crashes < 4; crashes += 1) window.webContents.crash();
    expect(window.webContents.isCrashed()).toBe(true);
    expect(relay.fake.electron.app.hasQuit).toBe(false);
    relay.desktop.show();
    expect(window.webContents.isCrashed()).toBe(false);
    window.webContents.crash();
    expect(window.webContents.isCrashed()).toBe(false);
  });

  test('because it was told to end is no crash', async () => {
    await using relay = await startTestDesktop();
    const window = await openWindow(relay);
    window.webContents.crash('clean-exit');
    expect(relay.logged).toEqual([]);
  });
});
