import type { Socket } from 'node:net';

/** The connections of all clients, so that no client, whatever it does, takes the others' place. */
export type Connections = {
  /** To be called for each new one. @param isWelcome whether its requests are answered */
  add(socket: Socket, isWelcome: boolean): void;
  /**
   * Notes that a request has come; the returned function notes that it is answered.
   * `undefined` when it is not to be answered: its client may not connect, or asks on and on without taking the answers.
   */
  requested(socket: Socket): (() => void) | undefined;
  /** Ends those of clients that may not connect any more. */
  endUnlessAdmitted(admits: (address: string | undefined) => boolean): void;
};

type Connection = { address: string; siblings: Set<Socket>; isWelcome: boolean; unanswered: number };

/** A player sends the next request when it has the answer to the last; browsers do not pipeline at all. */
const MAX_UNANSWERED = 32;

/**
 * Up to `max` connections are kept. From then on each new one costs another, of the client that has the most: the one that has
 * been idle longest, or else its oldest. So a client that opens thousands only ever pushes out its own.
 */
export function createConnections({ max }: { max: number }): Connections {
  const connections = new Map<Socket, Connection>();
  const byAddress = new Map<string, Set<Socket>>();

  function remove(socket: Socket): void {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    connections.delete(socket);
    connection.siblings.delete(socket);
    if (connection.siblings.size === 0) byAddress.delete(connection.address);
  }

  function pushOneOut(): void {
    let most: ReadonlySet<Socket> = new Set();
    for (const sockets of byAddress.values()) if (sockets.size > most.size) most = sockets;
    const [oldest] = most;
    const victim = longestIdle(most) ?? oldest;
    if (victim === undefined) return;
    remove(victim);
    victim.destroy();
  }

  /** The one used last, or opened last, stands last. */
  function longestIdle(sockets: ReadonlySet<Socket>): Socket | undefined {
    for (const socket of sockets) if (connections.get(socket)?.unanswered === 0) return socket;
    return undefined;
  }

  return {
    add(socket, isWelcome) {
      if (connections.size >= max) pushOneOut();
      const address = socket.remoteAddress ?? '';
      const siblings = byAddress.get(address) ?? new Set();
      byAddress.set(address, siblings.add(socket));
      connections.set(socket, { address, siblings, isWelcome, unanswered: 0 });
      socket.once('close', () => remove(socket));
    },

    requested(socket) {
      const connection = connections.get(socket);
      if (connection === undefined || !connection.isWelcome || connection.unanswered >= MAX_UNANSWERED)
        return undefined;
      connection.unanswered += 1;
      return () => {
        connection.unanswered -= 1;
        if (connection.siblings.delete(socket)) connection.siblings.add(socket);
      };
    },

    endUnlessAdmitted(admits) {
      for (const socket of connections.keys()) if (!admits(socket.remoteAddress)) socket.destroy();
    },
  };
}
