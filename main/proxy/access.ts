import { createHash, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** A client that may not connect and tried to. Milliseconds since 1970. */
export type RefusedClient = { address: string; attempts: number; lastAt: number };

/** Decides who may connect, and remembers who came. */
export type Access = {
  /** @param address of the client, as its socket says */
  admits(address: string | undefined): boolean;
  /** Remembers a client that was let in. */
  welcome(address: string | undefined): void;
  /** Remembers a client that was turned away. @returns whether it is the first time */
  refuse(address: string | undefined): boolean;
  /** How many different clients have been let in, and turned away. */
  readonly devicesSeen: number;
  readonly refusedClients: number;
  /** Those turned away lately, newest first. */
  refused(): RefusedClient[];
  /** Whether lists and channels are given out for the access key only. */
  readonly asksForKey: boolean;
  /** Compares in constant time, so that no key can be guessed letter by letter. */
  isKey(key: string): boolean;
};

export type AccessDeps = {
  /** CIDR ranges let in besides RFC 1918, ULA, link-local, shared (RFC 6598) and loopback addresses. */
  allow: readonly string[];
  /** CIDR ranges kept out, whatever else holds. */
  deny: readonly string[];
  /** Empty: none is asked for. */
  accessKey?: string;
  /** The addresses of this machine, which are no devices. */
  ownAddresses?: () => readonly string[];
  now?: () => number;
};

const PRIVATE_RANGES = new Set(['private', 'uniqueLocal', 'linkLocal', 'loopback', 'carrierGradeNat']);
const MAX_REMEMBERED = 1_000;

/** The home network and what the user allows; never what the user denies. */
export function createAccess({
  allow,
  deny,
  accessKey = '',
  ownAddresses = () => [],
  now = Date.now,
}: AccessDeps): Access {
  const allowed = allow.map((cidr) => ipaddr.parseCIDR(cidr));
  const denied = deny.map((cidr) => ipaddr.parseCIDR(cidr));
  const keyDigest = digest(accessKey);
  const welcomed = new Set<string>();
  const refused = new Map<string, RefusedClient>();
  let refusedClients = 0;

  return {
    admits(address) {
      if (address === undefined) return false;
      const bare = address.replace(/%.*$/, '');
      if (!ipaddr.isValid(bare)) return false;
      const client = ipaddr.process(bare);
      const isIn = ([range, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number]): boolean =>
        range.kind() === client.kind() && client.match(range, bits);
      if (denied.some(isIn)) return false;
      return PRIVATE_RANGES.has(client.range()) || allowed.some(isIn);
    },

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

    asksForKey: accessKey !== '',
    isKey: (key) => timingSafeEqual(digest(key), keyDigest),
  };
}

/** Equally long whatever it is of, as the comparison wants it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Without the zone of a link-local address, and without the prefix of an IPv4 client on a socket for both families. */
function bareAddress(address: string): string {
  return address.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.parse(address).range() === 'loopback';
}
