import { expect, test } from 'vitest';
import { playInBrowser } from '../support/browser.ts';
import { openProfile } from '../support/chromium.ts';
import { status } from '../support/fake-origin.ts';
import { m3uOf, startHeadless } from '../support/headless.ts';
import {
  startByteRangeChannel,
  startEncryptedChannel,
  startFragmentedChannel,
  startTransportStreamChannel,
} from '../support/live-channel.ts';
import { needs } from '../support/requirements.ts';

const PLAYED_SECONDS = 3;
/** More than the first source of two has sent by the time that it goes away. */
const OVER_THE_SEAM_SECONDS = 8;

const CHANNELS = [
  ['live MPEG-TS with two variants', startTransportStreamChannel],
  ['live AES-128 with changing keys', startEncryptedChannel],
  ['live fragmented MP4 with a separate audio rendition', startFragmentedChannel],
  ['live byte ranges of one file', startByteRangeChannel],
] as const;

test.for(CHANNELS)(
  'hls.js on a page of another origin plays %s through the relay',
  needs('ffmpeg', 'chromium'),
  async ([, startChannel]) => {
    await using channel = await startChannel();
    await using relay = await startHeadless({ list: m3uOf([{ id: 'real', url: channel.url }]) });
    await using browser = await openProfile();

    const playback = await playInBrowser(browser, relay.channelUrl('ch_real'), PLAYED_SECONDS);

    expect(playback.fatalErrors).toEqual([]);
    expect(playback.playedSeconds).toBeGreaterThanOrEqual(PLAYED_SECONDS);
    expect(playback.decodedFrames).toBeGreaterThan(PLAYED_SECONDS);
  },
);

test(
  'hls.js plays on when a source goes away in mid-play and the channel has another',
  needs('ffmpeg', 'chromium'),
  async () => {
    await using first = await startEncryptedChannel();
    await using second = await startByteRangeChannel();
    const list = m3uOf([first, second].map(({ url }) => ({ id: 'real', url })));
    await using relay = await startHeadless({ list });
    await using browser = await openProfile();

    const playing = playInBrowser(browser, relay.channelUrl('ch_real'), OVER_THE_SEAM_SECONDS);
    // Long before it would have ended by itself.
    await expect.poll(() => first.origin.requestsTo('/live/index.m3u8').length, { interval: 20 }).toBeGreaterThan(1);
    first.origin.route('/live/index.m3u8', status(404));
    const playback = await playing;

    expect(playback.fatalErrors).toEqual([]);
    expect(playback.playedSeconds).toBeGreaterThanOrEqual(OVER_THE_SEAM_SECONDS);
    expect(second.origin.requestsTo('/live/all.ts').length).toBeGreaterThan(0);
  },
);
