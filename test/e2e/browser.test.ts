import { expect, test } from 'vitest';
import { playInBrowser } from '../support/browser.ts';
import { openProfile } from '../support/chromium.ts';
import { m3uOf, startHeadless } from '../support/headless.ts';
import {
  startByteRangeChannel,
  startEncryptedChannel,
  startFragmentedChannel,
  startTransportStreamChannel,
} from '../support/live-channel.ts';
import { needs } from '../support/requirements.ts';

const PLAYED_SECONDS = 3;

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
