import { expect, test } from 'vitest';
import { m3uOf, startHeadless } from '../support/headless.ts';
import { watchShifts } from '../support/layout.ts';
import { startOriginProcess } from '../support/origin-child.ts';
import { channelUrl } from '../support/origin-settings.ts';
import { expectNames, expectNote, openRelayWindow, rowNamed } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';
import { runViewers } from '../support/viewers.ts';

/* The window while its relay works for 200 TVs. */

const CHANNELS = 10;
const TVS = 200;
const WATCHED_MS = 7_000;

test(
  'with 200 TVs watching, nothing on the page moves by itself, and everything one does is answered',
  needs('chromium'),
  async () => {
    await using origin = await startOriginProcess({ segmentBytes: 150_000, windowSegments: 20 });
    const channels = Array.from({ length: CHANNELS }, (_, index) => ({
      id: `kit${index}`,
      url: channelUrl(origin.url, index),
    }));
    await using relay = await startHeadless({ list: m3uOf(channels) });
    await using window = await openRelayWindow(relay);
    const { page, ask } = window;
    const watching = runViewers({
      playlistUrl: (channel) => relay.channelUrl(`ch_kit${channel}`),
      userAgent: (viewer) => `TV-${viewer}`,
      ...{ viewers: TVS, channels: CHANNELS, rampSeconds: 3, measureSeconds: 18 },
    });
    await page.locator('.u-over').waitFor();
    await page.getByText(`${TVS} watching`).waitFor();
    await page.evaluate(() => document.fonts.ready);
    // Who watches may change: a TV that comes late is thought to have gone, and another row takes its place.
    await page.waitForTimeout(2_000);
    expect(await watchShifts(page, WATCHED_MS, '.watching-card__list')).toEqual([]);

    await page.getByRole('link', { name: 'Channels' }).click();
    await rowNamed(page, 'kit3').click();
    await page.getByRole('complementary', { name: 'kit3' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('kit7');
    await expectNames(page, ['kit7']);
    await page.getByText('kit7', { exact: true }).first().dblclick();
    await page.getByRole('textbox', { name: 'Name' }).fill('kit seven');
    await page.keyboard.press('Enter');
    await expectNote(page, 'Channel saved.');
    expect((await ask('channels.get', { id: 'ch_kit7' })).name).toBe('kit seven');
    await page.getByRole('link', { name: 'Devices' }).click();
    await page.locator('tbody tr').nth(99).waitFor();
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.locator('.log-view__line').first().waitFor();
    // Whether they kept up is for a machine that does nothing else.
    const { segments, corrupt } = await watching;
    expect(segments).toBeGreaterThan(TVS);
    expect(corrupt).toBe(0);
    expect(window.complaints).toEqual([]);
  },
);
