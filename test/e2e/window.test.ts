import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { findFaults } from '../support/axe.ts';
import { openWindow, type BrowserWindow } from '../support/browser-window.ts';
import { startHousehold, type Household } from '../support/control-stub.ts';
import { watchShifts } from '../support/layout.ts';
import { needs } from '../support/requirements.ts';
import { say } from '../../shared/sentences.ts';

/* The window in a real browser, on the real control port, with a household behind it that exists in memory only. */

const PROBLEM = {
  code: 'CHANNEL_DOWN',
  severity: 'warning',
  sentence: say('task.checked', { name: 'City 24', outcome: say('status.403') }),
  channelId: 'ch_channel-1',
} as const;

type Look = AsyncDisposable & BrowserWindow & { go: (view: string) => Promise<void> };

/** Opens the window of a household; disposing of it closes both, and checks that the page had nothing to complain about. */
async function look(household: Household = {}, options: { colorScheme?: 'dark'; locale?: string } = {}): Promise<Look> {
  const server = await startHousehold(household);
  const window = await openWindow({ url: server.url, ...options });
  const { page } = window;
  return {
    ...window,
    go: (view) => page.evaluate((hash) => void (location.hash = hash), `#/${view}`),
    async [Symbol.asyncDispose]() {
      await window[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      expect(window.complaints).toEqual([]);
    },
  };
}

const rowNamed = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name }).first();
const shownNames = (page: Page) => page.locator('.channel-row__text.channel-row__name').allTextContents();

test('home shows the address, what flows, who watches and what is wrong', needs('chromium'), async () => {
  await using window = await look({ problems: [PROBLEM] });
  const { page } = window;
  await page.getByText('http://192.168.1.20:8787/tv', { exact: true }).waitFor();
  await page.getByRole('heading', { name: 'Your relay is running' }).waitFor();
  await page.getByRole('img', { name: 'Bandwidth over time' }).waitFor();
  await page.getByText('Living room TV', { exact: false }).first().waitFor();
  await page.getByText(PROBLEM.sentence.text).waitFor();
  expect(await isShown(page.getByRole('img', { name: 'QR code of http://192.168.1.20:8787/tv' }))).toBe(true);
});

test('pointing at the graph shows the figures of that moment', needs('chromium'), async () => {
  await using window = await look();
  const { page } = window;
  const graph = page.getByRole('img', { name: 'Bandwidth over time' });
  await graph.hover({ position: { x: 400, y: 80 } });
  await page.locator('.bandwidth-graph__hover').getByText('Mbit/s').first().waitFor();
  await page.getByText('30 days').click();
  await graph.hover({ position: { x: 300, y: 80 } });
  expect(await isShown(page.locator('.bandwidth-graph__hover'))).toBe(true);
});

test('before there are channels, three steps lead to the first picture', needs('chromium'), async () => {
  await using window = await look({ channels: 0, viewers: 0 });
  const { page } = window;
  await page.getByRole('heading', { name: 'Three steps to the first picture' }).waitFor();
  await page.getByRole('button', { name: 'Add a list' }).click();
  await page.getByLabel('Address, path or text of the list').fill('https://provider.example/premium.m3u');
  await page.getByRole('button', { name: 'Show what is in it' }).click();
  await page.getByRole('button', { name: 'Import 49,972 channels' }).waitFor();
  await page.getByLabel('Documentaries', { exact: false }).first().uncheck();
  await page.getByRole('button', { name: 'Import 49,884 channels' }).click();
  await page.getByText('50,000 added, 120 changed, 0 removed.').waitFor();
  expect(await isShown(rowNamed(page, 'Northern Lights News'))).toBe(true);
});

test('reading a list can be cancelled, and a list that is none is explained', needs('chromium'), async () => {
  await using window = await look();
  const { page } = window;
  await window.go('channels');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const field = page.getByLabel('Address, path or text of the list');
  await field.fill('https://provider.example/slow.m3u');
  await page.getByRole('button', { name: 'Show what is in it' }).click();
  await page.getByText(/of 50,000/).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText(/of 50,000/).waitFor({ state: 'detached' });
  await field.fill('https://wrong.example/');
  await page.getByRole('button', { name: 'Show what is in it' }).click();
  expect(await isShown(page.getByRole('alert').getByText('no list of channels'))).toBe(true);
});

test('of 100,000 channels only those in view exist, and the last one is a key away', needs('chromium'), async () => {
  await using window = await look();
  const { page } = window;
  await window.go('channels');
  await rowNamed(page, 'Northern Lights News').waitFor();
  const grid = page.getByRole('grid');
  expect(await grid.getAttribute('aria-rowcount')).toBe('100001');
  await grid.focus();
  await page.keyboard.press('End');
  await page.locator('[aria-rowindex="100001"]').getByText('Old Movies 6250').waitFor();
  expect(await page.getByRole('row').count()).toBeLessThan(60);
});

test('search, filters and sorting show what they say', needs('chromium'), async () => {
  await using window = await look({ channels: 1000 });
  const { page } = window;
  await window.go('channels');
  await rowNamed(page, 'Northern Lights News').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('stadium 1 62');
  await expect.poll(() => shownNames(page)).toEqual(['Stadium 1 62']);
  await page.getByLabel('Search channels').fill('no such channel');
  await page.getByRole('button', { name: 'Clear search and filters' }).click();
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'Off' }).click();
  await expect.poll(async () => (await shownNames(page))[0]).toBe('Ocean Deep 4K');
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'All states' }).click();
  await page.getByRole('button', { name: 'Name' }).click();
  await page.getByRole('button', { name: 'Name' }).click();
  await expect.poll(async () => (await shownNames(page))[0]).toBe('晨光新闻 9');
});

test('the side panel follows the keyboard and survives a reload', needs('chromium'), async () => {
  await using window = await look({ channels: 100 });
  const { page } = window;
  await window.go('channels');
  await rowNamed(page, 'City 24').click();
  await page.getByRole('complementary', { name: 'City 24' }).waitFor();
  await page.getByRole('grid').focus();
  await page.keyboard.press('ArrowDown');
  await page.getByRole('complementary', { name: 'Planet One HD' }).waitFor();
  await page.reload();
  const panel = page.getByRole('complementary', { name: 'Planet One HD' });
  await panel.getByText('http://192.168.1.20:8787/proxy/ch_channel-2/stream.m3u8').waitFor();
  await panel.getByRole('button', { name: 'Check' }).click();
  expect(await isShown(panel.getByText('A live playlist of 6 segments of about 6 s (target duration 6 s).'))).toBe(
    true,
  );
});

test('an address is tried as soon as it is there', needs('chromium'), async () => {
  await using window = await look();
  const { page } = window;
  await window.go('channels');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('One channel').click();
  await page.getByLabel('Address of the stream').fill('https://broken.example/live.m3u8');
  await page
    .getByRole('status')
    .getByText('403, the provider refuses this player or this account.', { exact: true })
    .waitFor();
  await page.getByRole('button', { name: 'Use the headers it plays with: Referer' }).click();
  await expect
    .poll(() => page.getByRole('textbox', { name: 'Request headers' }).inputValue())
    .toBe('Referer: https://origin.example/');
});

test('a newer version is looked for, downloaded and installed, one click each', needs('chromium'), async () => {
  await using window = await look({ updates: { kind: 'idle', checkedAt: null } });
  const { page } = window;
  await window.go('settings');
  await page.getByText('Not checked for updates yet.').waitFor();
  await page.getByRole('button', { name: 'Check now' }).click();
  await page.getByText('Version 1.1.0 is available.').waitFor();
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('progressbar', { name: 'Downloading version 1.1.0: 42%' }).waitFor();
  await page.getByText('Version 1.1.0 is ready.').waitFor();
  await page.getByRole('button', { name: 'Restart and install' }).click();
  await page.getByText('Up to date, checked').waitFor();
  expect(await page.getByRole('button', { name: 'Check now' }).count()).toBe(1);
});

test('a build without updates says so, and how to get a newer version', needs('chromium'), async () => {
  await using window = await look();
  await window.go('settings');
  await window.page.getByText('updated the way it was installed').waitFor();
  expect(await window.page.getByRole('button', { name: 'Check now' }).count()).toBe(0);
});

test('a bug report is copied without secrets', needs('chromium'), async () => {
  await using window = await look();
  const { page } = window;
  await window.go('activity');
  await page.getByText('Living room TV watches Northern Lights News').first().waitFor();
  await page.getByRole('button', { name: 'Copy for a bug report' }).click();
  await page.getByText('Copied, with passwords').waitFor();
  const report = await page.evaluate(() => navigator.clipboard.readText());
  expect(report).toContain('Hearthcast 0.1.0');
  expect(report).toContain('https://origin.example/***');
  expect(report).not.toContain('secret123');
});

test('a device is given a name', needs('chromium'), async () => {
  await using window = await look();
  const { page } = window;
  await window.go('devices');
  const row = page.getByRole('row').filter({ hasText: 'VLC' });
  await row.hover();
  await row.getByRole('button', { name: 'Rename VLC' }).click();
  await page.getByLabel('Name of the device').fill('Study');
  await page.keyboard.press('Enter');
  expect(await isShown(page.getByText('Study', { exact: true }))).toBe(true);
});

test('nothing on the page moves while its figures change', needs('chromium'), async () => {
  await using window = await look();
  const { page } = window;
  await page.locator('.u-over').waitFor();
  await page.evaluate(() => document.fonts.ready);
  expect(await watchShifts(page, 5000)).toEqual([]);
  // An animation without an end would have the window drawn 60 times a second.
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  // Something that does move is noticed.
  const shifts = watchShifts(page, 2000);
  await page.waitForTimeout(500);
  await page.evaluate(() => document.querySelector('.home__cards')?.prepend(document.createElement('hr')));
  expect(await shifts).not.toEqual([]);
});

test('the rows of the table are not rendered again by the tick of every second', needs('chromium'), async () => {
  await using window = await look();
  const { page } = window;
  await window.go('channels');
  await rowNamed(page, 'Northern Lights News').waitFor();
  const changed = await page.evaluate(
    () =>
      new Promise<string[]>((resolve) => {
        const names = new Set<string>();
        const observer = new MutationObserver((records) => {
          for (const { target } of records) {
            const element = target instanceof Element ? target : target.parentElement;
            names.add(element?.className.split(' ')[0] ?? '');
          }
        });
        const body = document.querySelector('.channel-table__body');
        if (body !== null)
          observer.observe(body, { subtree: true, childList: true, attributes: true, characterData: true });
        setTimeout(() => resolve([...names]), 3500);
      }),
  );
  expect(changed).toEqual(['channel-row__rate']);
});

test.for(['light', 'dark'] as const)(
  'problems and a download under way have no fault that axe finds in the %s theme',
  needs('chromium'),
  async (theme) => {
    await using window = await look({
      problems: [PROBLEM],
      updates: { kind: 'downloading', version: '1.1.0', percent: 40 },
      settings: { theme },
    });
    const { page } = window;
    await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor();
    await page.getByText(PROBLEM.sentence.text).waitFor();
    expect(await findFaults(page)).toEqual([]);
    await window.go('settings');
    await page.getByRole('progressbar').waitFor();
    expect(await findFaults(page)).toEqual([]);
  },
);

/** Whether it comes on screen. */
async function isShown(locator: Locator): Promise<boolean> {
  await locator.waitFor();
  return locator.isVisible();
}
