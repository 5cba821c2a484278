/* Entry: opens connections by the thousand and does with them what its parent orders; see crowd.ts. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type CrowdOrder =
  | { order: 'open'; port: number; count: number; localAddress: string; first: string }
  | { order: 'drip'; piece: string; everyMs: number }
  | { order: 'state' };

/** How many were opened so far, and how many of them are closed, whoever closed them. */
export type CrowdState = { opened: number; closed: number };

const AT_ONCE = 250;

const sockets: Socket[] = [];
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

async function open({ port, localAddress, first }: Extract<CrowdOrder, { order: 'open' }>): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.once('close', () => (closed += 1));
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  if (first !== '') socket.write(first);
  socket.resume();
}

function stateNow(): CrowdState {
  return { opened: sockets.length, closed };
}
