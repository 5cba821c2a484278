import { expect, test } from 'vitest';
import { body, playlist, startFakeOrigin, status, type FakeHandler } from '../../support/fake-origin.ts';
import { fingerprintOf, get } from '../../support/http-client.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

const RELOAD_MS = 2_000;
const KEY = '0123456789abcdef';

/** A window of three segments that moves on by one with every request, each with its own key and one map. */
function sliding(): FakeHandler {
  let first = -1;
  return (request, response) => {
    first += 1;
    const uris = [first, first + 1, first + 2].map((sequence) => `${sequence}.m4s`);
    const tags = [`#EXT-X-MAP:URI="init.mp4"`, `#EXT-X-KEY:METHOD=AES-128,URI="${first}.key"`];
    return playlist(mediaPlaylist(uris, { sequence: first, tags }))(request, response);
  };
}

/** Everything a sliding playlist may name. */
const content: FakeHandler = (request, response) => {
  const sequence = Number(/(\d+)\.m4s/.exec(request.path)?.[1] ?? 1000);
  return body(request.path.endsWith('.key') ? KEY : sampleSegment(sequence))(request, response);
};

test('a segment that a reload shows is fetched once, with its map and key, before any TV asks; the TV has it at once', async () => {
  await using origin = await startFakeOrigin(content);
  origin.route('/live.m3u8', sliding());
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  await relay.links('ch_one');
  relay.advanceClock(RELOAD_MS);
  const links = await relay.links('ch_one');
  await expect.poll(() => origin.requestsTo('/3.m4s')).toHaveLength(1);
  await expect.poll(() => origin.requestsTo('/init.mp4')).toHaveLength(1);
  await expect.poll(() => origin.requestsTo('/1.key')).toHaveLength(1);
  expect(['/0.m4s', '/1.m4s', '/2.m4s'].map((path) => origin.requestsTo(path).length)).toEqual([0, 0, 0]);

  const newest = await get(links.at(-1) ?? '');
  expect(newest.fingerprint).toBe(fingerprintOf(sampleSegment(3)));
  expect(newest.headers['x-cache']).not.toBe('miss');
  expect(origin.requestsTo('/3.m4s')).toHaveLength(1);
});

test('nothing is fetched ahead when the settings say so, or for a playlist that nobody reloads', async () => {
  await using origin = await startFakeOrigin(content);
  origin.route('/1.m3u8', sliding());
  origin.route('/2.m3u8', sliding());
  await using without = await startTestApp({
    channels: { one: `${origin.url}/1.m3u8` },
    settings: { prefetch: false },
  });
  await using relay = await startTestApp({ channels: { two: `${origin.url}/2.m3u8` } });

  await without.links('ch_one');
  without.advanceClock(RELOAD_MS);
  await without.links('ch_one');
  await relay.links('ch_two');
  relay.advanceClock(RELOAD_MS);
  await without.links('ch_one');
  expect(origin.requests.filter(({ path }) => !path.endsWith('.m3u8'))).toEqual([]);
});

test('fetching ahead that fails bothers nobody: the TV that asks gets its own answer', async () => {
  await using origin = await startFakeOrigin(content);
  origin.route('/live.m3u8', sliding());
  origin.route('/3.m4s', status(404));
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  await relay.links('ch_one');
  relay.advanceClock(RELOAD_MS);
  const links = await relay.links('ch_one');
  await expect.poll(() => origin.requestsTo('/3.m4s')).toHaveLength(1);
  expect((await get(links.at(-1) ?? '')).status).toBe(404);
  origin.route('/3.m4s', content);
  expect((await get(links.at(-1) ?? '')).fingerprint).toBe(fingerprintOf(sampleSegment(3)));
  expect((await get(relay.channelUrl('ch_one'))).status).toBe(200);
});

test('what was fetched ahead in ranges is what TVs ask for in ranges', async () => {
  const file = Buffer.concat([1, 2, 3].map((sequence) => sampleSegment(sequence)));
  const length = file.length / 3;
  let shown = 1;
  await using origin = await startFakeOrigin({
    '/live.m3u8': (request, response) => {
      shown += 1;
      const lines = Array.from(
        { length: shown },
        (_, index) => `#EXT-X-BYTERANGE:${length}@${index * length}\n#EXTINF:2,\nfile.ts\n`,
      );
      return playlist(`#EXTM3U\n#EXT-X-TARGETDURATION:2\n${lines.join('')}`)(request, response);
    },
    '/file.ts': (request, response) => {
      const [, from = 0, to = 0] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      response.writeHead(206, { 'Content-Range': `bytes ${from}-${to}/${file.length}` });
      response.end(file.subarray(Number(from), Number(to) + 1));
    },
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  await relay.links('ch_one');
  relay.advanceClock(RELOAD_MS);
  const links = await relay.links('ch_one');
  await expect.poll(() => origin.requestsTo('/file.ts')).toHaveLength(1);
  const answer = await get(links.at(-1) ?? '', { headers: { Range: `bytes=${2 * length}-${3 * length - 1}` } });
  expect([answer.status, answer.fingerprint]).toEqual([206, fingerprintOf(sampleSegment(3))]);
  expect(origin.requestsTo('/file.ts')).toHaveLength(1);
});
