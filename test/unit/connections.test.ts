import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createConnections } from '../../main/connections.ts';

/** As much of a socket as is looked at. */
class FakeSocket extends EventEmitter {
  isOpen = true;
  readonly remoteAddress: string;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    queueMicrotask(() => this.emit('close'));
  }
}

function openTo(connections: ReturnType<typeof createConnections>, isWelcome = true) {
  return (address: string): FakeSocket & Socket => {
    const socket = new FakeSocket(address) as FakeSocket & Socket;
    connections.add(socket, isWelcome);
    return socket;
  };
}

const openOf = (sockets: readonly FakeSocket[]): boolean[] => sockets.map(({ isOpen }) => isOpen);

test('a client that opens ever more connections pushes out its own, longest idle first', () => {
  const open = openTo(createConnections({ max: 6 }));
  const tv = [open('10.0.0.2'), open('10.0.0.2')];
  const greedy = Array.from({ length: 10 }, () => open('10.0.0.66'));
  expect(openOf(tv)).toEqual([true, true]);
  expect(openOf(greedy)).toEqual([...Array<boolean>(6).fill(false), ...Array<boolean>(4).fill(true)]);
});

test('a newcomer finds room however full it is', () => {
  const open = openTo(createConnections({ max: 4 }));
  const greedy = Array.from({ length: 4 }, () => open('10.0.0.66'));
  const newcomer = open('10.0.0.3');
  expect([newcomer.isOpen, ...openOf(greedy)]).toEqual([true, false, true, true, true]);
});

test('a connection with a request under way goes last', () => {
  const connections = createConnections({ max: 3 });
  const open = openTo(connections);
  const sockets = [open('10.0.0.2'), open('10.0.0.2'), open('10.0.0.2')];
  const [first, second] = sockets as [FakeSocket & Socket, FakeSocket & Socket];
  const answered = connections.requested(first);
  connections.requested(second);
  open('10.0.0.3');
  expect(openOf(sockets)).toEqual([true, true, false]);
  answered?.();
  open('10.0.0.4');
  expect(openOf(sockets)).toEqual([false, true, false]);
  open('10.0.0.5');
});

test('when all are busy, the oldest of the client with the most makes room', () => {
  const connections = createConnections({ max: 3 });
  const open = openTo(connections);
  const tv = open('10.0.0.2');
  const greedy = [open('10.0.0.66'), open('10.0.0.66')];
  for (const socket of [tv, ...greedy]) connections.requested(socket);
  open('10.0.0.3');
  expect(openOf([tv, ...greedy])).toEqual([true, false, true]);
});

test('those that are closed count no more', async () => {
  const open = openTo(createConnections({ max: 2 }));
  const first = open('10.0.0.2');
  const second = open('10.0.0.2');
  first.destroy();
  await Promise.resolve();
  open('10.0.0.3');
  expect(second.isOpen).toBe(true);
});

test('who may not connect is not answered, nor who asks on and on without taking answers', () => {
  const connections = createConnections({ max: 9 });
  expect(connections.requested(openTo(connections, false)('203.0.113.9'))).toBeUndefined();
  const socket = openTo(connections)('10.0.0.2');
  const answers = Array.from({ length: 33 }, () => connections.requested(socket));
  expect(answers.map((answered) => answered !== undefined)).toEqual([...Array<boolean>(32).fill(true), false]);
  answers[0]?.();
  expect(connections.requested(socket)).toBeDefined();
});
