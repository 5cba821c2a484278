import type { Socket } from 'node:net';

/** The connections of all clients of one port, so that no client, whatever it does, takes the others' place. */
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

/** Those of one address, in the order in which they became what they are, so that a victim is found without a search. */
type Client = { address: string; idle: Set<Socket>; busy: Set<Socket> };

type Connection = { client: Client; isWelcome: boolean; unanswered: number };

/** A player sends the next request when it has the answer to the last; browsers do not pipeline at all. */
const MAX_UNANSWERED = 32;

/**
 * Up to `max` connections are kept. From then on each new one costs another, of the client that has the most: the one that has
 * been idle longest, or else the one that has been busy longest. So a client that opens thousands only ever pushes out its own.
 */
export function createConnections({ max }: { max: number }): Connections {
  const connections = new Map<Socket, Connection>();
  const clients = new Map<string, Client>();

  function clientOf(address: string): Client {
    const known = clients.get(address);
    if (known !== undefined) return known;
    const client = { address, idle: new Set<Socket>(), busy: new Set<Socket>() };
    clients.set(address, client);
    return client;
  }

  function remove(socket: Socket): void {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    const { client } = connection;
    connections.delete(socket);
    client.idle.delete(socket);
    client.busy.delete(socket);
    if (countOf(client) === 0) clients.delete(client.address);
  }

  function pushOneOut(): void {
    let greediest: Client | undefined;
    for (const client of clients.values()) {
      if (greediest === undefined || countOf(client) > countOf(greediest)) greediest = client;
    }
    const [longestIdle] = greediest?.idle ?? [];
    const [longestBusy] = greediest?.busy ?? [];
    const victim = longestIdle ?? longestBusy;
    if (victim === undefined) return;
    remove(victim);
    victim.destroy();
  }

  return {
    add(socket, isWelcome) {
      if (connections.size >= max) pushOneOut();
      const client = clientOf(socket.remoteAddress ?? '');
      client.idle.add(socket);
      connections.set(socket, { client, isWelcome, unanswered: 0 });
      socket.once('close', () => remove(socket));
    },

    requested(socket) {
      const connection = connections.get(socket);
      if (connection === undefined || !connection.isWelcome || connection.unanswered >= MAX_UNANSWERED)
        return undefined;
      const { client } = connection;
      connection.unanswered += 1;
      if (client.idle.delete(socket)) client.busy.add(socket);
      return () => {
        connection.unanswered -= 1;
        // One that was pushed out meanwhile is in neither.
        if (connection.unanswered === 0 && client.busy.delete(socket)) client.idle.add(socket);
      };
    },

    endUnlessAdmitted(admits) {
      for (const socket of connections.keys()) if (!admits(socket.remoteAddress)) socket.destroy();
    },
  };
}

function countOf({ idle, busy }: Client): number {
  return idle.size + busy.size;
}
