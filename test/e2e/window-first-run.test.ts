import { expect, test } from 'vitest';
import { startHeadless } from '../support/headless.ts';
import { startTransportStreamChannel } from '../support/live-channel.ts';
import { openRelayWindow } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';

/* The first minutes with the window: the headless entry, a live channel of ffmpeg's, a real browser. */

const PLAYED_SECONDS = 3;

test('from the first start to a playing preview, without leaving the window', needs('ffmpeg', 'chromium'), async () => {
  await using channel = await startTransportStreamChannel();
  await using relay = await startHeadless();
  await using window = await openRelayWindow(relay);
  const { page, ask } = window;
  await page.getByRole('heading', { name: 'Three steps to the first picture' }).waitFor();
  await page.getByRole('button', { name: 'Add a channel' }).click();
  await page.getByLabel('Address of the stream').fill(channel.url);
  await page.getByRole('status').getByText('Plays: 2 variants').waitFor();
  await page.getByLabel('Name').fill('Test card');
  await page.getByRole('dialog').getByRole('button', { name: 'Add a channel' }).click();

  const panel = page.getByRole('complementary', { name: 'Test card' });
  await panel.getByRole('button', { name: 'Preview' }).click();
  const playback = () => page.evaluate(lookAtVideo);
  await expect.poll(async () => (await playback()).seconds, { timeout: 45_000 }).toBeGreaterThan(PLAYED_SECONDS);
  expect(await playback()).toMatchObject({ isMuted: true });
  // 15 pictures a second; a busy machine shows fewer of them, and none would be a sound without a picture.
  expect((await playback()).frames).toBeGreaterThan(PLAYED_SECONDS * 5);
  await page.locator('video').click();
  await expect.poll(playback).toMatchObject({ isMuted: false });

  await page.getByRole('link', { name: 'Home' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Test card' }).waitFor();
  const { viewers, traffic } = await ask('app.snapshot', {});
  expect(viewers).toMatchObject([{ channelName: 'Test card', isActive: true }]);
  expect(traffic.totalBytes.toClients).toBeGreaterThan(0);
  expect(window.complaints).toEqual([]);
});

/** Runs in the page. */
function lookAtVideo(): { seconds: number; frames: number; isMuted: boolean } {
  const video = document.querySelector('video');
  return {
    seconds: video?.currentTime ?? 0,
    frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
    isMuted: video?.muted ?? true,
  };
}
