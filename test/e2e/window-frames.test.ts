import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openWindow } from '../support/browser-window.ts';
import { startHousehold } from '../support/control-stub.ts';
import { percentiles } from '../support/measure.ts';
import { needs } from '../support/requirements.ts';

const ARTEFACTS = fileURLToPath(new URL('../artefacts', import.meta.url));
const SCROLL_MS = 5000;

/** From a comfortable pace to one at which nothing can be read. */
const PIXELS_PER_FRAME = [12, 60, 300, 2000];

test(
  'scrolling 100,000 channels beside a running graph leaves no row blank; its frame times are kept',
  needs('chromium'),
  async () => {
    await using server = await startHousehold();
    await using window = await openWindow({ url: server.url });
    const { page } = window;
    await page.evaluate(() => void (location.hash = '#/channels/ch_channel-0'));
    await page.locator('.channel-panel .u-over').waitFor();
    const figures: Record<string, unknown> = {};
    for (const pace of PIXELS_PER_FRAME) {
      const frames = await page.evaluate(scroll, { pace, forMs: SCROLL_MS });
      figures[`${pace} pixels a frame`] = percentiles(frames);
      await page.locator('.channel-row--place').first().waitFor({ state: 'detached' });
      expect(await page.locator('.channel-row').count()).toBeGreaterThan(10);
    }
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
    const step = (now: number): void => {
      frames.push(now - last);
      last = now;
      table?.scrollBy({ top: pace });
      if (now - start < forMs) requestAnimationFrame(step);
      else resolve(frames.slice(1));
    };
    requestAnimationFrame(step);
  });
}
