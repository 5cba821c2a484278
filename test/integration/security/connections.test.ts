import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startCrowd } from '../../support/crowd.ts';
import { startFakeOrigin, playlist } from '../../support/fake-origin.ts';
import { get } from '../../support/http-client.ts';
import { mediaPlaylist } from '../../support/small-stream.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';
import { startTestApp } from '../../support/test-app.ts';
import { needs } from '../../support/requirements.ts';

test(
  'idle connections by the thousand push out one another, those that drip are cut off after ten seconds, and no TV waits',
  { ...needs('Linux'), timeout: 120_000 },
  async () => {
    await using siege = await startSiege();
    const before = await siege.memoryMiB();
    await using idle = startCrowd(siege.port);
    await using dripping = startCrowd(siege.port);

    const disturbance = await siege.during(async () => {
      await idle.open(12_000, '127.0.0.66');
      const full = await siege.memoryMiB();
      await dripping.open(400, '127.0.0.67', 'GET /tv HTTP/1.1\r\nHost: x\r\n');
      await dripping.open(400, '127.0.0.68', 'GET /tv HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n');
      const pushedOut = async (): Promise<number> => (await idle.state()).closed;
      await expect.poll(pushedOut, { timeout: 8_000, interval: 250 }).toBeGreaterThanOrEqual(800);
      expect((await get(`${siege.relay.relay}/health`)).status).toBe(200);
      expect(full - before).toBeLessThan(400);
      await dripping.drip('X', 500);
      const cutOff = async (): Promise<number> => (await dripping.state()).closed;
      await expect.poll(cutOff, { timeout: 30_000, interval: 250 }).toBe(800);
    }, 12);

    expect(disturbance).toEqual(UNDISTURBED);
    expect(await siege.bugs()).toEqual([]);
  },
);

test(
  'connections by the thousand that ask and take no answer push out one another, and no TV waits',
  { ...needs('Linux'), timeout: 120_000 },
  async () => {
    await using silent = await startFakeOrigin({ '/never.m3u8': () => undefined });
    await using siege = await startSiege({ channels: { never: `${silent.url}/never.m3u8` } });
    await using asking = startCrowd(siege.port);

    const disturbance = await siege.during(async () => {
      const request = 'GET /proxy/ch_never/stream.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n';
      await asking.open(13_000, '127.0.0.66', request);
      const pushedOut = async (): Promise<number> => (await asking.state()).closed;
      await expect.poll(pushedOut, { timeout: 30_000, interval: 250 }).toBeGreaterThanOrEqual(1_000);
      expect((await get(`${siege.relay.relay}/health`)).status).toBe(200);
    }, 6);

    expect(silent.requests.length).toBeLessThan(10);
    expect(disturbance).toEqual(UNDISTURBED);
    expect(await siege.bugs()).toEqual([]);
  },
);

test('who may not connect has nothing fetched for it, and is counted as no viewer', needs('Linux'), async () => {
  await using origin = await startFakeOrigin({ '/live.m3u8': playlist(mediaPlaylist(['x.ts'])) });
  await using relay = await startTestApp({
    channels: { one: `${origin.url}/live.m3u8` },
    settings: { deny: ['127.0.0.66/32'] },
  });
  const spoofed = [
    'X-Forwarded-For: 127.0.0.1',
    'X-Real-IP: 127.0.0.1',
    'Forwarded: for=127.0.0.1',
    'Client-IP: 127.0.0.1',
  ];
  for (const header of ['X-A: 1', ...spoofed]) {
    const socket = connect({ host: '127.0.0.1', port: relay.port, localAddress: '127.0.0.66' });
    socket.on('error', () => undefined);
    socket.write(`GET /proxy/ch_one/stream.m3u8 HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
    socket.write('GET /proxy/ch_one/stream.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n');
    await Promise.race([once(socket, 'close'), sleep(1_000)]);
    socket.destroy();
  }
  expect(origin.requests).toEqual([]);
  expect(relay.app.state().viewers).toEqual([]);
  expect(relay.app.state().refusedClients).toBe(1);
  expect((await get(relay.channelUrl('ch_one'))).status).toBe(200);
});
