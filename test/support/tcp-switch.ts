import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A port on loopback that leads to another, and can be turned to a third: what a load balancer does when a relay dies. */
export type TcpSwitch = AsyncDisposable & {
  url: string;
  /** New connections lead to this port from now on; those there are break. */
  turnTo: (port: number) => void;
};

export async function startTcpSwitch(firstPort: number): Promise<TcpSwitch> {
  const sockets = new Set<Socket>();
  let port = firstPort;
  const server = createServer((client) => {
    const relay = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, relay],
      [relay, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    turnTo(next) {
      port = next;
      breakAll();
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      breakAll();
      await closed;
    },
  };
}
