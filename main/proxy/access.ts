import ipaddr from 'ipaddr.js';

/** Decides who may connect. */
export type Access = {
  /** @param address of the client, as its socket says */
  admits(address: string | undefined): boolean;
};

const PRIVATE_RANGES = new Set(['private', 'uniqueLocal', 'linkLocal', 'loopback', 'carrierGradeNat']);

/**
 * The home network and what the user allows; never what the user denies.
 * @param allow CIDR ranges let in besides RFC 1918, ULA, link-local, shared (RFC 6598) and loopback addresses
 * @param deny CIDR ranges kept out, whatever else holds
 */
export function createAccess({ allow, deny }: { allow: readonly string[]; deny: readonly string[] }): Access {
  const allowed = allow.map((cidr) => ipaddr.parseCIDR(cidr));
  const denied = deny.map((cidr) => ipaddr.parseCIDR(cidr));

  return {
    admits(address) {
      if (address === undefined) return false;
      const bare = address.replace(/%.*$/, '');
      if (!ipaddr.isValid(bare)) return false;
      const client = ipaddr.process(bare);
      const isIn = ([range, bits]: [ipaddr.IPv4 | ipaddr.IPv6, number]): boolean => range.kind() === client.kind() && client.match(range, bits);
      if (denied.some(isIn)) return false;
      return PRIVATE_RANGES.has(client.range()) || allowed.some(isIn);
    },
  };
}
