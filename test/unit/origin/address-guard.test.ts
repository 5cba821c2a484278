import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  createGuardedConnector,
  reachOfAddress,
  reachOfHost,
  type Reach,
  type Resolve,
} from '../../../main/origin/address-guard.ts';

describe('the reach that an address needs', () => {
  test.each<[string, Reach | undefined]>([
    ['8.8.8.8', 'public'],
    ['172.32.0.1', 'public'],
    ['192.169.0.1', 'public'],
    ['2606:4700::1111', 'public'],
    ['2a00:1450::1', 'public'],

    ['10.0.0.5', 'lan'],
    ['172.16.0.1', 'lan'],
    ['172.31.255.255', 'lan'],
    ['192.168.1.1', 'lan'],
    ['169.254.7.7', 'lan'],
    ['100.64.0.1', 'lan'],
    ['100.127.255.255', 'lan'],
    ['fc00::1', 'lan'],
    ['fd12:3456::1', 'lan'],
    ['fe80::1', 'lan'],
    ['fe80::1%eth0', 'lan'],

    ['127.0.0.1', 'machine'],
    ['127.255.255.254', 'machine'],
    ['::1', 'machine'],

    // Cloud metadata
    ['169.254.169.254', undefined],
    ['169.254.170.2', undefined],
    ['100.100.100.200', undefined],
    ['fd00:ec2::254', undefined],
    ['fd00:0ec2:0::0254', undefined],

    // Nobody's address
    ['0.0.0.0', undefined],
    ['0.1.2.3', undefined],
    ['::', undefined],
    ['224.0.0.1', undefined],
    ['239.255.255.250', undefined],
    ['255.255.255.255', undefined],
    ['240.0.0.1', undefined],
    ['192.0.2.1', undefined],
    ['198.18.0.1', undefined],
    ['ff02::1', undefined],
    ['2001:db8::1', undefined],
    ['100::1', undefined],
    ['fec0::1', undefined],
    ['5f00::1', undefined],

    // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo
    ['::ffff:127.0.0.1', 'machine'],
    ['::ffff:7f00:1', 'machine'],
    ['::ffff:192.168.1.1', 'lan'],
    ['::ffff:8.8.8.8', 'public'],
    ['::ffff:169.254.169.254', undefined],
    ['::7f00:1', undefined],
    ['::ffff:0:127.0.0.1', undefined],
    ['64:ff9b::127.0.0.1', 'machine'],
    ['64:ff9b::10.0.0.1', 'lan'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['64:ff9b::169.254.169.254', undefined],
    ['2002:7f00:1::', 'machine'],
    ['2002:c0a8:101::1', 'lan'],
    ['2002:808:808::1', 'public'],
    ['2002:a9fe:a9fe::1', undefined],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', undefined],

    // No addresses
    ['', undefined],
    ['localhost', undefined],
    ['1.2.3.4.5', undefined],
    ['[::1]', undefined],
  ])('%s: %s', (address, reach) => {
    expect(reachOfAddress(address)).toBe(reach);
  });
});

describe('the reach of a channel by the host of its source', () => {
  test.each<[string, Reach]>([
    ['http://provider.example/', 'public'],
    ['http://8.8.8.8/', 'public'],
    ['http://nas/', 'lan'],
    ['http://nas.local/', 'lan'],
    ['http://NAS.LOCAL./', 'lan'],
    ['http://tuner.fritz.box/', 'public'],
    ['http://tv.home.arpa/', 'lan'],
    ['http://box.lan/', 'lan'],
    ['http://192.168.1.5:8080/', 'lan'],
    ['http://[fd00::5]/', 'lan'],
    ['http://localhost:8080/', 'machine'],
    ['http://tv.localhost/', 'machine'],
    ['http://127.0.0.1/', 'machine'],
    ['http://[::1]/', 'machine'],

    // Every way to write an address counts as that address
    ['http://2130706433/', 'machine'],
    ['http://0x7f000001/', 'machine'],
    ['http://0x7f.1/', 'machine'],
    ['http://0177.0.0.1/', 'machine'],
    ['http://127.1/', 'machine'],
    ['http://3232235777/', 'lan'],
    ['http://①②⑦.⓪.⓪.①/', 'machine'],
    ['http://[::ffff:192.168.1.1]/', 'lan'],

    // Names that only look like it
    ['http://127.0.0.1.provider.example/', 'public'],
    ['http://local.provider.example/', 'public'],
    ['http://mylocal/', 'lan'],
    ['http://notlocalhost.example/', 'public'],

    // What nothing may reach opens nothing
    ['http://169.254.169.254/', 'public'],
    ['http://0.0.0.0/', 'public'],
  ])('%s: %s', (url, reach) => {
    expect(reachOfHost(new URL(url).hostname, [])).toBe(reach);
  });

  test('is the LAN for a name that the user listed, however it is written', () => {
    for (const listed of ['nas.example.org', 'NAS.Example.org', 'nas.example.org.']) {
      expect(reachOfHost('nas.example.org', [listed])).toBe('lan');
      expect(reachOfHost('NAS.example.org.', [listed])).toBe('lan');
      expect(reachOfHost('evil-nas.example.org', [listed])).toBe('public');
      expect(reachOfHost('evil.nas.example.org', [listed])).toBe('public');
    }
  });
});

describe('a connection', () => {
  test.each<[hostname: string, reach: Reach]>([
    ['127.0.0.1', 'public'],
    ['127.0.0.1', 'lan'],
    ['[::1]', 'lan'],
    ['::ffff:127.0.0.1', 'lan'],
    ['localhost', 'public'],
    ['localhost', 'lan'],
    ['192.168.1.1', 'public'],
    ['169.254.169.254', 'machine'],
    ['0.0.0.0', 'machine'],
  ])('to %s is refused to a channel whose reach is %s, before anything is sent', async (hostname, reach) => {
    await expect(connect(reach, { hostname, port: 9 })).rejects.toMatchObject({ code: 'ORIGIN_ADDRESS' });
  });

  test.each(['127.0.0.1', 'localhost'])('to %s is made for a channel of this machine', async (hostname) => {
    await using server = await startGreeter();
    expect(await greeting(await connect('machine', { hostname, port: server.port }))).toBe('hello');
  });

  test('goes where the name leads at that very moment, or nowhere when that is too far: a DNS answer that changed opens nothing', async () => {
    await using server = await startGreeter();
    const target = { hostname: 'panel.example', port: server.port };
    const answers = [['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1']];
    const resolve: Resolve = (_name, _options, callback) => callback(null, toAddresses(answers.shift() ?? []));
    expect(await greeting(await connect('machine', target, resolve))).toBe('hello');
    await expect(connect('machine', target, resolve)).rejects.toMatchObject({ code: 'ORIGIN_ADDRESS' });
    await expect(connect('public', target, resolve)).rejects.toMatchObject({ code: 'ORIGIN_ADDRESS' });
    expect(answers).toEqual([]);
    expect(server.connections()).toBe(1);
  });

  test('to a name with addresses near and far goes to the near ones only', async () => {
    await using server = await startGreeter();
    const target = { hostname: 'panel.example', port: server.port };
    const resolve: Resolve = (_name, _options, callback) =>
      callback(null, toAddresses(['169.254.169.254', '0.0.0.0', '127.0.0.1']));
    const socket = await connect('machine', target, resolve);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    expect(await greeting(socket)).toBe('hello');
  });
});

function toAddresses(addresses: readonly string[]) {
  return addresses.map((address) => ({ address, family: 4 }));
}

async function startGreeter() {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.end('hello');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, connections: () => connections, [Symbol.asyncDispose]: async () => void server.close() };
}

async function greeting(socket: Socket): Promise<string> {
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return bytes.toString();
}

/** Connects as undici does. */
function connect(reach: Reach, { hostname, port }: { hostname: string; port: number }, resolveName?: Resolve) {
  const connector = createGuardedConnector(reach, 10_000, resolveName);
  const options = { hostname, host: hostname, port: String(port), protocol: 'http:' };
  return new Promise<NonNullable<Parameters<Parameters<typeof connector>[1]>[1]>>((resolve, reject) => {
    connector(options, (error, socket) => {
      if (socket) resolve(socket);
      else reject(error ?? new Error('no socket'));
    });
  });
}
