import { expect, test } from 'vitest';
import { m3uOf, startHeadless } from '../support/headless.ts';
import { startFakeOrigin } from '../support/fake-origin.ts';
import { startTransportStreamChannel } from '../support/live-channel.ts';
import { openRelayWindow } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';

/* The first minutes with the window: the headless entry, a live channel of ffmpeg's, a real browser. */

const PLAYED_SECONDS = 3;

/** Names of things, and abbreviations that Chinese uses as well. */
const NOT_TRANSLATED = new Set(
  'Hearthcast Xtream IPTV Kodi Redis HTTP HTML CIDR User Agent MB kB Mbit ID tvg id VLC M3U TXT'.split(' '),
);

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

test('in Chinese there is no word of English on the way, nor in what the relay finds', needs('chromium'), async () => {
  await using provider = await startFakeOrigin({
    '/a.m3u8': (_, response) => void response.setHeader('content-type', 'text/html').end('<html>登录</html>'),
    '/list.m3u': (_, response) =>
      void response.end(`${m3uOf([{ id: 'x', url: 'http://127.0.0.1:9/a.m3u8' }])}\n#EXTINF:-1,\n:::\n`),
  });
  await using relay = await startHeadless();
  await using window = await openRelayWindow(relay, { locale: 'zh-CN' });
  const { page } = window;
  const english = new Set<string>();
  const read = async (): Promise<void> => {
    // The log is for whoever helps with a bug report, and stays in English.
    const text = await page.evaluate(() => {
      const log = document.querySelector<HTMLElement>('.log-view')?.innerText ?? '';
      return document.body.innerText.replace(log, '');
    });
    for (const [word] of text.replaceAll(/\S*[:/.]\S+/g, '').matchAll(/[A-Za-z]{2,}/g)) english.add(word);
  };
  await page.getByRole('heading', { name: '三步看到第一个画面' }).waitFor();
  await read();
  await page.getByRole('button', { name: '添加单个频道' }).click();
  await page.getByLabel('直播流地址').fill(`${provider.url}/a.m3u8`);
  await page.getByRole('status').getByText('HTML').waitFor();
  await read();
  await page.getByRole('dialog').getByRole('button', { name: '添加单个频道' }).click();
  await page.getByRole('complementary').waitFor();
  await read();
  for (const tab of ['1 个源', '详情']) {
    await page.getByRole('tab', { name: tab }).click();
    await read();
  }
  for (const view of ['home', 'devices', 'activity', 'settings', 'channels']) {
    await window.go(view);
    await page.getByRole('heading').first().waitFor();
    await read();
  }
  expect([...english].filter((word) => !NOT_TRANSLATED.has(word))).toEqual([]);
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
