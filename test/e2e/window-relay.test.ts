import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { openWindow } from '../support/browser-window.ts';
import { freePort } from '../support/free-port.ts';
import { m3uOf, startHeadless, type Headless } from '../support/headless.ts';
import { startTransportStreamChannel } from '../support/live-channel.ts';
import { needs } from '../support/requirements.ts';

/* The window and the relay together: the headless entry, a live channel of ffmpeg's, a real browser. */

const LIST_LENGTH = 50_000;
const PLAYED_SECONDS = 3;

test('from the first start to a playing preview, without leaving the window', needs('ffmpeg', 'chromium'), async () => {
  await using channel = await startTransportStreamChannel();
  await using relay = await startHeadless();
  await using window = await openWindow({ url: controlUrl(relay) });
  const { page } = window;
  await page.getByRole('heading', { name: 'Three steps to the first picture' }).waitFor();
  await page.getByRole('button', { name: 'Add a channel' }).click();
  await page.getByLabel('Address of the stream').fill(channel.url);
  await page.getByRole('status').getByText('Plays: 2 variants').waitFor();
  await page.getByLabel('Name').fill('Test card');
  await page.getByRole('dialog').getByRole('button', { name: 'Add a channel' }).click();

  const panel = page.getByRole('complementary', { name: 'Test card' });
  await panel.getByRole('button', { name: 'Preview' }).click();
  const playback = `(() => {
    const video = document.querySelector('video');
    return { seconds: video?.currentTime ?? 0, isMuted: video?.muted };
  })()`;
  await expect
    .poll(async () => (await page.evaluate<{ seconds: number }>(playback)).seconds, { timeout: 45_000 })
    .toBeGreaterThan(PLAYED_SECONDS);
  expect(await page.evaluate(playback)).toMatchObject({ isMuted: true });

  await page.getByRole('link', { name: 'Home' }).click();
  await page.getByRole('heading', { name: 'Watching now' }).waitFor();
  await page.getByRole('listitem').filter({ hasText: 'Test card' }).waitFor();
  expect(window.complaints).toEqual([]);
});

test('what home shows in total is what the TVs got', needs('ffmpeg', 'chromium'), async () => {
  await using channel = await startTransportStreamChannel();
  await using relay = await startHeadless({ list: m3uOf([{ id: 'real', url: channel.url }]) });
  const viewers = 3;
  const got = await Promise.all(Array.from({ length: viewers }, () => watch(relay.channelUrl('ch_real'))));
  const toClients = got.reduce((sum, bytes) => sum + bytes, 0);
  await using window = await openWindow({ url: controlUrl(relay) });
  const figure = window.page.locator('.bandwidth-card__figure--clients .bandwidth-card__more');
  await expect.poll(() => figure.textContent()).toBe(`${Math.round(toClients / 1000)} kB in total`);
});

test('a list of 50,000 is previewed, imported, searched and partly taken back', needs('chromium'), async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-list-'));
  const file = join(folder.path, 'big.m3u');
  await writeFile(file, bigList());
  await using relay = await startHeadless();
  await using window = await openWindow({ url: controlUrl(relay) });
  const { page } = window;
  await page.getByRole('button', { name: 'Add a list' }).click();
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('tab', { name: 'New 50,000' }).waitFor({ timeout: 60_000 });
  await page.getByRole('checkbox', { name: 'Group 7' }).first().uncheck();
  await page.getByRole('button', { name: /Import [\d,]+ channels/ }).click();
  await page.getByText(/added, 0 changed, 0 removed\./).waitFor({ timeout: 60_000 });

  await page.getByLabel('Search channels').fill('Channel 49999');
  await page.getByRole('gridcell').getByText('Channel 49999', { exact: true }).dblclick();
  await page.getByRole('textbox', { name: 'Name' }).fill('The last one');
  await page.keyboard.press('Enter');
  await page.getByText('Channel saved.').waitFor();
  await page.getByLabel('Search channels').fill('The last one');
  await page.getByRole('gridcell').getByText('The last one', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('No channel matches').waitFor();
  await page.reload();
  await page.getByLabel('Search channels').fill('Channel 49999');
  await page.getByRole('gridcell').getByText('Channel 49999', { exact: true }).waitFor();
  expect(window.complaints).toEqual([]);
});

test('another port is in force at once, and the window shows the new address', needs('chromium'), async () => {
  await using relay = await startHeadless({ list: m3uOf([{ id: 'real', url: 'http://127.0.0.1:9/a.m3u8' }]) });
  await using window = await openWindow({ url: controlUrl(relay) });
  const { page } = window;
  await page.getByRole('link', { name: 'Settings' }).click();
  const wanted = await freePort();
  await page.getByLabel('Port').fill(String(wanted));
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Settings saved and in force.').waitFor();
  await page.getByRole('link', { name: 'Home' }).click();
  expect(await isShown(page.getByText(new RegExp(String.raw`^http://[\d.]+:${wanted}/tv$`)).first())).toBe(true);
});

test('a relay that goes away is said to, and a new one asks for its own address', needs('chromium'), async () => {
  await using relay = await startHeadless();
  const url = controlUrl(relay);
  await using window = await openWindow({ url });
  const { page } = window;
  await page.getByText('Your relay is running').waitFor();
  await relay.stop();
  await page.getByText('The relay does not answer. Trying again…').waitFor();
  await using next = await startHeadless({ flags: ['--control-port', new URL(url).port] });
  expect(new URL(controlUrl(next)).port).toBe(new URL(url).port);
  expect(await isShown(page.getByText('The relay no longer knows this page.', { exact: false }))).toBe(true);
});

function controlUrl({ control }: Headless): string {
  if (control === undefined) throw new Error('the relay has no control port');
  return control;
}

/** Watches a channel for three segments; answers with the bytes that it got, playlists included. */
async function watch(url: string): Promise<number> {
  const multivariant = await fetchText(url);
  const variantUrl = new URL(urisIn(multivariant)[0] ?? '', url).href;
  const media = await fetchText(variantUrl);
  let bytes = Buffer.byteLength(multivariant) + Buffer.byteLength(media);
  for (const uri of urisIn(media).slice(0, 3)) {
    const segment = await fetch(new URL(uri, variantUrl));
    bytes += (await segment.arrayBuffer()).byteLength;
  }
  return bytes;
}

async function fetchText(url: string): Promise<string> {
  return (await fetch(url)).text();
}

function urisIn(playlist: string): string[] {
  return playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function bigList(): string {
  const entries = Array.from(
    { length: LIST_LENGTH },
    (_, index) =>
      `#EXTINF:-1 tvg-id="c${index}" group-title="Group ${index % 40}",Channel ${index}\nhttp://origin.example/${index}.m3u8`,
  );
  return `#EXTM3U\n${entries.join('\n')}\n`;
}

/** Whether it comes on screen. */
async function isShown(locator: Locator): Promise<boolean> {
  await locator.waitFor();
  return locator.isVisible();
}
