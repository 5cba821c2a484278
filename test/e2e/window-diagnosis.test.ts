import { expect, test } from 'vitest';
import { body, playlist, startFakeOrigin, status, type FakeHandler } from '../support/fake-origin.ts';
import { m3uOf, startHeadless } from '../support/headless.ts';
import { openRelayWindow, rowNamed } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';
import { mediaPlaylist, sampleSegment } from '../support/small-stream.ts';

test(
  'a provider that turns our player away is found out, and one click applies the headers that work',
  needs('chromium'),
  async () => {
    const forKodiOnly =
      (handler: FakeHandler): FakeHandler =>
      (request, response) =>
        (request.headers['user-agent']?.startsWith('Kodi/') === true ? handler : status(403))(request, response);
    await using origin = await startFakeOrigin({
      '/film.m3u8': forKodiOnly(playlist(mediaPlaylist(['1.ts', '2.ts', '3.ts'], { isComplete: true }))),
      ...Object.fromEntries(
        [1, 2, 3].map((number) => [
          `/${number}.ts`,
          forKodiOnly(body(sampleSegment(number), { 'Content-Type': 'video/mp2t' })),
        ]),
      ),
    });
    await using relay = await startHeadless({ list: m3uOf([{ id: 'film', url: `${origin.url}/film.m3u8` }]) });
    await using window = await openRelayWindow(relay);
    const { page, ask } = window;
    expect((await fetch(relay.channelUrl('ch_film'))).status).toBe(502);
    await window.go('channels/ch_film');
    const panel = page.getByRole('complementary', { name: 'film' });
    await panel.getByRole('button', { name: 'Check' }).click();
    await panel.getByText("403 with this User-Agent, plays with Kodi's.").waitFor();
    await rowNamed(page, 'film').locator('.status-dot--bad').waitFor();
    await panel.getByRole('button', { name: 'Use the headers it plays with: User-Agent' }).click();
    await panel.locator('.diagnosis .status-dot--good').waitFor();
    await rowNamed(page, 'film').locator('.status-dot--good').waitFor();
    expect((await ask('channels.get', { id: 'ch_film' })).sources[0]?.headers['User-Agent']).toMatch(/^Kodi\//);
    expect((await fetch(relay.channelUrl('ch_film'))).status).toBe(200);
    await panel.getByRole('tab', { name: 'Source' }).click();
    await expect
      .poll(() => panel.getByRole('textbox', { name: 'Request headers' }).inputValue())
      .toMatch(/^User-Agent: Kodi\//);
    expect(window.complaints).toEqual([]);
  },
);
