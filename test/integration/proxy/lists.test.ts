import { rename, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { body, playlist, startFakeOrigin, status } from '../../support/fake-origin.ts';
import { m3uOf } from '../../support/headless.ts';
import { exchangeRaw, fingerprintOf, get } from '../../support/http-client.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);
const PATIENCE = { timeout: 10_000 };

test('the list out names every channel of the list in, with its attributes, at the address the TV asked', async () => {
  await using relay = await startTestApp({
    list: [
      '\uFEFF#EXTM3U x-tvg-url="http://guide.example/epg.xml"',
      `#EXTINF:-1 tvg-id="news.de" tvg-chno="7" tvg-logo="http://logos.example/n.png" group-title="News, Talk" tvg-name="N",News "24"`,
      'http://provider.example/live/user/pa55word/1.m3u8?token=t0ken',
      `#EXTINF:-1 group-title='Kino' catchup="default" catchup-source="http://provider.example/c/pa55word/1?utc={utc}&token=t0ken",中文台`,
      'http://provider.example/live/user/pa55word/2.m3u8|User-Agent=secret-agent',
      '',
    ].join('\r\n'),
  });

  for (const path of ['/playlist.m3u', '/tv']) {
    const { status: code, headers, text } = await get(relay.url + path, { headers: { Host: 'hearth.local:8080' } });
    expect([code, headers['content-type']]).toEqual([200, 'audio/x-mpegurl; charset=utf-8']);
    const lines = text.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^#EXTM3U/);
    expect(lines[1]).toBe(
      `#EXTINF:-1 tvg-id="news.de" tvg-chno="7" tvg-logo="http://logos.example/n.png" group-title="News, Talk" tvg-name="N",News "24"`,
    );
    expect(lines[2]).toBe('http://hearth.local:8080/proxy/ch_news.de/stream.m3u8');
    expect(lines[3]).toMatch(/^#EXTINF:-1 .*group-title="Kino".*,中文台$/);
    expect(lines[4]).toMatch(/^http:\/\/hearth\.local:8080\/proxy\/ch_[a-z0-9._-]+\/stream\.m3u8$/);
    expect(lines).toHaveLength(5);
    expect(text).not.toMatch(/pa55word|t0ken|secret-agent|provider\.example/);
  }
});

test('each TV gets the address that it used itself, however many ask at once', async () => {
  await using relay = await startTestApp({ channels: { one: 'http://provider.example/1.m3u8' } });
  const hosts = ['192.168.1.20:8787', 'nas', 'hearth.local', '[fe80::1]:8787', 'relay.home.arpa:80'];
  const answers = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const host = hosts[index % hosts.length] ?? '';
      const { text } = await get(`${relay.url}/playlist.m3u`, { headers: { Host: host } });
      return text.includes(`\nhttp://${host}/proxy/ch_one/stream.m3u8\n`) && text.match(/http:/g)?.length === 1;
    }),
  );
  expect(new Set(answers)).toEqual(new Set([true]));
});

test.each([
  'evil.example/path',
  'evil.example" x="',
  'a b',
  'user@host',
  'host:99999999',
  '<script>',
  '',
  '[::1',
  'evil.example#',
])('a Host header like %j, which no host is called, is 400', async (host) => {
  await using relay = await startTestApp({ channels: { one: 'http://provider.example/1.m3u8' } });
  for (const path of ['/playlist.m3u', '/']) {
    const raw = await exchangeRaw(relay.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(raw).toMatch(/^HTTP\/1\.1 400 /);
    expect(raw.toLowerCase()).not.toContain('evil');
  }
  expect((await get(`${relay.url}/tv`)).text).toContain(`${relay.url}/proxy/ch_one/`);
});

test('a channel that is added while the relay runs plays at once, and the others keep their ids and go on', async () => {
  await using origin = await startFakeOrigin({
    '/1.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/2.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/1.m3u8` } });
  const [link = ''] = await relay.links('ch_one');
  expect((await get(relay.channelUrl('ch_two'))).status).toBe(404);

  await writeFile(
    relay.listFile,
    m3uOf([
      { id: 'two', url: `${origin.url}/2.m3u8` },
      { id: 'one', url: `${origin.url}/1.m3u8` },
    ]),
  );
  await expect.poll(async () => (await get(relay.channelUrl('ch_two'))).status, PATIENCE).toBe(200);
  expect((await get(link)).fingerprint).toBe(fingerprintOf(SEGMENT));
  expect(origin.requestsTo('/1.m3u8')).toHaveLength(1);
  const ids = (await get(`${relay.url}/tv`)).text.match(/ch_\w+/g);
  expect(ids).toEqual(['ch_two', 'ch_one']);
});

test('a channel whose address changes in the list plays from the new one, under its old id', async () => {
  await using origin = await startFakeOrigin({
    '/old.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/new.m3u8': playlist(mediaPlaylist(['y.ts'])),
    '/y.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/old.m3u8` } });
  await relay.links('ch_one');

  const draft = `${relay.listFile}.new`;
  await writeFile(draft, m3uOf([{ id: 'one', url: `${origin.url}/new.m3u8` }]));
  await rename(draft, relay.listFile);
  await expect
    .poll(async () => new URL((await relay.links('ch_one'))[0] ?? '').pathname, PATIENCE)
    .toBe('/proxy/ch_one/y.ts');
  const [link = ''] = await relay.links('ch_one');
  expect((await get(link)).fingerprint).toBe(fingerprintOf(SEGMENT));
});

test('a channel that leaves the list is gone, and a list that breaks changes nothing', async () => {
  await using origin = await startFakeOrigin({ '/1.m3u8': playlist(mediaPlaylist(['x.ts'])) });
  const one = { id: 'one', url: `${origin.url}/1.m3u8` };
  await using relay = await startTestApp({ channels: { one: one.url, two: `${origin.url}/2.m3u8` } });
  await writeFile(relay.listFile, m3uOf([one]));
  await expect.poll(async () => (await get(`${relay.url}/tv`)).text.match(/ch_\w+/g), PATIENCE).toEqual(['ch_one']);
  expect((await get(relay.channelUrl('ch_two'))).text).toMatch(/\nUNKNOWN_CHANNEL\n$/);

  await writeFile(relay.listFile, '<!doctype html><title>502 Bad Gateway</title>');
  await expect.poll(() => relay.log.some(({ msg }) => /was not taken over/.test(msg)), PATIENCE).toBe(true);
  expect((await get(relay.channelUrl('ch_one'))).status).toBe(200);
});

test('the 1,001st channel plays, and the last of 3,000', async () => {
  await using origin = await startFakeOrigin((request, response) =>
    (/^\/\d+\.m3u8$/.test(request.path) ? playlist(mediaPlaylist([`${request.path.slice(1, -5)}.ts`])) : status(404))(
      request,
      response,
    ),
  );
  const channels = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`c${index + 1}`, `${origin.url}/${index + 1}.m3u8`]),
  );
  await using relay = await startTestApp({ channels });

  for (const number of [1001, 3000]) {
    const [link = ''] = await relay.links(`ch_c${number}`);
    expect(new URL(link).pathname).toBe(`/proxy/ch_c${number}/${number}.ts`);
  }
  expect((await get(`${relay.url}/tv`)).text.match(/\/stream\.m3u8\n/g)).toHaveLength(3000);
});

test('lines of a list that are broken are skipped, and the rest plays', async () => {
  await using origin = await startFakeOrigin({ '/1.m3u8': playlist(mediaPlaylist(['x.ts'])) });
  await using relay = await startTestApp({
    list: `#EXTM3U\n#EXTINF:-1,Broken\nnot an address\n#EXTINF:-1,Udp\nudp://239.0.0.1:1234\n#EXTINF:-1,Good\n${origin.url}/1.m3u8\n`,
  });
  expect(await relay.links('ch_good')).toHaveLength(1);
  expect((await get(`${relay.url}/tv`)).text.match(/#EXTINF/g)).toHaveLength(1);
  expect(relay.log.some(({ msg }) => msg.includes('2 lines that were skipped') && msg.includes('line 3'))).toBe(true);
});

test('a TXT list plays as well, with its groups and second addresses', async () => {
  await using origin = await startFakeOrigin({
    '/a.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/c.m3u8': playlist(mediaPlaylist(['y.ts'])),
  });
  await using relay = await startTestApp({
    list: `News,#genre#\nFirst,${origin.url}/a.m3u8\nSecond,${origin.url}/gone.m3u8#${origin.url}/c.m3u8\n`,
  });
  expect(await relay.links('ch_first')).toHaveLength(1);
  expect((await relay.links('ch_second')).map((link) => new URL(link).pathname)).toEqual(['/proxy/ch_second/y.ts']);
  expect((await get(`${relay.url}/tv`)).text).toContain('group-title="News",First');
});

test('the page at the bare address tells the address of the list, as the phone that asks can reach it', async () => {
  await using relay = await startTestApp({ channels: { one: 'http://provider.example/1.m3u8' } });
  const { headers, text } = await get(relay.url, { headers: { Host: '192.168.1.20:8787' } });
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(text).toContain('http://192.168.1.20:8787/tv');
  expect(text).toContain('1 channel is');
  expect(text).not.toMatch(/<script|src=|provider\.example/);
});
