import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { m3uOf, startHeadless, type Headless } from '../support/headless.ts';
import { startOrigin } from '../support/origin.ts';
import { channelUrl } from '../support/origin-settings.ts';
import { readQrCode } from '../support/qr-reader.ts';
import { openRelayWindow } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';

/* The addresses that the window gives to TVs: on the clipboard, and as a picture for a phone. */

test('what is copied or shown as a QR code is an address that plays', needs('chromium'), async () => {
  await using origin = await startOrigin();
  await using relay = await startHeadless({ list: m3uOf([{ id: 'news', url: channelUrl(origin.url, 0) }]) });
  // Seen once, so that home is past its first steps.
  await (await fetch(relay.channelUrl('ch_news'))).text();
  await using window = await openRelayWindow(relay);
  const { page, ask } = window;
  const { lanUrls } = await ask('app.snapshot', {});

  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const listUrl = await copied(page);
  expect(listUrl).toBe(`${lanUrls[0]}/tv`);
  expect(await readQrCode(page.getByRole('img', { name: `QR code of ${listUrl}` }))).toBe(listUrl);
  const list = await fetchHere(relay, listUrl);

  await window.go('channels/ch_news');
  const panel = page.getByRole('complementary', { name: 'news' });
  await panel.getByRole('button', { name: 'Copy the address' }).click();
  await expect.poll(() => copied(page)).toBe(`${lanUrls[0]}/proxy/ch_news/stream.m3u8`);
  const url = await copied(page);
  await panel.getByRole('button', { name: 'Show as QR code' }).click();
  expect(await readQrCode(page.getByRole('img', { name: `QR code of ${url}` }))).toBe(url);
  expect(list).toContain(new URL(url).pathname);
  expect(await fetchHere(relay, url)).toContain('#EXT-X-STREAM-INF');
  expect(window.complaints).toEqual([]);
});

/** What is at an address of the relay, asked for on loopback: all that this one listens on. */
async function fetchHere({ relay }: Headless, url: string): Promise<string> {
  const { port, pathname } = new URL(url);
  expect(port).toBe(new URL(relay).port);
  const response = await fetch(new URL(pathname, relay));
  expect(response.status).toBe(200);
  return response.text();
}

function copied(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}
