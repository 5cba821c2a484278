import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startFakeOrigin, playlist } from '../../support/fake-origin.ts';
import { get } from '../../support/http-client.ts';
import { mediaPlaylist } from '../../support/small-stream.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';
import { startTestApp } from '../../support/test-app.ts';

/** The connections of an attacker. Disposing of them closes them. */
class Crowd implements Disposable {
  readonly sockets: Socket[] = [];
  broken = 0;

  /** Opens more, a few hundred at a time, from one address. */
  async open(port: number, count: number, localAddress: string, first = ''): Promise<void> {
    for (let opened = 0; opened < count; opened += 250) {
      await Promise.all(
        Array.from({ length: Math.min(250, count - opened) }, async () => {
          const socket = connect({ host: '127.0.0.1', port, localAddress });
          this.sockets.push(socket);
          socket.on('error', () => undefined);
          socket.once('close', () => (this.broken += 1));
          await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
          if (first !== '') socket.write(first);
          socket.resume();
        }),
      );
    }
  }

  [Symbol.dispose](): void {
    for (const socket of this.sockets) socket.destroy();
  }
}

test(
  'idle connections by the thousand push out one another, those that drip are cut off after ten seconds, and no TV waits',
  { timeout: 120_000 },
  async () => {
    await using siege = await startSiege();
    const before = await siege.memoryMiB();
    using idle = new Crowd();
    using dripping = new Crowd();

    const disturbance = await siege.during(async () => {
      await idle.open(siege.port, 12_000, '127.0.0.66');
      const full = await siege.memoryMiB();
      await dripping.open(siege.port, 400, '127.0.0.67', 'GET /tv HTTP/1.1\r\nHost: x\r\n');
      await dripping.open(siege.port, 400, '127.0.0.68', 'GET /tv HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n');
      expect(idle.broken).toBeGreaterThanOrEqual(800);
      expect((await get(`${siege.relay.relay}/health`)).status).toBe(200);
      expect(full - before).toBeLessThan(400);
      const drip = setInterval(() => dripping.sockets.forEach((socket) => socket.writable && socket.write('X')), 500);
      try {
        await expect.poll(() => dripping.broken, { timeout: 30_000, interval: 250 }).toBe(800);
      } finally {
        clearInterval(drip);
      }
    }, 12);

    expect(disturbance).toEqual(UNDISTURBED);
    expect(await siege.bugs()).toEqual([]);
  },
);

test('who may not connect has nothing fetched for it, and is counted as no viewer', async () => {
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
