import { describe, expect, test } from 'vitest';
import { get } from '../../support/http-client.ts';
import { startOrigin } from '../../support/origin.ts';
import { channelUrl } from '../../support/origin-settings.ts';
import { bestVariantUrl, readPlaylist } from '../../support/playlist-reader.ts';
import { startTestApp } from '../../support/test-app.ts';

describe('an access key', () => {
  test('is asked for by the list and the channels, and what these lead to needs none', async () => {
    await using origin = await startOrigin({ segmentBytes: 50_000 });
    const channels = { one: channelUrl(origin.url, 0) };
    await using relay = await startTestApp({ channels, settings: { accessKey: 'tv-2026' } });

    for (const address of ['/tv', '/playlist.m3u', '/tv?key=', '/tv?key=tv-2025', '/proxy/ch_one/stream.m3u8']) {
      const refused = await get(relay.url + address);
      expect([refused.status, refused.text.split('\n')[1]], address).toEqual([403, 'FORBIDDEN']);
    }
    const list = await get(`${relay.url}/tv?key=tv-2026`);
    const entryUrl = list.text.split('\n').find((line) => line.startsWith('http')) ?? '';
    expect(entryUrl).toBe(`${relay.url}/proxy/ch_one/stream.m3u8?key=tv-2026`);

    const entry = await get(entryUrl);
    const mediaUrl = bestVariantUrl(readPlaylist(entry.text, entryUrl), entryUrl);
    const media = await get(mediaUrl);
    const segment = await get(readPlaylist(media.text, mediaUrl).segments.at(-1)?.url ?? '');
    expect([entry.status, media.status, segment.status]).toEqual([200, 200, 200]);
    expect(entry.text + media.text).not.toContain('tv-2026');
  });

  test('that is not set is not asked for, and not minded', async () => {
    await using relay = await startTestApp({});
    expect((await get(`${relay.url}/tv?key=whatever`)).status).toBe(200);
  });
});

test('a client that may not connect is refused each time, and counted and logged once', async () => {
  await using relay = await startTestApp({ settings: { deny: ['127.0.0.0/8'] } });
  for (let attempt = 0; attempt < 5; attempt += 1) expect((await get(`${relay.url}/tv`)).status).toBe(403);
  expect(relay.app.state().refusedClients).toBe(1);
  expect(relay.log.filter(({ msg }) => msg.startsWith('A client was refused'))).toHaveLength(1);
});
