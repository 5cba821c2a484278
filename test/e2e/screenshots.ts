import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { openWindow } from '../support/browser-window.ts';
import { closeChromium } from '../support/chromium.ts';
import { startHousehold, type Household } from '../support/control-stub.ts';
import { say } from '../../shared/sentences.ts';

/*
 * Pictures of every view, in both themes, both languages and two sizes: `npm run build`, then `node test/e2e/screenshots.ts`
 * writes them to test/artefacts/screenshots. What is asked for on the command line is part of the names: `home light` takes fewer.
 */

const FOLDER = fileURLToPath(new URL('../artefacts/screenshots', import.meta.url));
const SIZES = [
  { width: 1280, height: 800 },
  { width: 900, height: 600 },
];
const THEMES = ['light', 'dark'] as const;
const LANGUAGES = ['en', 'zh'] as const;
const SETTLE_MS = 900;

type Shot = { name: string; household?: Household; take: (page: Page) => Promise<void> };

const AT_HOME: Household = {
  problems: [
    {
      code: 'REDIS_UNUSABLE',
      severity: 'warning',
      sentence: say('problem.redis', { reason: say('redis.nothing') }),
      channelId: null,
    },
  ],
};

const SHOTS: readonly Shot[] = [
  { name: 'home', household: AT_HOME, take: (page) => page.locator('.u-over').waitFor() },
  {
    name: 'first-steps',
    household: { channels: 0, viewers: 0 },
    take: (page) => page.locator('.first-steps').waitFor(),
  },
  {
    name: 'firewall',
    household: {
      selfTest: { verdict: 'firewall-suspected', sentence: say('reach.nobodyYet', { port: 8787 }) },
    },
    take: showFirewall,
  },
  { name: 'channels', take: (page) => goTo(page, 'channels', '.channel-row') },
  { name: 'channel', take: (page) => goTo(page, 'channels/ch_channel-2', '.channel-panel .u-over') },
  { name: 'import', take: showImport },
  { name: 'devices', take: (page) => goTo(page, 'devices', 'tbody tr') },
  { name: 'activity', take: (page) => goTo(page, 'activity', '.log-view__line') },
  { name: 'settings', take: (page) => goTo(page, 'settings', '.settings-section') },
];

async function main(wanted: readonly string[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const { name, household, take } of SHOTS) {
    for (const theme of THEMES) {
      for (const language of LANGUAGES) {
        const names = SIZES.map(({ width, height }) => `${name}-${theme}-${language}-${width}x${height}`);
        if (!names.some((file) => wanted.every((part) => file.split('-').includes(part)))) continue;
        await using server = await startHousehold({ ...household, settings: { theme, language } });
        await using window = await openWindow({ url: server.url, colorScheme: theme });
        await window.page.locator(`html[data-mantine-color-scheme="${theme}"][lang^="${language}"]`).waitFor();
        await take(window.page);
        for (const size of SIZES) {
          await window.page.setViewportSize(size);
          await window.page.waitForTimeout(SETTLE_MS);
          await window.page.screenshot({
            path: join(FOLDER, `${name}-${theme}-${language}-${size.width}x${size.height}.png`),
          });
        }
        process.stdout.write(`${names.join('\n')}\n`);
      }
    }
  }
}

async function goTo(page: Page, view: string, awaited: string): Promise<void> {
  await page.evaluate((hash) => void (location.hash = hash), `#/${view}`);
  await page.locator(awaited).first().waitFor();
}

async function showFirewall(page: Page): Promise<void> {
  await page.locator('.address-card__actions > button').nth(1).click();
  await page.locator('.reach-test__result button').click();
  await page.locator('.firewall__line').waitFor();
}

async function showImport(page: Page): Promise<void> {
  await goTo(page, 'channels', '.channel-row');
  await page.locator('.channels__tools > button').last().click();
  await page.locator('textarea').first().fill('https://provider.example/premium.m3u');
  await page.locator('.mantine-Modal-content button[type=submit]').click();
  await page.locator('.plan__row').first().waitFor();
}

await main(process.argv.slice(2));
await closeChromium();
