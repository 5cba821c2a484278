import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { buildConnector } from 'undici';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';

/**
 * How far into the home an origin may lead, ordered: a channel whose source is public may reach public addresses only,
 * one on the LAN the LAN too, one on this very machine everything but what nothing may reach.
 */
export type Reach = 'public' | 'lan' | 'machine';

const RANK = { public: 0, lan: 1, machine: 2 } as const satisfies Record<Reach, number>;

/** Cloud metadata services, which hand out credentials to whoever asks. */
const METADATA_ADDRESSES = new Set(['169.254.169.254', '169.254.170.2', '100.100.100.200', 'fd00:ec2::254']);
const LAN_SUFFIXES = ['.local', '.lan', '.home', '.home.arpa', '.internal', '.localdomain', '.intranet'];

/** The reach that an address needs; `undefined` when nothing may connect to it (multicast, unspecified, metadata, not an address). */
export function reachOfAddress(address: string): Reach | undefined {
  if (!ipaddr.isValid(address)) return undefined;
  const plain = embeddedAddress(ipaddr.parse(address));
  if (METADATA_ADDRESSES.has(plain.toString())) return undefined;
  switch (plain.range()) {
    case 'unicast':
      return isGlobal(plain) ? 'public' : undefined;
    case 'private':
    case 'uniqueLocal':
    case 'linkLocal':
    case 'carrierGradeNat':
      return 'lan';
    case 'loopback':
      return 'machine';
    default:
      return undefined;
  }
}

/**
 * The reach of a channel, read off the host of its own source: an address speaks for itself; a name is on the LAN
 * only when it looks so (`nas`, `nas.local`) or the user listed it, since DNS may answer anything.
 */
export function reachOfHost(hostname: string, lanHosts: readonly string[]): Reach {
  const host = bareHost(hostname);
  if (isIP(host) !== 0) return reachOfAddress(host) ?? 'public';
  if (host === 'localhost' || host.endsWith('.localhost')) return 'machine';
  const onLan =
    !host.includes('.') ||
    LAN_SUFFIXES.some((suffix) => host.endsWith(suffix)) ||
    lanHosts.some((listed) => bareHost(listed) === host);
  return onLan ? 'lan' : 'public';
}

/** All addresses of a name, as `dns.lookup` finds them. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** A connector for undici that checks the address actually used, so that no name, redirect or changed DNS answer leads further. */
export function createGuardedConnector(
  reach: Reach,
  timeoutMs: number,
  resolve: Resolve = lookup,
): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, allowH2: false, lookup: guardedLookup(reach, resolve) });
  return (options, callback) => {
    if (isHostTooFar(options.hostname, reach)) {
      callback(addressError(), null);
      return;
    }
    connect(options, callback);
  };
}

/**
 * Whether a URL's host lies further than it may, as far as that is written in it: an address does, and so does a name that only the
 * home knows (`localhost`, `nas.local`), which an upstream proxy would look up for us. All other names are known by where they lead.
 */
export function isHostTooFar(hostname: string, reach: Reach): boolean {
  const host = bareHost(hostname);
  if (isIP(host) !== 0) return !isWithin(host, reach);
  return RANK[reachOfHost(host, [])] > RANK[reach];
}

/** What is checked is what is connected to: the name is asked for once for each connection. */
function guardedLookup(reach: Reach, resolve: Resolve): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => isWithin(address, reach));
      const [first] = allowed;
      if (first === undefined) return callback(addressError(), '', 0);
      if (options.all === true) return callback(null, allowed satisfies LookupAddress[]);
      return callback(null, first.address, first.family);
    });
  };
}

function isWithin(address: string, reach: Reach): boolean {
  const needed = reachOfAddress(address);
  return needed !== undefined && RANK[needed] <= RANK[reach];
}

/** Of IPv6 only 2000::/3 is in use on the internet (RFC 4291 2.4); the rest has old ways to write IPv4 addresses in it. */
function isGlobal(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return address instanceof ipaddr.IPv4 || (address.toByteArray()[0] ?? 0) >> 5 === 1;
}

/** IPv4 addresses that travel inside IPv6 ones count as themselves: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056). */
function embeddedAddress(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  const bytes = address.toByteArray();
  if (address.range() === 'rfc6052') return new ipaddr.IPv4(bytes.slice(12));
  if (address.range() === '6to4') return new ipaddr.IPv4(bytes.slice(2, 6));
  return address;
}

function bareHost(hostname: string): string {
  return hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}

/** What is said of an address that may not be reached. */
export function addressError(): ProxyError {
  return new ProxyError('ORIGIN_ADDRESS', say('origin.address'));
}
