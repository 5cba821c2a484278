import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { m3uOf, startHeadless, type Headless } from '../support/headless.ts';
import { startTransportStreamChannel } from '../support/live-channel.ts';
import { longList } from '../support/long-list.ts';
import { controlUrl } from '../support/relay-client.ts';
import { expectNames, expectNote, openRelayWindow, rowNamed } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';

/* The window is loaded again, or its relay goes away, in the middle of everything. */

const LENGTH = 50_000;

test(
  'a reload in the middle of an import, an edit and a playing preview shows what is, and nothing half done',
  needs('ffmpeg', 'chromium'),
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-list-'));
    const file = join(folder.path, 'big.m3u');
    await writeFile(file, longList(LENGTH));
    await using channel = await startTransportStreamChannel();
    await using relay = await startHeadless({ list: m3uOf([{ id: 'real', url: channel.url }]) });
    await using window = await openRelayWindow(relay);
    const { page, ask } = window;

    await window.go('channels');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('button', { name: 'Import 50,000 channels' }).click();
    await page.getByText(/^[\d,]+ of 50,000/).waitFor();
    await page.reload();
    const total = async (): Promise<number> => (await ask('channels.query', {})).total;
    // Begun is done, whoever looks; or not at all.
    await expect.poll(total).toSatisfy((count) => count === 1 || count === LENGTH + 1);
    const count = await total();
    await page.locator('.channels__count').getByText(count.toLocaleString('en-GB'), { exact: true }).waitFor();
    await rowNamed(page, 'real').waitFor();

    await page.getByText('real', { exact: true }).first().dblclick();
    await page.getByRole('textbox', { name: 'Name' }).fill('half an edit');
    await page.reload();
    await rowNamed(page, 'real').waitFor();
    expect((await ask('channels.get', { id: 'ch_real' })).name).toBe('real');

    await rowNamed(page, 'real').click();
    await playPreview(page);
    await page.reload();
    await playPreview(page);
    expect(window.complaints).toEqual([]);
  },
);

test(
  'a relay that moves to another port is shown there, and its preview plays on from there',
  needs('ffmpeg', 'chromium'),
  async () => {
    await using channel = await startTransportStreamChannel();
    await using relay = await startHeadless({ list: m3uOf([{ id: 'real', url: channel.url }]) });
    await using window = await openRelayWindow(relay);
    const { page } = window;
    await window.go('settings');
    const port = String(await freePort());
    await page.getByLabel('Port').fill(port);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expectNote(page, 'Settings saved and in force.');
    await window.go('home');
    await page
      .getByText(new RegExp(String.raw`^http://[\d.]+:${port}/tv$`))
      .first()
      .waitFor();
    await window.go('channels/ch_real');
    await playPreview(page);
    expect(window.complaints).toEqual([]);
  },
);

test(
  'a relay that is killed is said to be away, and the window goes on by itself when it is back',
  needs('chromium'),
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-data-'));
    const list = m3uOf(['one', 'two'].map((id) => ({ id, url: `http://origin.example/${id}.m3u8` })));
    await using relay = await startHeadless({ list, dataFolder: folder.path });
    await using window = await openRelayWindow(relay);
    const { page } = window;
    await window.go('channels');
    await expectNames(page, ['one', 'two']);
    relay.kill('SIGKILL');
    await page.getByText('The relay does not answer. Trying again…').waitFor();
    // What was there is still to be read.
    await expectNames(page, ['one', 'two']);
    await using next = await startAgain(relay, folder.path);
    await page.getByText('The relay does not answer.', { exact: false }).waitFor({ state: 'detached' });
    await page.getByText('two', { exact: true }).dblclick();
    await page.getByRole('textbox', { name: 'Name' }).fill('Second');
    await page.keyboard.press('Enter');
    await expectNote(page, 'Channel saved.');
    expect(await (await fetch(`${next.relay}/tv`)).text()).toContain(',Second\n');
  },
);

test('another relay at the same address asks for its own', needs('chromium'), async () => {
  await using relay = await startHeadless();
  await using window = await openRelayWindow(relay);
  const { page } = window;
  await page.getByText('Your relay is running').waitFor();
  await relay.stop();
  await page.getByText('The relay does not answer. Trying again…').waitFor();
  await using next = await startAgain(relay);
  await page.getByText('The relay no longer knows this page.', { exact: false }).waitFor();
  expect(controlUrl(next)).not.toBe(controlUrl(relay));
});

/** Starts a relay where another one was. */
function startAgain(before: Headless, dataFolder?: string): Promise<Headless> {
  const flags = ['--port', new URL(before.relay).port, '--control-port', new URL(controlUrl(before)).port];
  return startHeadless({ flags, ...(dataFolder !== undefined && { dataFolder }) });
}

async function playPreview(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect
    .poll(() => page.evaluate(() => document.querySelector('video')?.getVideoPlaybackQuality().totalVideoFrames ?? 0))
    .toBeGreaterThan(10);
}
