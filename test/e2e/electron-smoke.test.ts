import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import { PAGE_URL } from '../../main/desktop/page.ts';
import type { Bridge } from '../../main/desktop/bridge.ts';
import { m3uOf } from '../support/headless.ts';
import { get } from '../support/http-client.ts';
import { findProgram, needs } from '../support/requirements.ts';

declare global {
  // What the preload script adds to the page.
  var hearthcast: Bridge | undefined;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WAIT = { timeout: 20_000 };

async function startDesktop() {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'hearthcast-electron-')));
  const list = join(folder.path, 'list.m3u');
  await writeFile(list, m3uOf([{ id: 'one', url: 'http://127.0.0.1:9/one.m3u8' }]));
  const flags = ['--host', '127.0.0.1', '--port', '0', '--data', join(folder.path, 'data'), '--import', list];
  const electron = await _electron.launch({
    executablePath: findProgram('electron') ?? '',
    args: [ROOT, ...flags],
  });
  cleanup.defer(() => electron.close());
  const page = await electron.firstWindow();
  await page.getByRole('navigation').waitFor();
  const owned = cleanup.move();
  return { electron, page, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

describe('Electron itself', needs('electron'), () => {
  test('opens the window on a relay that relays, keeps its page in, and quits', async () => {
    await using desktop = await startDesktop();
    const { electron, page } = desktop;
    expect(page.url()).toMatch(new RegExp(`^${PAGE_URL}`));

    const { relayPort } = await vi.waitFor(async () => {
      const reply = await page.evaluate(() => globalThis.hearthcast?.call('app.snapshot', {}));
      const { value } = reply as { value: { relayPort: number; status: string } };
      expect(value.status).toBe('running');
      return value;
    }, WAIT);
    expect((await get(`http://127.0.0.1:${relayPort}/playlist.m3u`)).text).toContain('/proxy/ch_one/');

    // The relay as the page reaches it: past its policy, and past what Chromium asks of pages that look into the network at home.
    const health = await page.evaluate(
      async (port) => (await fetch(`http://127.0.0.1:${port}/health`)).status,
      relayPort,
    );
    expect(health).toBe(200);

    const inside = await page.evaluate(() => ({
      require: typeof (globalThis as { require?: unknown }).require,
      process: typeof (globalThis as { process?: unknown }).process,
      bridge: Object.keys(globalThis.hearthcast ?? {}).toSorted(),
      isSecure: globalThis.isSecureContext,
    }));
    expect(inside).toEqual({
      require: 'undefined',
      process: 'undefined',
      bridge: ['call', 'subscribe'],
      isSecure: true,
    });

    await page.evaluate(() => globalThis.location.assign('file:///etc/hosts'));
    await page.evaluate(() => void globalThis.open('about:blank'));
    expect(page.url()).toMatch(new RegExp(`^${PAGE_URL}`));
    expect(electron.windows()).toHaveLength(1);

    const exit = new Promise((resolve) => electron.process().once('exit', resolve));
    await electron.evaluate(({ app }) => void setImmediate(() => app.quit()));
    expect(await exit).toBe(0);
  });
});
