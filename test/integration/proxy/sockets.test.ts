import { once } from 'node:events';
import { Agent, get as httpGet, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../../main/log.ts';
import { createProxyServer, type Front } from '../../../main/proxy/server.ts';
import { createVisitors } from '../../../main/proxy/visitors.ts';
import { freePort } from '../../support/free-port.ts';
import { needs } from '../../support/requirements.ts';

/* What TVs keep while the settings behind their connections change. */

const LOOPBACK = { host: '127.0.0.1', port: 0 };

function createTestServer() {
  const server = createProxyServer({
    visitors: createVisitors({ ownAddresses: () => [], now: Date.now }),
    log: silentLogger,
  });
  onTestFinished(async () => server.stop?.());
  return server;
}

function frontThatSays(name: string): Front {
  return { admits: () => true, answer: (_, response) => void response.end(name) };
}

/** A TV that keeps one connection. */
function createTelevision() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return {
    open: (port: number) =>
      new Promise<IncomingMessage>((resolve, reject) => {
        httpGet({ agent, host: '127.0.0.1', port, path: '/' }, resolve).on('error', reject);
      }),
    async ask(port: number) {
      const response = await this.open(port);
      const { socket } = response;
      const { localPort } = socket;
      return { said: await text(response), localPort, socket };
    },
  };
}

async function takePort() {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  onTestFinished(() => void taken.close());
  return (taken.address() as AddressInfo).port;
}

test('another front answers on the connections that are there, on the same port', async () => {
  const server = createTestServer();
  const tv = createTelevision();
  await server.serve(frontThatSays('one'), LOOPBACK);
  const { port } = server;
  const before = await tv.ask(port);
  await server.serve(frontThatSays('two'), LOOPBACK);
  expect(server.port).toBe(port);
  expect(await tv.ask(port)).toEqual({ ...before, said: 'two' });
});

test('an answer that has begun is finished by the front that began it', async () => {
  const server = createTestServer();
  const { promise: goOn, resolve: letGoOn } = Promise.withResolvers<void>();
  const answer: RequestListener = (_, response) => {
    response.write('o');
    void goOn.then(() => response.end('ne'));
  };
  await server.serve({ admits: () => true, answer }, LOOPBACK);
  const response = await createTelevision().open(server.port);
  await server.serve(frontThatSays('two'), { ...LOOPBACK, port: server.port });
  letGoOn();
  expect(await text(response)).toBe('one');
});

test('who may not connect any more is cut off, and nobody else', async () => {
  const server = createTestServer();
  const tv = createTelevision();
  await server.serve(frontThatSays('one'), LOOPBACK);
  const { localPort, socket } = await tv.ask(server.port);
  const cut = once(socket, 'close');
  await server.serve({ ...frontThatSays('two'), admits: () => false }, LOOPBACK);
  await cut;
  expect(await tv.ask(server.port)).toMatchObject({ said: expect.stringContaining('FORBIDDEN') });
  await server.serve(frontThatSays('three'), LOOPBACK);
  const after = await tv.ask(server.port);
  expect(after.said).toBe('three');
  expect(after.localPort).not.toBe(localPort);
});

test('a moved port takes over from one moment to the next, and connections to the old one live on', async () => {
  const server = createTestServer();
  const tv = createTelevision();
  await server.serve(frontThatSays('one'), LOOPBACK);
  const oldPort = server.port;
  const before = await tv.ask(oldPort);
  await server.serve(frontThatSays('two'), { ...LOOPBACK, port: await freePort() });
  expect(server.port).not.toBe(oldPort);
  expect(await tv.ask(oldPort)).toEqual({ ...before, said: 'two' });
  expect((await createTelevision().ask(server.port)).said).toBe('two');
  await expect(createTelevision().ask(oldPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await server.serve(frontThatSays('three'), { ...LOOPBACK, port: oldPort });
  expect((await createTelevision().ask(oldPort)).said).toBe('three');
});

test('a port in use leaves everything as it was', async () => {
  const server = createTestServer();
  const tv = createTelevision();
  await server.serve(frontThatSays('one'), LOOPBACK);
  const { port } = server;
  const before = await tv.ask(port);
  const moving = server.serve(frontThatSays('two'), { ...LOOPBACK, port: await takePort() });
  await expect(moving).rejects.toMatchObject({ code: 'PORT_IN_USE' });
  expect(server.port).toBe(port);
  expect(await tv.ask(port)).toEqual(before);
});

test(
  'another address on the same port ends the connections to the one before, once they are idle',
  needs('Linux'),
  async () => {
    const server = createTestServer();
    const tv = createTelevision();
    await server.serve(frontThatSays('one'), LOOPBACK);
    const { port } = server;
    const before = await tv.ask(port);
    await server.serve(frontThatSays('two'), { host: '127.0.0.2', port: 0 });
    expect(server.port).toBe(port);
    await expect(tv.ask(port)).rejects.toMatchObject({ code: expect.stringMatching(/ECONNREFUSED|ECONNRESET/) });
    const unusable = server.serve(frontThatSays('three'), { host: '203.0.113.1', port: 0 });
    await expect(unusable).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await server.serve(frontThatSays('four'), LOOPBACK);
    const after = await createTelevision().ask(server.port);
    expect([before.said, after.said]).toEqual(['one', 'four']);
  },
);
