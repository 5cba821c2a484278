import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startHeadless } from '../support/headless.ts';
import { longList } from '../support/long-list.ts';
import { percentiles } from '../support/measure.ts';
import { openRelayWindow } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';

const ARTEFACTS = fileURLToPath(new URL('../artefacts', import.meta.url));
const CHANNELS = 100_000;
const SCROLL_MS = 2000;

/** From a comfortable pace to one at which nothing can be read. */
const PIXELS_PER_FRAME = [12, 60, 300, 2000];

/** A frame comes as soon as the one before is done, so that its time is what it costs and not what the screen's clock says. */
const WITHOUT_CLOCK = ['--disable-frame-rate-limit', '--disable-gpu-vsync'];

test(
  'scrolling 100,000 channels beside a running graph leaves no row blank; its frame times are kept',
  needs('chromium'),
  async () => {
    await using relay = await startHeadless({ list: longList(CHANNELS) });
    await using window = await openRelayWindow(relay, { args: WITHOUT_CLOCK });
    const { page, ask } = window;
    await expect.poll(async () => (await ask('channels.query', {})).total, { timeout: 60_000 }).toBe(CHANNELS);
    await window.go('channels/ch_c3');
    await page.locator('.channel-panel .u-over').waitFor();
    const figures: Record<string, unknown> = {};
    for (const pace of PIXELS_PER_FRAME) {
      const frames = await page.evaluate(scroll, { pace, forMs: SCROLL_MS });
      figures[`${pace} pixels a frame, ms`] = percentiles(frames);
      await page.locator('.channel-row--place').first().waitFor({ state: 'detached' });
      expect(await page.locator('.channel-row').count()).toBeGreaterThan(10);
    }
    console.info(figures);
    await mkdir(ARTEFACTS, { recursive: true });
    await writeFile(`${ARTEFACTS}/window-frames.json`, `${JSON.stringify(figures, null, 2)}\n`);
    expect(window.complaints).toEqual([]);
  },
);

/** Runs in the page: scrolls the table a step with every frame; answers with the milliseconds between frames. */
function scroll({ pace, forMs }: { pace: number; forMs: number }): Promise<number[]> {
  const table = document.querySelector('.channel-table');
  const frames: number[] = [];
  const start = performance.now();
  let last = start;
  return new Promise((resolve) => {
    const step = (): void => {
      // Not the time that the frame is given: without a screen's clock it lags behind.
      const now = performance.now();
      frames.push(now - last);
      last = now;
      table?.scrollBy({ top: pace });
      if (now - start < forMs) requestAnimationFrame(step);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
  });
}
