import ipaddr from 'ipaddr.js';

/** A client that may not connect and tried to. Milliseconds since 1970. */
export type RefusedClient = { address: string; attempts: number; lastAt: number };

/** Remembers who came, let in or not. */
export type Visitors = {
  /** Remembers a client that was let in. @param address of the client, as its socket says */
  welcome(address: string | undefined): void;
  /** Remembers a client that was turned away. @returns whether it is the first time */
  refuse(address: string | undefined): boolean;
  /** How many different clients have been let in, and turned away. */
  readonly devicesSeen: number;
  readonly refusedClients: number;
  /** Those turned away lately, newest first. */
  refused(): RefusedClient[];
};

export type VisitorsDeps = {
  /** The addresses of this machine, which are no devices. */
  ownAddresses: () => readonly string[];
  now: () => number;
};

const MAX_REMEMBERED = 1_000;

export function createVisitors({ ownAddresses, now }: VisitorsDeps): Visitors {
  const welcomed = new Set<string>();
  const refused = new Map<string, RefusedClient>();
  let refusedClients = 0;

  return {
    welcome(address) {
      if (address === undefined || welcomed.has(address) || welcomed.size >= MAX_REMEMBERED) return;
      welcomed.add(address);
    },

    refuse(address = 'unknown') {
      const known = refused.get(address);
      refused.delete(address);
      refused.set(address, { address: bareAddress(address), attempts: (known?.attempts ?? 0) + 1, lastAt: now() });
      if (known !== undefined) return false;
      refusedClients += 1;
      const [longestAgo] = refused.keys();
      if (refused.size > MAX_REMEMBERED && longestAgo !== undefined) refused.delete(longestAgo);
      return true;
    },

    get devicesSeen() {
      const own = new Set(ownAddresses());
      return [...welcomed].map(bareAddress).filter((address) => !isLoopback(address) && !own.has(address)).length;
    },
    get refusedClients() {
      return refusedClients;
    },
    refused: () => [...refused.values()].toReversed(),
  };
}

/** Without the zone of a link-local address, and without the prefix of an IPv4 client on a socket for both families. */
function bareAddress(address: string): string {
  return address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback';
}
