import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext } from 'playwright-core';
import { body, startFakeOrigin } from './fake-origin.ts';
import { findProgram } from './requirements.ts';

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

/** Without the background switches, Chromium looks for its maker's servers. */
const CHROMIUM_ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
];

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

/** A headless Chromium with an empty profile; disposing of it closes it. */
export async function startBrowser(): Promise<BrowserContext & AsyncDisposable> {
  const executablePath = findProgram('chromium');
  if (executablePath === undefined) throw new Error('there is no Chromium on this machine');
  const profile = await mkdtempDisposable(join(tmpdir(), 'hearthcast-chromium-'));
  const context = await chromium.launchPersistentContext(profile.path, { executablePath, args: CHROMIUM_ARGUMENTS });
  return Object.assign(context, {
    [Symbol.asyncDispose]: async () => {
      await context.close();
      await profile.remove();
    },
  });
}

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
