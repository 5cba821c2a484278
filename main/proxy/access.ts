import { createHash, timingSafeEqual } from 'node:crypto';
import ipaddr from 'ipaddr.js';

/** Decides who may connect. */
export type Access = {
  /** @param address of the client, as its socket says */
  admits(address: string | undefined): boolean;
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
};

const PRIVATE_RANGES = new Set(['private', 'uniqueLocal', 'linkLocal', 'loopback', 'carrierGradeNat']);

/** The home network and what the user allows; never what the user denies. */
export function createAccess({ allow, deny, accessKey = '' }: AccessDeps): Access {
  const allowed = allow.map((cidr) => ipaddr.parseCIDR(cidr));
  const denied = deny.map((cidr) => ipaddr.parseCIDR(cidr));
  const keyDigest = digest(accessKey);

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

    asksForKey: accessKey !== '',
    isKey: (key) => timingSafeEqual(digest(key), keyDigest),
  };
}

/** Equally long whatever it is of, as the comparison wants it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
