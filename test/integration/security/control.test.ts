import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startCrowd } from '../../support/crowd.ts';
import type { Headless } from '../../support/headless.ts';
import { exchangeRaw, get, open, statusesIn } from '../../support/http-client.ts';
import { controlUrl, createRelayClient } from '../../support/relay-client.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';

/* What strangers on this machine, and those in the network where the port was opened to it, do to the control port. */

const MIB = 1024 * 1024;
const PIECE = Buffer.alloc(64 * 1024, ' ');

/** The window of a relay, which is open all the time, and what a stranger knows of it. */
function controlOf(relay: Headless) {
  const { origin, port, searchParams } = new URL(controlUrl(relay));
  const token = searchParams.get('token') ?? '';
  return {
    ...{ origin, token, port: Number(port) },
    client: createRelayClient(relay),
    /** Counts what the window is told. */
    async listen() {
      const response = await open(`${origin}/api/events`, { headers: { Authorization: `Bearer ${token}` } });
      const heard = { snapshots: 0, isOpen: true };
      response.on('data', (chunk: Buffer) => (heard.snapshots += chunk.toString().split('event: snapshot').length - 1));
      response.once('close', () => (heard.isOpen = false));
      response.on('error', () => undefined);
      return { heard, [Symbol.dispose]: () => void response.destroy() };
    },
  };
}

/** Sends a head and then a body without end; resolves with what is answered once the server hangs up, or the body is over. */
async function pour(port: number, head: string, bytes: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  const answer = buffer(socket).catch(() => Buffer.alloc(0));
  socket.write(head);
  for (let sent = 0; sent < bytes && socket.writable; sent += PIECE.length) {
    if (!socket.write(PIECE)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
  }
  socket.end();
  return (await answer).toString('latin1');
}

function postOf(path: string, headers: readonly string[]): string {
  const type = 'Content-Type: application/json';
  return `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${[type, ...headers].join('\r\n')}\r\n\r\n`;
}

test('a crowd of idle and dripping connections keeps neither the window out nor a TV waiting', async () => {
  await using siege = await startSiege();
  const control = controlOf(siege.relay);
  await using crowd = startCrowd(control.port);
  using window = await control.listen();

  const disturbance = await siege.during(async () => {
    await crowd.open(1_500, '127.0.0.1');
    await crowd.open(500, '127.0.0.1', 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-A: ');
    await crowd.open(500, '127.0.0.1', `${postOf('/api/lists.plan', ['Content-Length: 100000'])}{`);
    await crowd.drip('x', 200);
    const closed = async (): Promise<number> => (await crowd.state()).closed;
    await expect.poll(closed, { timeout: 30_000, interval: 250 }).toBeGreaterThanOrEqual(2_000);
    for (let asked = 0; asked < 20; asked += 1) {
      expect(await control.client.ask('app.snapshot', {})).toMatchObject({ status: 'running' });
    }
    // The last of those that drip are cut off too.
    await expect.poll(closed, { timeout: 30_000, interval: 250 }).toBe(2_500);
  }, 6);

  expect(window.heard.isOpen).toBe(true);
  const { snapshots } = window.heard;
  await expect.poll(() => window.heard.snapshots, { timeout: 10_000 }).toBeGreaterThan(snapshots);
  expect(disturbance).toEqual(UNDISTURBED);
  expect(await siege.bugs()).toEqual([]);
});

test('a flood of wrong tokens is turned away while the right one opens, and no TV waits', async () => {
  await using siege = await startSiege();
  const control = controlOf(siege.relay);
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const statuses = new Set<number>();
  const attempt = async (token: string): Promise<void> => {
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await get(`${control.origin}/api/events`, { agent, headers });
    statuses.add(answer.status);
    expect(answer.text).not.toContain(control.token);
  };

  const disturbance = await siege.during(async () => {
    for (let round = 0; round < 20; round += 1) {
      const guesses = Array.from({ length: 100 }, (_, index) => control.token.slice(0, -3) + (round * 100 + index));
      await Promise.all(guesses.map(attempt));
      expect(await control.client.ask('app.snapshot', {})).toMatchObject({ status: 'running' });
    }
  });

  agent.destroy();
  expect(statuses).toEqual(new Set([401, 429]));
  expect(disturbance).toEqual(UNDISTURBED);
});

test('bodies that are huge, endless or nested without end are refused, cost no memory and stop nobody', async () => {
  await using siege = await startSiege();
  const control = controlOf(siege.relay);
  const authorization = `Authorization: Bearer ${control.token}`;
  const chunked = 'Transfer-Encoding: chunked';
  const inOneChunk = `${(256 * MIB).toString(16)}\r\n`;
  const before = await siege.memoryMiB();
  const command = (body: string): Promise<string> =>
    exchangeRaw(control.port, postOf('/api/lists.plan', [authorization, `Content-Length: ${body.length}`]) + body);

  const disturbance = await siege.during(async () => {
    // Of a stranger nothing is read into memory, of the window as much as its command may have.
    const announced = [`Content-Length: ${256 * MIB}`];
    // What is still on its way when the server hangs up may break the connection before the refusal is read.
    const stranger = await pour(control.port, postOf('/api/lists.plan', announced), 256 * MIB);
    expect(statusesIn(stranger)).toMatch(/^(?:401)?$/);
    const tooLong = await pour(control.port, postOf('/api/channels.add', [authorization, ...announced]), MIB);
    expect(statusesIn(tooLong)).toMatch(/^(?:413)?$/);
    const endless = await pour(
      control.port,
      postOf('/api/channels.add', [authorization, chunked]) + inOneChunk,
      64 * MIB,
    );
    expect(statusesIn(endless)).toMatch(/^(?:413)?$/);

    const nested = `{"origin":${'['.repeat(400_000)}${']'.repeat(400_000)},"taskId":"t"}`;
    expect(statusesIn(await command(nested))).toBe('400');
    expect(statusesIn(await command('['.repeat(900_000)))).toBe('400');
    const keys = Array.from({ length: 60_000 }, (_, index) => `"k${index}":${index}`).join();
    expect(statusesIn(await command(`{${keys}}`))).toBe('400');
    expect(statusesIn(await command(`{"__proto__":{"origin":1},"constructor":{"prototype":{"x":1}}}`))).toBe('400');
    expect(await control.client.ask('app.snapshot', {})).toMatchObject({ status: 'running' });
  }, 4);

  expect((await siege.memoryMiB()) - before).toBeLessThan(250);
  expect(disturbance).toEqual(UNDISTURBED);
  expect(await siege.bugs()).toEqual([]);
});

test('tricks with paths and targets lead to no file, no command and nobody else, with the token or without', async () => {
  await using siege = await startSiege();
  const control = controlOf(siege.relay);
  const targets = [
    '/../control-token',
    '/%2e%2e/%2e%2e/control-token',
    '/..%2f..%2fsettings.json',
    '/assets/..%5c..%5csettings.json',
    '/assets/%00index.html',
    '/settings.json',
    '//evil.example/',
    '/\\evil.example/',
    'http://evil.example/settings.json',
    'file:///etc/passwd',
    '*',
    '/api/../settings.json',
    '/api/%61pp.snapshot',
    '/api//app.snapshot',
    '/api/__proto__',
    '/api/constructor',
    '/metrics/../control-token',
    `/${'a/'.repeat(7_000)}x.js`,
    `/?token=${control.token}x`,
    `/api/app.snapshot?token=${control.token}`,
    `/metrics?token=${control.token}`,
  ];
  const secrets = [control.token, 'sealingKey', 'root:'];
  const ask = (method: string, target: string, authorization: string): Promise<string> =>
    exchangeRaw(
      control.port,
      `${method} ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${authorization}Content-Length: 0\r\n\r\n`,
    );

  function expectRefusal(what: string, answer: string): void {
    const label = what.slice(0, 60);
    expect([label, statusesIn(answer)]).toEqual([label, expect.stringMatching(/^4\d\d$/)]);
    expect(secrets.filter((secret) => answer.includes(secret))).toEqual([]);
  }

  const disturbance = await siege.during(async () => {
    for (const target of targets) {
      for (const method of ['GET', 'POST']) {
        for (const authorization of ['', 'Authorization: Bearer wrong\r\n']) {
          const answer = await ask(method, target, authorization);
          expectRefusal(`${method} ${target}`, answer);
        }
      }
    }
    for (const target of targets.filter((each) => !each.includes('token='))) {
      const answer = await ask('GET', target, `Authorization: Bearer ${control.token}\r\n`);
      expectRefusal(target, answer);
    }
    expect(await control.client.ask('app.snapshot', {})).toMatchObject({ status: 'running' });
  });

  expect(disturbance).toEqual(UNDISTURBED);
  expect(await siege.bugs()).toEqual([]);
});
