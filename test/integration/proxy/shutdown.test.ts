import { once } from 'node:events';
import { Agent } from 'node:http';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { body, paced, playlist, silence, startFakeOrigin } from '../../support/fake-origin.ts';
import { fingerprintOf, get, open } from '../../support/http-client.ts';
import { mediaPlaylist, sampleSegment } from '../../support/small-stream.ts';
import { startTestApp } from '../../support/test-app.ts';

const SEGMENT = sampleSegment(1);
const DRAIN_MS = 2_000;
const DEADLINE_MS = 5_000;

async function timed(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

test('an answer that is running is finished, new connections are refused, and the port is free again', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': paced(SEGMENT, 600),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');

  const running = get(link);
  await expect.poll(() => origin.requestsTo('/x.ts')).toHaveLength(1);
  const stopping = relay.stop();
  await expect(get(`${relay.url}/tv`)).rejects.toThrow(/ECONNREFUSED/);
  expect((await running).fingerprint).toBe(fingerprintOf(SEGMENT));
  await stopping;

  const successor = createServer().listen({ host: '127.0.0.1', port: relay.port });
  await once(successor, 'listening');
  successor.close();
});

test('a TV that keeps its connection without using it does not hold up the end, nor does one whose answer is finished meanwhile', async () => {
  await using origin = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts'])),
    '/x.ts': paced(SEGMENT, 300),
  });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const agent = new Agent({ keepAlive: true });
  try {
    const [link = ''] = await relay.links('ch_one');
    await get(`${relay.url}/tv`, { agent });
    const running = get(link, { agent: new Agent({ keepAlive: true }) });
    await expect.poll(() => origin.requestsTo('/x.ts')).toHaveLength(1);
    const took = await timed(relay.stop());
    expect((await running).fingerprint).toBe(fingerprintOf(SEGMENT));
    expect(took).toBeLessThan(DRAIN_MS - 200);
  } finally {
    agent.destroy();
  }
});

test('a TV that takes nothing of its answer is cut off, and the end comes within its deadline', async () => {
  const large = sampleSegment(1, 200_000);
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'])), '/x.ts': body(large) });
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const [link = ''] = await relay.links('ch_one');
  const stuck = await open(link);
  stuck.on('error', () => undefined);
  expect(await timed(relay.stop())).toBeLessThan(DEADLINE_MS);
});

test('a TV that waits for a silent origin is let go, and the end comes within its deadline', async () => {
  await using origin = await startFakeOrigin(silence());
  await using relay = await startTestApp({ channels: { one: `${origin.url}/live.m3u8` } });
  const waiting = get(relay.channelUrl('ch_one')).then(
    ({ status }) => status,
    () => 'broken',
  );
  await expect.poll(() => origin.requests).toHaveLength(1);
  expect(await timed(relay.stop())).toBeLessThan(DEADLINE_MS);
  expect(await waiting).toBe('broken');
});

test('stopping twice is stopping once, and what was started can be started again from the same folder', async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'])) });
  const channels = { one: `${origin.url}/live.m3u8` };
  await using relay = await startTestApp({ channels });
  await Promise.all([relay.stop(), relay.stop()]);
  await relay.stop();
  await using next = await startTestApp({ channels, dataFolder: relay.dataFolder });
  expect(await next.links('ch_one')).toHaveLength(1);
});

test('an app whose port is taken does not start, says which, and leaves nothing behind', async () => {
  await using relay = await startTestApp({});
  await expect(startTestApp({ settings: { port: relay.port } })).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(String(relay.port)),
  });
  expect((await get(`${relay.url}/health`)).status).toBe(200);
});
