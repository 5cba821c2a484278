import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { m3uOf, startHeadless } from '../support/headless.ts';
import { startOriginProcess } from '../support/origin-child.ts';
import type { Flow } from '../../shared/stats.ts';
import { channelUrl } from '../support/origin-settings.ts';
import { openRelayWindow } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';
import { runViewers, sawNothingWrong } from '../support/viewers.ts';

/* What the window says flows, held against what the origin sent and what the TVs got. */

const CHANNELS = 4;
const TVS = 24;
/** Of all bytes: headers count nowhere, and the last second may not have been drawn yet. */
const TOLERANCE = 0.03;
/** Read off a curve, second by second: the time there is in whole seconds. */
const READING_TOLERANCE = 0.1;
const BITS_PER_BYTE = 8;
/** From the right: more than the seconds that the test takes. */
const PIXELS_READ = 90;

test(
  'the graph moves while TVs watch; its series and what the cache saved agree with the origin and the TVs',
  needs('chromium'),
  async () => {
    await using origin = await startOriginProcess({ segmentBytes: 400_000, windowSegments: 10 });
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
      ...{ viewers: TVS, channels: CHANNELS, rampSeconds: 1, measureSeconds: 6 },
    });
    // The first TV turns the first steps into the graph, whose curves then change.
    const graph = page.getByRole('img', { name: 'Bandwidth over time' });
    await graph.locator('canvas').waitFor();
    const before = await graph.screenshot();
    await page.getByText(`${TVS} watching`).waitFor();
    const report = await watching;
    expect((await graph.screenshot()).equals(before)).toBe(false);
    expect(sawNothingWrong(report)).toBe(true);

    // Until everything that was fetched ahead has arrived and been counted.
    await expect
      .poll(async () => (await ask('app.snapshot', {})).traffic.bytesPerSecond)
      .toEqual({ fromSource: 0, toClients: 0 });
    const { bodyBytes: sent } = await origin.stats();
    const got = report.bodyBytes;
    const figure = (name: string) =>
      page.locator(`.bandwidth-card__figure--${name} .bandwidth-card__more`).textContent();
    expectAlike(bytesIn(await figure('source')), sent);
    expectAlike(bytesIn(await figure('clients')), got);
    expectAlike(bytesIn(await figure('saved')), got - sent);
    const saved = page.locator('.bandwidth-card__figure--saved .bandwidth-card__value');
    expect(Math.abs(Number.parseInt((await saved.textContent()) ?? '', 10) - 100 * (1 - sent / got))).toBeLessThan(2);

    const { samples } = await ask('stats.history', { range: '10m' });
    expectAlike(sumOf(samples.map(({ fromSource }) => fromSource)), sent);
    expectAlike(sumOf(samples.map(({ toClients }) => toClients)), got);
    const drawn = await readCurves(page);
    expectAlike(drawn.fromSource, sent, READING_TOLERANCE);
    expectAlike(drawn.toClients, got, READING_TOLERANCE);
    expect(window.complaints).toEqual([]);
  },
);

/** The same to within what playlists and rounding make. */
function expectAlike(shown: number, counted: number, tolerance = TOLERANCE): void {
  expect(shown / counted).toBeGreaterThan(1 - tolerance);
  expect(shown / counted).toBeLessThan(1 + tolerance);
}

/** What lies under the two curves, in bytes: read off where the pointer is, second by second, as somebody would. */
async function readCurves(page: Page): Promise<Flow> {
  const over = page.locator('.u-over');
  const card = page.locator('.bandwidth-graph__hover');
  const box = await over.boundingBox();
  if (box === null) throw new Error('the graph is not on screen');
  const moments = new Map<number, Flow>();
  for (let x = 1; x < PIXELS_READ; x += 1) {
    await page.mouse.move(box.x + box.width - x, box.y + box.height / 2);
    const [time = '', toClients = '', fromSource = ''] = await card
      .locator('.bandwidth-graph__time, dd')
      .allTextContents();
    moments.set(secondsOf(time), {
      toClients: bytesIn(toClients) / BITS_PER_BYTE,
      fromSource: bytesIn(fromSource) / BITS_PER_BYTE,
    });
  }
  // A rate holds since the one before, however late a busy machine is with it.
  const inOrder = [...moments].toSorted(([one], [other]) => one - other);
  const areas = inOrder.map(([second, flow], index) => {
    const seconds = second - (inOrder[index - 1]?.[0] ?? second - 1);
    return { toClients: flow.toClients * seconds, fromSource: flow.fromSource * seconds };
  });
  return {
    toClients: sumOf(areas.map(({ toClients }) => toClients)),
    fromSource: sumOf(areas.map(({ fromSource }) => fromSource)),
  };
}

/** `21:04:37` as seconds of the day. */
function secondsOf(time: string): number {
  return time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

const UNITS: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  'bit/s': 1,
  'kbit/s': 1e3,
  'Mbit/s': 1e6,
  'Gbit/s': 1e9,
};

/** `23.4 MB in total` as 23,400,000; the same with bits. */
function bytesIn(text: string | null): number {
  const [, amount = '', unit = ''] = /^([\d.,]+) (\S+)/.exec(text ?? '') ?? [];
  return Number(amount.replaceAll(',', '')) * (UNITS[unit] ?? Number.NaN);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
