import { describe, test } from 'vitest';
import { frameHashes } from '../support/ffmpeg-player.ts';
import { m3uOf, startHeadless } from '../support/headless.ts';
import {
  startByteRangeChannel,
  startEncryptedChannel,
  startFragmentedByteRangeChannel,
  startFragmentedChannel,
  startTransportStreamChannel,
  startVideoOnDemandChannel,
} from '../support/live-channel.ts';
import { needs } from '../support/requirements.ts';

const CHANNELS = [
  ['live MPEG-TS with two variants', startTransportStreamChannel],
  ['live AES-128 with changing keys', startEncryptedChannel],
  ['live fragmented MP4 with a separate audio rendition', startFragmentedChannel],
  ['live byte ranges of one MPEG-TS file', startByteRangeChannel],
  ['live byte ranges of one fragmented MP4 file, initialization section included', startFragmentedByteRangeChannel],
  ['a film on demand', startVideoOnDemandChannel],
] as const;

describe.concurrent(
  'ffmpeg decodes exactly the same frames through the relay as from the origin',
  needs('ffmpeg'),
  () => {
    test.for(CHANNELS)('%s', async ([, startChannel], { expect }) => {
      await using channel = await startChannel();
      await using relay = await startHeadless({ list: m3uOf([{ id: 'real', url: channel.url }]) });

      const direct = await frameHashes(channel.url);
      channel.rewind();
      const requestsOfDirectPlay = channel.origin.requests.length;
      const relayed = await frameHashes(relay.channelUrl('ch_real'));

      expect(relayed).toEqual(direct);
      const userAgents = channel.origin.requests
        .slice(requestsOfDirectPlay)
        .map(({ headers }) => headers['user-agent']);
      expect(userAgents).not.toEqual([]);
      expect(userAgents.filter((userAgent) => userAgent?.startsWith('Lavf'))).toEqual([]);
    });
  },
);
