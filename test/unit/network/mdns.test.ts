import type { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import createMulticastDns, { type MulticastDNS, type ResponsePacket } from 'multicast-dns';
import { describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../main/log.ts';
import { createAnnouncer } from '../../../main/network/mdns.ts';
import { recordLog } from '../../support/recorded-log.ts';

type Answers = NonNullable<ResponsePacket['answers']>;

/** A network in memory: real multicast DNS packets, and no socket at all. */
function createNetwork() {
  const sockets = new Set<EventEmitter>();

  function createSocket(): Socket {
    const socket = new EventEmitter();
    const methods = {
      bind: (_port: number, _address: string, onListening: () => void) =>
        queueMicrotask(() => {
          sockets.add(socket);
          socket.emit('listening');
          onListening();
        }),
      send: (
        message: Buffer,
        _offset: number,
        _length: number,
        _port: number,
        _address: string,
        onSent: () => void,
      ) => {
        for (const other of sockets) other.emit('message', Buffer.from(message), { address: '192.0.2.9', port: 5353 });
        queueMicrotask(onSent);
      },
      close: (onClosed: () => void) => {
        sockets.delete(socket);
        queueMicrotask(onClosed);
      },
    };
    return Object.assign(socket, methods) as unknown as Socket;
  }

  return { open: (): MulticastDNS => createMulticastDns({ socket: createSocket(), multicast: false }) };
}

type Network = ReturnType<typeof createNetwork>;

function createRelay(network: Network, { port = 8787, address = '192.168.1.20', addresses = () => [address] } = {}) {
  return createAnnouncer({
    port: () => port,
    addresses,
    log: silentLogger,
    open: network.open,
    probeIntervalMs: 1,
  });
}

/** What a TV or a phone on the network is answered. */
async function ask(network: Network, name: string, type: 'A' | 'PTR'): Promise<Answers> {
  const device = network.open();
  const heard: Answers = [];
  device.on('response', ({ answers = [], additionals = [] }) => heard.push(...answers, ...additionals));
  await new Promise<void>((resolve) => device.query(name, type, () => resolve()));
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise<void>((resolve) => device.destroy(resolve));
  return heard;
}

const announced = (relay: { hostName: string | undefined }, name: string) =>
  vi.waitFor(() => expect(relay.hostName).toBe(name));

describe('the relay on the network', () => {
  test('answers to hearthcast.local with its address', async () => {
    const network = createNetwork();
    const relay = createRelay(network);
    await relay.start?.();
    await announced(relay, 'hearthcast.local');
    const answers = await ask(network, 'HearthCast.local', 'A');
    expect(answers).toContainEqual(
      expect.objectContaining({ type: 'A', name: 'hearthcast.local', data: '192.168.1.20' }),
    );
    expect(await ask(network, 'printer.local', 'A')).toEqual([]);
    await relay.stop?.();
  });

  test('is found as a web service, with its port and where that is', async () => {
    const network = createNetwork();
    const relay = createRelay(network, { port: 9000 });
    await relay.start?.();
    await announced(relay, 'hearthcast.local');
    const answers = await ask(network, '_http._tcp.local', 'PTR');
    expect(answers.map(({ type }) => type)).toEqual(expect.arrayContaining(['PTR', 'SRV', 'TXT', 'A']));
    expect(answers.find(({ type }) => type === 'SRV')).toMatchObject({
      data: { port: 9000, target: 'hearthcast.local' },
    });
    await relay.stop?.();
  });

  test('takes the next name when another device has the first', async () => {
    const network = createNetwork();
    const first = createRelay(network, { address: '192.168.1.20' });
    await first.start?.();
    await announced(first, 'hearthcast.local');
    const second = createRelay(network, { address: '192.168.1.21' });
    await second.start?.();
    await announced(second, 'hearthcast-2.local');
    expect(await ask(network, 'hearthcast-2.local', 'A')).toContainEqual(
      expect.objectContaining({ data: '192.168.1.21' }),
    );
    expect(first.hostName).toBe('hearthcast.local');
    await Promise.all([first.stop?.(), second.stop?.()]);
  });

  test('that has moved says where it is now without being asked, and is found there', async () => {
    const network = createNetwork();
    let address = '192.168.1.20';
    const relay = createRelay(network, { addresses: () => [address] });
    await relay.moved(); // which means nothing before the start
    await relay.start?.();
    await announced(relay, 'hearthcast.local');
    const heard: Answers = [];
    const device = network.open();
    device.on('response', ({ answers = [] }) => heard.push(...answers));
    await new Promise((resolve) => device.once('ready', () => resolve(undefined)));
    address = '10.0.0.7';
    await Promise.all([relay.moved(), relay.moved()]);
    await announced(relay, 'hearthcast.local');
    expect(heard).toContainEqual(expect.objectContaining({ type: 'A', data: '10.0.0.7', flush: true }));
    const found = await ask(network, 'hearthcast.local', 'A');
    expect(found.filter(({ type }) => type === 'A')).toMatchObject([{ data: '10.0.0.7' }]);
    await relay.stop?.();
    await relay.moved(); // which means nothing any more
    expect(relay.hostName).toBeUndefined();
    device.destroy();
  });

  test('says goodbye, and is not there any more', async () => {
    const network = createNetwork();
    const relay = createRelay(network);
    await relay.start?.();
    await announced(relay, 'hearthcast.local');
    const goodbye: Answers = [];
    const device = network.open();
    device.on('response', ({ answers = [] }) => goodbye.push(...answers));
    await new Promise((resolve) => device.once('ready', () => resolve(undefined)));
    await relay.stop?.();
    expect(goodbye.length).toBeGreaterThan(0);
    expect(goodbye.every((record) => 'ttl' in record && record.ttl === 0)).toBe(true);
    expect(relay.hostName).toBeUndefined();
    expect(await ask(network, 'hearthcast.local', 'A')).toEqual([]);
    device.destroy();
  });

  test('goes on without a name when there is no multicast, and stops all the same', async () => {
    const { log, messages } = recordLog();
    const broken = createAnnouncer({
      port: () => 1,
      addresses: () => [],
      log,
      open: () => {
        const socket = createNetwork().open();
        setImmediate(() => {
          socket.emit('error', new Error('no permission'));
          socket.emit('error', new Error('no permission'));
        });
        return socket;
      },
      probeIntervalMs: 1,
    });
    await broken.start?.();
    await vi.waitFor(() => expect(messages).not.toEqual([]));
    await broken.stop?.();
    expect(messages).toHaveLength(1);

    const hopeless = createAnnouncer({
      port: () => 1,
      addresses: () => [],
      log: silentLogger,
      open: () => {
        throw new Error('no sockets here');
      },
    });
    await hopeless.start?.();
    await hopeless.stop?.();
    expect(hopeless.hostName).toBeUndefined();
  });

  test('that is stopped before it has a name takes none', async () => {
    const network = createNetwork();
    const relay = createRelay(network);
    await relay.start?.();
    await relay.stop?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(relay.hostName).toBeUndefined();
  });
});
