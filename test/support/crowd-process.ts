/* Entry: opens connections by the thousand and does with them what its parent orders; see crowd.ts. */
import { connect, type Socket } from 'node:net';

export type CrowdOrder =
  | { order: 'open'; port: number; count: number; localAddress: string; first: string }
  | { order: 'drip'; piece: string; everyMs: number }
  | { order: 'state' };

/** How many were opened so far, and how many of them are closed, whoever closed them. */
export type CrowdState = { opened: number; closed: number };

const AT_ONCE = 250;

/** Below those that the system gives out. */
const PORTS = { first: 10_000, count: 22_000 };

const sockets: Socket[] = [];
let portsTried = 0;
let closed = 0;

process.on('message', (order: CrowdOrder) => void obey(order).then(() => process.send?.(stateNow())));
// Without its parent it has nothing to do here.
process.on('disconnect', () => process.exit());

async function obey(order: CrowdOrder): Promise<void> {
  switch (order.order) {
    case 'open':
      for (let opened = 0; opened < order.count; opened += AT_ONCE) {
        await Promise.all(Array.from({ length: Math.min(AT_ONCE, order.count - opened) }, () => open(order)));
      }
      break;
    case 'drip':
      setInterval(() => sockets.forEach((socket) => socket.writable && socket.write(order.piece)), order.everyMs);
      break;
    case 'state':
      break;
  }
}

async function open(order: Extract<CrowdOrder, { order: 'open' }>): Promise<void> {
  for (;;) {
    const socket = connectFrom(order);
    if (await isConnected(socket)) return begin(socket, order.first);
  }
}

/**
 * From a port of our own choice: to find a free one by the thousandth connection costs the system more than all that the attacked
 * does, and by that nobody is tested.
 */
function connectFrom({ port, localAddress }: { port: number; localAddress: string }): Socket {
  const localPort = PORTS.first + (portsTried % PORTS.count);
  portsTried += 1;
  return connect({ host: '127.0.0.1', port, localAddress, localPort });
}

/** False for a port that somebody else has. */
async function isConnected(socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
  return promise;
}

function begin(socket: Socket, first: string): void {
  sockets.push(socket);
  if (socket.destroyed) closed += 1;
  else socket.once('close', () => (closed += 1));
  if (first !== '') socket.write(first);
  socket.resume();
}

function stateNow(): CrowdState {
  return { opened: sockets.length, closed };
}
