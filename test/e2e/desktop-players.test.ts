import { describe, expect, test } from 'vitest';
import { DESKTOP_PLAYERS, type DesktopPlayer } from '../support/desktop-players.ts';
import { diesAfter, hangUp, inTurn, ranged, stallsAfter, status } from '../support/fake-origin.ts';
import { m3uOf, startHeadless } from '../support/headless.ts';
import { get } from '../support/http-client.ts';
import {
  startByteRangeChannel,
  startEncryptedChannel,
  startFragmentedChannel,
  startTransportStreamChannel,
  startVideoOnDemandChannel,
  type LiveChannel,
} from '../support/live-channel.ts';
import { needs } from '../support/requirements.ts';

const CHANNELS = [
  ['live MPEG-TS with two variants', startTransportStreamChannel],
  ['live AES-128 with changing keys', startEncryptedChannel],
  ['live fragmented MP4 with a separate audio rendition', startFragmentedChannel],
  ['live byte ranges of one MPEG-TS file', startByteRangeChannel],
  ['a film on demand', startVideoOnDemandChannel],
] as const;

/** A player that joins a live channel shows its end from somewhere on: at least this much. */
const LEAST_PICTURES = 30;

// At once, because what takes the time is the pace of the channels.
describe.each(DESKTOP_PLAYERS)('$name', { concurrent: true }, (player) => {
  const needed = needs('ffmpeg', ...player.needs);

  test.for(CHANNELS)('plays through the relay what it plays from the origin: %s', needed, async ([, startChannel]) => {
    await using channel = await startChannel();
    const direct = await player.pictures(channel.url);
    const relayed = await playThroughRelay(player, channel);
    const pictures = Math.min(relayed.length, direct.length);
    expect(pictures).toBeGreaterThanOrEqual(LEAST_PICTURES);
    // Where a player joins depends on how much of a live channel there is by then; from there on, no picture may be missing or wrong.
    expect(relayed.slice(-pictures)).toEqual(direct.slice(-pictures));
  });

  test('plays on while the origin fails every segment once, in one way or another', needed, async () => {
    await using channel = await startVideoOnDemandChannel();
    const direct = await player.pictures(channel.url);
    await failEverySegmentOnce(channel);
    expect(await playThroughRelay(player, channel)).toEqual(direct);
  });
});

async function playThroughRelay(player: DesktopPlayer, channel: LiveChannel): Promise<string[]> {
  await using relay = await startHeadless({ list: m3uOf([{ id: 'real', url: channel.url }]) });
  channel.rewind();
  return await player.pictures(relay.channelUrl('ch_real'));
}

/** Of the segments that were asked for so far. */
async function failEverySegmentOnce({ origin }: LiveChannel): Promise<void> {
  const paths = new Set(origin.requests.map(({ path }) => path).filter((path) => path.endsWith('.ts')));
  for (const [index, path] of [...paths].entries()) {
    const { body, headers } = await get(`${origin.url}${path}`);
    const type = { 'Content-Type': headers['content-type'] };
    const half = Math.floor(body.length / 2);
    const failures = [status(503), diesAfter(half, body, type), stallsAfter(half, body, { headers: type }), hangUp()];
    origin.route(path, inTurn(failures[index % failures.length] ?? hangUp(), ranged(body, type)));
  }
}
