import { expect, test } from 'vitest';
import { createSealer, type Resource } from '../../../main/proxy/sealed-url.ts';
import { loadSettings } from '../../../main/settings-file.ts';
import { startControlledRelay } from '../../support/control-relay.ts';
import { body, playlist, redirect, startFakeOrigin } from '../../support/fake-origin.ts';
import { fingerprintOf, get } from '../../support/http-client.ts';
import { linksIn, mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);

/** The link that a playlist of this channel would hold if it named this URL. */
async function linkTo(relay: TestApp, channelId: string, kind: Resource['kind'], url: string): Promise<string> {
  const { settings } = await loadSettings(relay.dataFolder);
  const sealer = createSealer(Buffer.from(settings.sealingKey, 'base64url'));
  const rest = { source: 0, keyedByQuery: false, ranged: false, durationSeconds: undefined, variables: new Map() };
  return `${relay.url}/proxy/${channelId}/name.ts?k=${sealer.seal(channelId, { kind, url, ...rest })}`;
}

test('a channel of the internet is not led into this machine, by whatever name and for whatever kind of thing', async () => {
  await using inside = await startFakeOrigin({ '/secret': body('the secret') });
  await using relay = await startTestApp({
    channels: { public: 'http://203.0.113.9/live.m3u8', lan: 'http://192.168.250.250/live.m3u8' },
  });

  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1', '127.0.0.1.']) {
    for (const kind of ['segment', 'key', 'data', 'playlist'] as const) {
      const answer = await get(await linkTo(relay, 'ch_public', kind, `http://${host}:${inside.port}/secret`));
      expect([host, kind, answer.status, answer.text.split('\n')[1]]).toEqual([host, kind, 502, 'ORIGIN_ADDRESS']);
    }
  }
  const fromLan = await get(await linkTo(relay, 'ch_lan', 'segment', `http://127.0.0.1:${inside.port}/secret`));
  expect(fromLan.text).toMatch(/\nORIGIN_ADDRESS\n$/);
  expect([inside.requests.length, inside.openConnections()]).toEqual([0, 0]);
});

test('a channel of this machine may use it, but no channel reaches metadata services or addresses that are none', async () => {
  const forbidden = [
    'http://169.254.169.254/latest',
    'http://[fd00:ec2::254]/latest',
    'http://0.0.0.0:1/x.ts',
    'http://224.0.0.1/x.ts',
  ];
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts', ...forbidden, 'hop.ts'])),
    '/x.ts': body(SEGMENT),
    '/hop.ts': redirect('http://169.254.169.254/latest'),
    '/hop.m3u8': redirect('http://169.254.169.254/latest'),
  });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8`, hop: `${origin.url}/hop.m3u8` },
  });

  const [good = '', ...others] = await relay.links('ch_one');
  expect((await get(good)).fingerprint).toBe(fingerprintOf(SEGMENT));
  expect(others).toHaveLength(forbidden.length + 1);
  for (const link of [...others, relay.channelUrl('ch_hop')]) {
    const answer = await get(link);
    expect([answer.status, answer.text]).toEqual([502, expect.stringMatching(/\nORIGIN_ADDRESS\n$/)]);
  }
});

test('what is not for HTTP stays as it is in the playlist', async () => {
  const keys = [
    'skd://asset',
    'data:text/plain;base64,MDEyMw==',
    'urn:uuid:1',
    'file:///etc/passwd',
    'javascript:alert(1)',
  ];
  const tags = keys.map((uri) => `#EXT-X-KEY:METHOD=SAMPLE-AES,URI="${uri}"`);
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'], { tags })) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const { text } = await get(relay.channelUrl('ch_one'));
  expect(text.split('\n').filter((line) => line.startsWith('#EXT-X-KEY'))).toEqual(tags);
});

/* Sealed links */

test('a link works for its own channel only, and only as it was written', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT),
  });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8`, two: `${origin.url}/live.m3u8` },
  });
  const [link = ''] = await relay.links('ch_one');

  const sealedAt = link.indexOf('?k=') + 3;
  const flippedAt = (index: number): string =>
    link.slice(0, index) + (link[index] === 'A' ? 'B' : 'A') + link.slice(index + 1);
  const middle = Math.floor((sealedAt + link.length) / 2);
  const forged = [
    link.replace('/ch_one/', '/ch_two/'),
    ...[sealedAt, sealedAt + 20, middle, link.length - 3].map(flippedAt),
    link.slice(0, -4),
    `${link}AAAA`,
    `${link.slice(0, sealedAt)}${Buffer.from(`${origin.url}/x.ts`).toString('base64url')}`,
    `${link.slice(0, sealedAt)}${origin.url}/x.ts`,
    link.slice(0, sealedAt),
  ];
  for (const url of forged) {
    const answer = await get(url);
    expect([url, answer.status, answer.text.split('\n')[1]]).toEqual([url, 404, 'UNKNOWN_RESOURCE']);
  }
  expect(origin.requestsTo('/x.ts')).toHaveLength(0);
  expect((await get(link)).status).toBe(200);
});

test('a link shows nothing of what it stands for, and is the same at every load', async () => {
  await using origin = await startFakeOrigin({
    '/user/pa55word/live.m3u8': playlist(mediaPlaylist(['x.ts?token=t0ken'])),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/user/pa55word/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  const sealed = Buffer.from(new URL(link).searchParams.get('k') ?? '', 'base64url').toString('latin1');
  for (const secret of ['pa55word', 't0ken', '127.0.0.1', 'http', String(origin.port)]) {
    expect(link.replace(relay.url, '') + sealed).not.toContain(secret);
  }
  relay.advanceClock(60_000);
  expect(await relay.links('ch_one')).toEqual([link]);
  expect(origin.requests).toHaveLength(2);
});

test('a link from before a restart plays at once, without its playlist', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT),
  });
  const channels = { one: `${origin.url}/live.m3u8` };
  await using before = await startTestApp({ channels });
  const [link = ''] = await before.links('ch_one');
  await before.stop();

  await using relay = await startTestApp({ channels, dataFolder: before.dataFolder });
  expect((await get(link.replace(before.url, relay.url))).fingerprint).toBe(fingerprintOf(SEGMENT));
  expect(origin.requestsTo('/live.m3u8')).toHaveLength(1);
});

test('a link of another installation opens nothing here', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'])) });
  const channels = { one: `${origin.url}/live.m3u8` };
  await using other = await startTestApp({ channels });
  await using relay = await startTestApp({ channels });
  const [link = ''] = await other.links('ch_one');
  expect((await get(link.replace(other.url, relay.url))).status).toBe(404);
});

test('a link that is asked for again after its channel was removed opens nothing, not even what is still in the cache', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts', 'y.ts'])),
    '/x.ts': body(SEGMENT),
    '/y.ts': body(SEGMENT),
  });
  await using relay = await startControlledRelay();
  const source = { url: `${origin.url}/live.m3u8`, headers: {} };
  const { id } = await relay.ask('channels.add', { name: 'One', source });
  const channelUrl = `${relay.relayUrl()}/proxy/${id}/stream.m3u8`;
  const [cached = '', fresh = ''] = linksIn((await get(channelUrl)).text, channelUrl);
  expect((await get(cached)).status).toBe(200);
  const asked = origin.requests.length;

  await relay.ask('channels.remove', { selection: { kind: 'ids', ids: [id] } });
  for (const url of [cached, fresh, channelUrl]) {
    const { status, text } = await get(url);
    expect([status, text.trim().split('\n').at(-1)]).toEqual([404, 'UNKNOWN_CHANNEL']);
  }
  // Another channel takes its place, and the link is none of its own.
  const other = await relay.ask('channels.add', { name: 'Other', source });
  expect(other.id).not.toBe(id);
  expect((await get(cached.replace(`/${id}/`, `/${other.id}/`))).status).toBe(404);
  expect(origin.requests).toHaveLength(asked);
});

test('a link from before the key was changed opens nothing', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': body(SEGMENT),
  });
  const channels = { one: `${origin.url}/live.m3u8` };
  await using before = await startTestApp({ channels });
  const [link = ''] = await before.links('ch_one');
  await before.stop();

  const sealingKey = Buffer.alloc(32, 9).toString('base64url');
  await using relay = await startTestApp({ channels, dataFolder: before.dataFolder, settings: { sealingKey } });
  const replayed = await get(link.replace(before.url, relay.url));
  expect([replayed.status, replayed.text.split('\n')[1]]).toEqual([404, 'UNKNOWN_RESOURCE']);
  expect(origin.requestsTo('/x.ts')).toEqual([]);
  const [next = ''] = await relay.links('ch_one');
  expect((await get(next)).fingerprint).toBe(fingerprintOf(SEGMENT));
});
