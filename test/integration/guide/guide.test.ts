import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { body, startFakeOrigin, status, type FakeOrigin } from '../../support/fake-origin.ts';
import { get } from '../../support/http-client.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const GUIDE = `<tv><channel id="one"><display-name>One</display-name></channel><channel id="other"/>
  <programme start="20261128200000 +0000" channel="one"><title>News</title></programme>
  <programme start="20261128200000 +0000" channel="other"><title>No</title></programme></tv>`;

test('TVs get one guide of the channels they have, at an address of the relay that the list names', async () => {
  await using origin = await startFakeOrigin({ '/xmltv.php': body(gzipSync(GUIDE)) });
  await using relay = await startRelay(origin);
  await relay.app.guide.refresh();

  const list = await get(`${relay.url}/tv`);
  expect(list.text).toContain(`#EXTM3U x-tvg-url="${relay.url}/guide.xml" url-tvg="${relay.url}/guide.xml"\n`);
  expect(list.text).not.toContain('secret');
  const guide = await get(`${relay.url}/guide.xml`);
  expect(guide.headers['content-type']).toBe('application/xml; charset=utf-8');
  expect(guide.headers['access-control-allow-origin']).toBe('*');
  expect(guide.text).toContain('<title>News</title>');
  expect(guide.text).not.toContain('other');
  const packed = await get(`${relay.url}/guide.xml.gz`);
  expect(gunzipSync(packed.body).toString()).toBe(guide.text);
  const encoded = await get(`${relay.url}/guide.xml`, { headers: { 'Accept-Encoding': 'gzip' } });
  expect(encoded.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(encoded.body).toString()).toBe(guide.text);
  expect(relay.app.guide.state()).toMatchObject({ sources: 1, channels: 1, programmes: 1, failed: 0 });
});

test('a channel that is turned on is in the guide without asking the provider again', async () => {
  await using origin = await startFakeOrigin({ '/xmltv.php': body(GUIDE) });
  await using relay = await startRelay(origin);
  await relay.app.channelService.save('ch_one', { enabled: false });
  await relay.app.guide.refresh();
  expect((await get(`${relay.url}/guide.xml`)).text).not.toContain('News');
  await relay.app.channelService.save('ch_one', { enabled: true });
  await relay.app.guide.update();
  expect((await get(`${relay.url}/guide.xml`)).text).toContain('News');
  expect(origin.requestsTo('/xmltv.php')).toHaveLength(1);
});

test('a guide that fails leaves the one before, and is asked for again after an hour, not sooner', async () => {
  await using origin = await startFakeOrigin({ '/xmltv.php': body(GUIDE) });
  await using relay = await startRelay(origin);
  await relay.app.guide.refresh();
  origin.route('/xmltv.php', status(503, 'busy'));
  relay.advanceClock(13 * 3_600_000);
  await relay.app.guide.update();
  await relay.app.guide.update();
  expect(origin.requestsTo('/xmltv.php')).toHaveLength(2);
  expect(relay.app.guide.state().failed).toBe(1);
  expect((await get(`${relay.url}/guide.xml`)).text).toContain('News');
  relay.advanceClock(3_600_000);
  origin.route('/xmltv.php', body(GUIDE.replace('News', 'Later')));
  await relay.app.guide.update();
  expect((await get(`${relay.url}/guide.xml`)).text).toContain('Later');
  expect(relay.app.guide.state().failed).toBe(0);
  expect(
    relay.log.filter(({ msg }) => msg.includes('503')).every((line) => !JSON.stringify(line).includes('secret')),
  ).toBe(true);
});

test('without a guide in any list there is none, and the list names none', async () => {
  await using relay = await startTestApp({ channels: { one: 'http://127.0.0.1:9/one.m3u8' } });
  await relay.app.guide.refresh();
  expect((await get(`${relay.url}/guide.xml`)).status).toBe(404);
  expect((await get(`${relay.url}/tv`)).text).toMatch(/^#EXTM3U\n/);
});

test('where an access key is asked for, the guide asks for it too', async () => {
  await using origin = await startFakeOrigin({ '/xmltv.php': body(GUIDE) });
  await using relay = await startRelay(origin, { accessKey: 'sesame' });
  await relay.app.guide.refresh();
  expect((await get(`${relay.url}/guide.xml`)).status).toBe(403);
  const { text } = await get(`${relay.url}/tv?key=sesame`);
  const [, guideUrl = ''] = /x-tvg-url="([^"]+)"/.exec(text) ?? [];
  expect((await get(guideUrl)).status).toBe(200);
});

function startRelay(origin: FakeOrigin, settings = {}): Promise<TestApp> {
  return startTestApp({
    list: `#EXTM3U x-tvg-url="${origin.url}/xmltv.php?username=me&password=secret"\n#EXTINF:-1 tvg-id="one",One\n${origin.url}/one.m3u8\n`,
    settings,
  });
}
