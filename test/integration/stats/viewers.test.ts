import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { get } from '../../support/http-client.ts';
import { startOrigin } from '../../support/origin.ts';
import { channelUrl } from '../../support/origin-settings.ts';
import { bestVariantUrl, readPlaylist } from '../../support/playlist-reader.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const VLC = { 'User-Agent': 'VLC/3.0.21 LibVLC/3.0.21' };
const TIZEN = { 'User-Agent': 'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 Safari/538.1' };

/** Loads a channel down to its newest segment, as a TV does. @returns the body bytes of everything */
async function watch(relay: TestApp, channelId: string, headers: Record<string, string>): Promise<number> {
  const entryUrl = relay.channelUrl(channelId);
  const entry = await get(entryUrl, { headers });
  const mediaUrl = bestVariantUrl(readPlaylist(entry.text, entryUrl), entryUrl);
  const media = await get(mediaUrl, { headers });
  const segment = await get(readPlaylist(media.text, mediaUrl).segments.at(-1)?.url ?? '', { headers });
  expect(segment.status).toBe(200);
  return entry.body.length + media.body.length + segment.body.length;
}

describe('devices that watch', () => {
  test('are told apart and named by their players, each with its own bytes and channel', async () => {
    await using origin = await startOrigin({ segmentBytes: 50_000 });
    const channels = { one: channelUrl(origin.url, 0), two: channelUrl(origin.url, 1) };
    await using relay = await startTestApp({ channels });
    const bytes = { vlc: await watch(relay, 'ch_one', VLC), tizen: await watch(relay, 'ch_two', TIZEN) };
    await vi.waitFor(() => {
      relay.app.traffic.snapshot();
      const viewers = relay.app.viewers.active().toSorted((a, b) => a.channelId.localeCompare(b.channelId));
      expect(viewers).toMatchObject([
        { device: 'VLC', channelId: 'ch_one', channelName: 'one', totalBytes: bytes.vlc, address: '127.0.0.1' },
        { device: 'Samsung TV', channelId: 'ch_two', channelName: 'two', totalBytes: bytes.tizen, stalls: 0 },
      ]);
    });
    relay.advanceClock(30_000);
    expect(relay.app.state().viewers).toEqual([]);
  });

  test('are none when they ask for a channel that does not exist', async () => {
    await using relay = await startTestApp({});
    await get(relay.channelUrl('ch_nothing'), { headers: VLC });
    expect(relay.app.viewers.query({ offset: 0, limit: 10 }).total).toBe(0);
  });

  test('have stalled when a segment took longer than it plays', async () => {
    await using origin = await startOrigin({ segmentBytes: 300_000, segmentSeconds: 1, bytesPerSecond: 100_000 });
    await using relay = await startTestApp({ channels: { one: channelUrl(origin.url, 0) } });
    await watch(relay, 'ch_one', VLC);
    await vi.waitFor(() => expect(relay.app.viewers.active()).toMatchObject([{ stalls: 1 }]));
  });

  test('are remembered over a restart, with their names', async () => {
    await using folder = await mkdtempDisposable(path.join(tmpdir(), 'hearthcast-'));
    await using origin = await startOrigin({ segmentBytes: 50_000 });
    const options = { channels: { one: channelUrl(origin.url, 0) }, dataFolder: folder.path };
    {
      await using relay = await startTestApp(options);
      await watch(relay, 'ch_one', VLC);
      relay.app.viewers.rename(relay.app.viewers.active()[0]?.id ?? '', 'Bedroom');
    }
    await using relay = await startTestApp(options);
    const { rows } = relay.app.viewers.query({ offset: 0, limit: 10 });
    expect(rows).toMatchObject([{ device: 'Bedroom', channelName: 'one' }]);
    expect(rows[0]?.totalBytes).toBeGreaterThan(50_000 / 2);
    expect(relay.app.history.query('30d', 'ch_one').samples.at(-1)?.toClients).toBeGreaterThan(0);
  });
});
