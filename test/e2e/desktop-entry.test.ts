import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { describe, expect, test, vi } from 'vitest';
import { IPC_CHANNEL } from '../../main/control/ipc-channel.ts';
import type { Bridge } from '../../main/desktop/bridge.ts';
import { PAGE_URL } from '../../main/desktop/page.ts';
import type { Snapshot } from '../../shared/stats.ts';
import { startEntry, WAIT } from '../support/desktop-entry.ts';
import { get } from '../support/http-client.ts';

/*
 * What was built for the desktop, on Node with a stand-in for Electron: that it holds together, not that Electron takes it. That is
 * what electron-smoke.test.ts is for.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the desktop entry, as it was built, on a stand-in for Electron', () => {
  test('opens its window on the built page, relays meanwhile, and tells the page how it goes', async () => {
    await using entry = await startEntry();
    const url = await entry.relayUrl();
    expect((await get(`${url}/health`)).status).toBe(200);
    await vi.waitFor(async () => {
      const { windows, heard, tray } = await entry.state();
      expect(windows).toEqual([{ url: PAGE_URL, isShown: true }]);
      expect(heard[0]).toMatchObject({ name: 'snapshot', value: { status: 'running' } });
      expect(tray[0]?.[0]).toBe('Running');
    }, WAIT);
    const page = await entry.ask<{ status: number; text: string }>({ ask: 'fetch', url: PAGE_URL });
    expect(page).toMatchObject({ status: 200, text: expect.stringContaining('<div id="root">') as string });
  });

  test('keeps the files of its browser apart, in its own data folder', async () => {
    await using entry = await startEntry();
    const { userData, schemes } = await entry.state();
    expect(userData).toBe(join(entry.folder, 'window'));
    expect((await stat(userData)).isDirectory()).toBe(true);
    expect(schemes.map(({ scheme }) => scheme)).toEqual(['app']);
  });

  test('started at login, it relays without a window until one is wanted', async () => {
    await using entry = await startEntry(['--hidden']);
    await entry.relayUrl();
    expect((await entry.state()).windows).toEqual([]);
    await entry.ask({ ask: 'choose', label: 'Open Hearthcast' });
    expect((await entry.state()).windows).toHaveLength(1);
  });

  test('imports the list that a second start was given, when the user agrees', async () => {
    await using entry = await startEntry(['--hidden']);
    await entry.relayUrl();
    const path = join(entry.folder, 'list.m3u');
    await writeFile(path, '#EXTM3U\n#EXTINF:-1 tvg-id="one",One\nhttp://127.0.0.1:9/one.m3u8\n');
    await entry.ask({ ask: 'secondStart', offers: [{ kind: 'file', path }] });
    await vi.waitFor(async () => {
      const { value } = await entry.ask<{ value: Snapshot }>({ ask: 'call', name: 'app.snapshot', input: {} });
      expect(value.channelCount).toBe(1);
    }, WAIT);
    expect((await entry.state()).asked).toEqual([expect.stringContaining('list.m3u')]);
  });

  test('takes changed settings over at once, and shows why a relay cannot start', async () => {
    await using entry = await startEntry();
    await entry.relayUrl();
    const change = { settings: { language: 'zh' } };
    await entry.ask({ ask: 'call', name: 'settings.save', input: change });
    await vi.waitFor(async () => expect((await entry.state()).tray[0]).toContain('暂停'), WAIT);
    const { port } = new URL(await entry.relayUrl());
    await using second = await startEntry(['--port', port]);
    await vi.waitFor(async () => {
      const { value } = await second.ask<{ value: Snapshot }>({ ask: 'call', name: 'app.snapshot', input: {} });
      expect(value).toMatchObject({ status: 'failed', problems: [{ code: 'PORT_IN_USE' }] });
    }, WAIT);
  });

  test('quits when the relay has stopped', async () => {
    await using entry = await startEntry();
    const url = await entry.relayUrl();
    await entry.ask({ ask: 'quit' });
    const [code] = (await entry.exit) as [number];
    expect(code).toBe(0);
    await expect(get(`${url}/health`)).rejects.toThrow('ECONNREFUSED');
  });
});

test('the built preload script asks for nothing but electron, and exposes two functions', async () => {
  const source = await readFile(join(ROOT, 'out/preload/preload.cjs'), 'utf8');
  const exposed = new Map<string, Bridge>();
  const invoked: unknown[][] = [];
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, bridge: Bridge) => void exposed.set(name, bridge) },
    ipcRenderer: { invoke: (...values: unknown[]) => invoked.push(values), on: () => undefined, off: () => undefined },
  };
  vm.runInNewContext(source, {
    module: { exports: {} },
    exports: {},
    // All that a sandboxed script can ask for is a few parts of Electron and Node; this one needs the first only.
    require(name: string) {
      if (name !== 'electron') throw new Error(`${name} is not there in a sandbox`);
      return electron;
    },
  });
  expect([...exposed.keys()]).toEqual(['hearthcast']);
  const bridge = exposed.get('hearthcast');
  expect(Object.keys(bridge ?? {}).toSorted()).toEqual(['call', 'subscribe']);
  void bridge?.call('settings.get', {});
  expect(invoked).toEqual([[IPC_CHANNEL, 'settings.get', {}]]);
});
