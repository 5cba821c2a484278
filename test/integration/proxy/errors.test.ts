import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import {
  body,
  compressed,
  hangUp,
  inTurn,
  playlist,
  redirect,
  silence,
  startFakeOrigin,
  status,
  type FakeHandler,
} from '../../support/fake-origin.ts';
import { get, type Answer } from '../../support/http-client.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

const SECRET = 'pa55word';

/** What a TV gets when its channel's origin answers so. The address of the source holds a secret. */
async function answerTo(handler: (relay: () => TestApp) => FakeHandler): Promise<{ answer: Answer; requests: number }> {
  const started: TestApp[] = [];
  await using origin = await startFakeOrigin((request, response) =>
    handler(() => {
      const [relay] = started;
      if (relay === undefined) throw new Error('not started');
      return relay;
    })(request, response),
  );
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live/user/${SECRET}/1.m3u8?token=${SECRET}` },
  });
  started.push(relay);
  const answer = await get(relay.channelUrl('ch_one'));
  return { answer, requests: origin.requests.length };
}

/** One sentence and a code, and nothing of the provider's address. */
function expectError({ headers, text }: Answer, code: string): void {
  expect(text).toMatch(new RegExp(`^[^\\n]+\\n${code}\\n$`));
  expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['access-control-allow-origin']).toBe('*');
  expect(text).not.toMatch(/127\.0\.0\.1|http:|pa55word|\/live\//);
}

/** A body that never ends, as long as somebody takes it. */
function endless(start: string, chunk: Buffer, onTaken: (bytes: number) => void = () => undefined): FakeHandler {
  function* bytes(): Generator<Buffer> {
    yield Buffer.from(start);
    for (;;) {
      onTaken(chunk.length);
      yield chunk;
    }
  }
  return async (_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/vnd.apple.mpegurl' });
    await pipeline(Readable.from(bytes()), response).catch(() => undefined);
  };
}

const LOGIN = `<!doctype html><title>Please log in</title><a href="http://127.0.0.1/live/user/${SECRET}">here</a>`;

test.each<[what: string, FakeHandler, sentence: RegExp]>([
  ['a web page', body(LOGIN, { 'Content-Type': 'text/html' }), /web page \("Please log in"\).*status 200, text\/html/],
  ['an empty body', body(''), /an empty body/],
  ['nothing but a redirect to an empty page', inTurn(redirect('/x'), body('\n')), /nothing but blanks/],
  ['binary data', body(Buffer.from([1, 0, 2, 0, 3])), /binary data/],
  ['a playlist with binary data in it', body('#EXTM3U\n#EXTINF:1,\n\0.ts\n'), /damaged playlist/],
  [
    'a whole transport stream',
    body(sampleSegment(1), { 'Content-Type': 'video/mp2t' }),
    /raw MPEG-TS stream.*video\/mp2t/,
  ],
  ['words', body(`Account expired: http://x/${SECRET}`), /text \("Account expired: <url>"\)/],
  [
    'JSON',
    body(JSON.stringify({ message: 'max connections', url: `http://x/${SECRET}` })),
    /JSON \("max connections"\)/,
  ],
  ['a tag that is not on the first line', body('\n#EXTM3U\n#EXTINF:1,\nx.ts\n'), /instead of a playlist/],
])('%s instead of a playlist is 502 BAD_PLAYLIST and a sentence that says so', async (_what, handler, sentence) => {
  const { answer } = await answerTo(() => handler);
  expect(answer.status).toBe(502);
  expectError(answer, 'BAD_PLAYLIST');
  expect(answer.text).toMatch(sentence);
});

test('a raw stream without end instead of a playlist is noticed at its first bytes', async () => {
  let takenBytes = 0;
  const { answer } = await answerTo(() => endless('', sampleSegment(1, 400), (bytes) => (takenBytes += bytes)));
  expect(answer.status).toBe(502);
  expectError(answer, 'BAD_PLAYLIST');
  expect(answer.text).toContain('a raw MPEG-TS stream');
  expect(takenBytes).toBeLessThan(8 * 1024 * 1024);
});

test.each<[string, FakeHandler]>([
  ['that does not end', endless('#EXTM3U\n', Buffer.from('#EXTINF:1,\nx.ts\n'.repeat(4096)))],
  ['of more than 8 MiB', body(`#EXTM3U\n${'#EXTINF:1,\nx.ts\n'.repeat(600_000)}`)],
  [
    'that only decoding makes larger than 8 MiB',
    compressed('gzip', `#EXTM3U\n${'#EXTINF:1,\nx.ts\n'.repeat(600_000)}`),
  ],
])('a playlist %s is cut off: 502 BAD_PLAYLIST', async (_what, handler) => {
  const { answer, requests } = await answerTo(() => handler);
  expect(answer.status).toBe(502);
  expectError(answer, 'BAD_PLAYLIST');
  expect(answer.text).toContain('8 MiB');
  expect(requests).toBe(1);
});

test.each([
  [404, 404, 'ORIGIN_NOT_FOUND'],
  [400, 502, 'ORIGIN_STATUS'],
  [401, 502, 'ORIGIN_STATUS'],
  [403, 502, 'ORIGIN_STATUS'],
  [410, 502, 'ORIGIN_STATUS'],
  [451, 502, 'ORIGIN_STATUS'],
])('an origin that answers %i is asked once, and the TV gets %i', async (originStatus, tvStatus, code) => {
  const { answer, requests } = await answerTo(() => status(originStatus, LOGIN));
  expect(answer.status).toBe(tvStatus);
  expectError(answer, code);
  expect(answer.text).toContain(String(originStatus));
  expect(requests).toBe(1);
});

test.each([500, 502, 503])('an origin that goes on answering %i is 502 in the end', async (originStatus) => {
  const { answer, requests } = await answerTo((relay) => (request, response) => {
    relay().advanceClock(4_000);
    return status(originStatus, LOGIN)(request, response);
  });
  expect(answer.status).toBe(502);
  expectError(answer, 'ORIGIN_STATUS');
  expect(requests).toBe(3);
});

test('redirects in a circle are followed ten times, then 502', async () => {
  const { answer, requests } = await answerTo(() => redirect('/again'));
  expect(answer.status).toBe(502);
  expectError(answer, 'ORIGIN_REDIRECTS');
  expect(requests).toBe(11);
});

test('a redirect to something that is no web address is 502', async () => {
  const { answer } = await answerTo(() => redirect('file:///etc/passwd'));
  expect(answer.status).toBe(502);
  expectError(answer, 'ORIGIN_REDIRECTS');
});

test('an answer that says it is compressed but is not is 502', async () => {
  const { answer } = await answerTo(() => playlist(mediaPlaylist(['x.ts']), { 'Content-Encoding': 'gzip' }));
  expect(answer.status).toBe(502);
  expectError(answer, 'ORIGIN_INCONSISTENT');
});

test('an origin that hangs up every time, or is not there, is 502 with a sentence', async () => {
  const { answer } = await answerTo((relay) => (request, response) => {
    relay().advanceClock(4_000);
    return hangUp()(request, response);
  });
  expect(answer.status).toBe(502);
  expectError(answer, 'ORIGIN_UNREACHABLE');
});

test('an origin that falls silent is 504, once the last good playlist is too old', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': inTurn(playlist(mediaPlaylist(['x.ts'], { targetSeconds: 1 })), silence()),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  await relay.links('ch_one');
  relay.advanceClock(1_100);
  await relay.links('ch_one');
  relay.advanceClock(1_100);

  const answer = await get(relay.channelUrl('ch_one'));
  expect(answer.status).toBe(504);
  expectError(answer, 'ORIGIN_TIMEOUT');
});

test('a segment that the origin does not have is 404, and one it refuses is 502; each is asked for once', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['gone.ts', 'forbidden.ts', 'teapot.ts'])),
    '/forbidden.ts': status(403, LOGIN),
    '/teapot.ts': status(418, LOGIN),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });

  const answers = await Promise.all((await relay.links('ch_one')).map((link) => get(link)));
  expect(answers.map((answer) => answer.status)).toEqual([404, 502, 502]);
  answers.forEach((answer, index) => expectError(answer, index === 0 ? 'ORIGIN_NOT_FOUND' : 'ORIGIN_STATUS'));
  for (const path of ['/gone.ts', '/forbidden.ts', '/teapot.ts']) expect(origin.requestsTo(path)).toHaveLength(1);
});

test('a channel that does not exist is 404, as is everything outside the address space', async () => {
  await using relay = await startTestApp({});
  for (const [path, code] of [
    ['/proxy/ch_none/stream.m3u8', 'UNKNOWN_CHANNEL'],
    ['/proxy/ch_none/x.ts', 'UNKNOWN_RESOURCE'],
    ['/proxy/', 'UNKNOWN_RESOURCE'],
    ['/favicon.ico', 'UNKNOWN_RESOURCE'],
  ] as const) {
    const answer = await get(relay.url + path);
    expect([path, answer.status]).toEqual([path, 404]);
    expectError(answer, code);
  }
});
