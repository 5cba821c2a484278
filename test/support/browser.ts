import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { body, startFakeOrigin } from './fake-origin.ts';

/** How far a player came. */
export type Playback = {
  /** Seconds of video shown. */
  playedSeconds: number;
  /** Pictures decoded. */
  decodedFrames: number;
  /** hls.js's fatal errors, as `type: details`. */
  fatalErrors: readonly string[];
};

const PLAY_TIMEOUT_MS = 45_000;
const HLS_JS = fileURLToPath(new URL('../../node_modules/hls.js/dist/hls.min.js', import.meta.url));

const PAGE = `<!doctype html>
<title>player</title>
<video id="video" muted playsinline width="128" height="72"></video>
<script src="/hls.js"></script>
<script>
  const playback = { startedAt: null, fatalErrors: [] };
  const video = document.getElementById('video');
  const hls = new Hls({ enableWorker: false });
  hls.on(Hls.Events.ERROR, (_, data) => {
    if (data.fatal) playback.fatalErrors.push(data.type + ': ' + data.details);
  });
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
  video.addEventListener('playing', () => { playback.startedAt ??= video.currentTime; });
  hls.loadSource(new URLSearchParams(location.search).get('source'));
  hls.attachMedia(video);
  const report = () => ({
    playedSeconds: playback.startedAt === null ? 0 : video.currentTime - playback.startedAt,
    decodedFrames: video.getVideoPlaybackQuality().totalVideoFrames,
    fatalErrors: playback.fatalErrors,
  });
</script>
`;

/**
 * Plays a URL with hls.js on a page of another origin, until that many seconds were shown, something fatal happened, or
 * the time is over.
 */
export async function playInBrowser(browser: BrowserContext, url: string, forSeconds: number): Promise<Playback> {
  await using site = await startFakeOrigin({
    '/': body(PAGE, { 'Content-Type': 'text/html' }),
    '/hls.js': body(await readFile(HLS_JS), { 'Content-Type': 'text/javascript' }),
  });
  const page = await browser.newPage();
  await page.goto(`${site.url}/?source=${encodeURIComponent(url)}`);
  await page
    .waitForFunction(`report().playedSeconds >= ${forSeconds} || report().fatalErrors.length > 0`, undefined, {
      timeout: PLAY_TIMEOUT_MS,
    })
    .catch(() => undefined);
  const playback = await page.evaluate<Playback>('report()');
  await page.close();
  return playback;
}
