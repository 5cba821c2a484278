import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { firewallSteps, type System } from '../../shared/firewall.ts';
import { say } from '../../shared/sentences.ts';
import { findFaults } from '../support/axe.ts';
import { openWindow } from '../support/browser-window.ts';
import { startHousehold } from '../support/control-stub.ts';
import { misfitsOnceStill } from '../support/layout.ts';
import { needs } from '../support/requirements.ts';

/* What the window says when a firewall may keep TVs out: on each system that the relay may run on. */

const PORT = 9123;
const SIZES = [
  { width: 900, height: 600 },
  { width: 1280, height: 800 },
];

const suspecting = (system: System) => ({
  verdict: 'firewall-suspected' as const,
  sentence: say('reach.nobodyYet', { port: PORT }),
  ...{ system, port: PORT },
});

/** Without a mouse, as far as the button that has the focus then. */
async function tabTo(page: Page, name: string): Promise<void> {
  const button = page.getByRole('button', { name, exact: true });
  for (let stops = 0; stops < 60; stops += 1) {
    await page.keyboard.press('Tab');
    if (await button.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`Tab does not lead to ${name}`);
}

test.for([
  ['windows', 'en-GB', 'light'],
  ['linux', 'zh-CN', 'dark'],
  ['mac', 'en-GB', 'dark'],
  ['other', 'zh-CN', 'light'],
] as const)(
  'on %s, in %s and %s, a self-test that suspects a firewall leads to the steps, without a mouse',
  needs('chromium'),
  async ([system, locale, colorScheme]) => {
    const isEnglish = locale === 'en-GB';
    await using server = await startHousehold({ selfTest: suspecting(system) });
    await using window = await openWindow({ url: server.url, locale, colorScheme });
    const { page } = window;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.locator('.u-over').waitFor();

    await tabTo(page, isEnglish ? 'Will my TV reach it?' : '电视能访问吗？');
    await page.keyboard.press('Enter');
    await page
      .getByRole('status')
      .filter({ hasText: String(PORT) })
      .waitFor();
    await tabTo(page, isEnglish ? 'How to let TVs in' : '如何放行电视');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: isEnglish ? 'Let TVs in' : '放行电视' });
    await dialog.waitFor();

    const steps = firewallSteps(system, PORT);
    expect(await dialog.getByRole('listitem').count()).toBe(steps.length);
    const lines = steps.flatMap(({ command }) => command ?? []);
    expect(await dialog.locator('code').allTextContents()).toEqual(lines);
    for (const line of lines) {
      await dialog.getByRole('listitem').filter({ hasText: line }).getByRole('button').press('Enter');
      await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(line);
    }
    const misfits: string[] = [];
    for (const size of SIZES) {
      await page.setViewportSize(size);
      misfits.push(...(await misfitsOnceStill(page)));
    }
    expect([...(await findFaults(page)), ...misfits]).toEqual([]);

    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(window.complaints).toEqual([]);
  },
);

test('a self-test that finds nothing in the way shows no steps', needs('chromium'), async () => {
  await using server = await startHousehold();
  await using window = await openWindow({ url: server.url });
  const { page } = window;
  await page.getByRole('button', { name: 'Will my TV reach it?' }).click();
  await page.getByRole('status').filter({ hasText: 'Yes: the relay answers' }).waitFor();
  expect(await page.getByRole('button', { name: 'How to let TVs in' }).count()).toBe(0);
});

test('the first steps offer the self-test where the TV is told what to open', needs('chromium'), async () => {
  await using server = await startHousehold({ channels: 0, viewers: 0, selfTest: suspecting('windows') });
  await using window = await openWindow({ url: server.url });
  const { page } = window;
  await page.locator('.first-steps').getByRole('button', { name: 'Will my TV reach it?' }).click();
  await page.getByRole('button', { name: 'How to let TVs in' }).click();
  const dialog = page.getByRole('dialog', { name: 'Let TVs in' });
  expect(await dialog.locator('code').textContent()).toContain(`localport=${PORT}`);
});
