import { createSocket } from 'node:dgram';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import ipaddr from 'ipaddr.js';
import type { LanAddress } from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';
import type { Part } from '../lifecycle.ts';

/** An address of this machine under which TVs may reach it, and why it ranks where it does. */
export type RankedAddress = Omit<LanAddress, 'url'>;

/** The addresses that TVs are told, kept up to date. */
export type LanAddresses = Part & {
  /** All of them, best first. */
  current(): LanAddress[];
  /** Those worth handing out, best first: none of a virtual network unless there is nothing else. */
  reachable(): string[];
  /** Their URLs. */
  urls(): string[];
};

export type LanAddressesDeps = {
  port: () => number;
  /** The address that the user wants handed out; empty: the best one. */
  preferred: string;
  /** Called when the ranking has changed. */
  onChange: (addresses: LanAddress[]) => void;
  intervalMs: number;
};

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;
type Kind = 'preferred' | 'route' | 'home' | 'public' | 'container' | 'machine' | 'tunnel' | 'other';

/** Interfaces that no TV is behind, by what they are; Windows' `vEthernet` before Linux' `veth`. */
const VIRTUAL_INTERFACES: readonly (readonly [pattern: RegExp, kind: Kind])[] = [
  [/^(?:virbr|vmnet|vboxnet|vEthernet|bridge)|virtualbox|vmware|hyper-v|wsl/i, 'machine'],
  [/^(?:docker|br-|veth|cni|flannel|podman|lxc|lxd|cali)/i, 'container'],
  [/^(?:utun|tun|tap|wg|tailscale|zt|ppp|ipsec|nordlynx|proton)|wireguard|openvpn|tailscale|zerotier|vpn/i, 'tunnel'],
  [/^(?:awdl|llw)|loopback/i, 'other'],
];

/** Less is better. */
const RANKS: Record<Kind, number> = {
  preferred: 0,
  route: 10,
  home: 20,
  public: 50,
  machine: 100,
  container: 100,
  tunnel: 100,
  other: 100,
};
const FIRST_VIRTUAL_RANK = 100;
/** Home routers hand out the first far more often than the others. */
const HOME_RANGES = ['192.168.', '10.', '172.'];

/**
 * The addresses of this machine, best for TVs first: the network with the way to the internet, then other home networks, then
 * the rest. IPv4 only, because a TV's remote control types it.
 * @param route the address that `findRouteAddress` found
 */
export function rankLanAddresses(
  interfaces: Interfaces = networkInterfaces(),
  { route, preferred = '' }: { route?: string | undefined; preferred?: string } = {},
): RankedAddress[] {
  return usable(interfaces)
    .map(({ address, interfaceName }) => ({
      address,
      interfaceName,
      kind: kindOf(address, interfaceName, { route, preferred }),
    }))
    .toSorted((a, b) => rank(a) - rank(b))
    .map(({ address, interfaceName, kind }, index) => ({
      address,
      interfaceName,
      reason: say(`address.${kind}`),
      isRecommended: index === 0,
    }));
}

/** The address that traffic to the internet leaves from. A UDP socket is told by connecting it, which sends nothing. */
export function findRouteAddress(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (address: string | undefined): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => end(undefined));
    socket.once('connect', () => end(socket.address().address));
    // An address for documentation (RFC 5737), routed like any public one.
    socket.connect(9, '192.0.2.1');
  });
}

/** Looks now and then, since no system tells every change. */
export function createLanAddresses({ port, preferred, onChange, intervalMs }: LanAddressesDeps): LanAddresses {
  let timer: NodeJS.Timeout | undefined;
  let route: string | undefined;
  let told: LanAddress[] = [];

  const ranked = (): RankedAddress[] => rankLanAddresses(networkInterfaces(), { route, preferred });
  const urlOf = (address: string): string => `http://${address}:${port()}`;
  const current = (): LanAddress[] => ranked().map((ranking) => ({ ...ranking, url: urlOf(ranking.address) }));

  function reachable(): string[] {
    const all = ranked();
    const real = all.filter(({ address, interfaceName }) => !isVirtual(address, interfaceName, preferred));
    return (real.length > 0 ? real : all).map(({ address }) => address);
  }

  async function look(): Promise<void> {
    route = await findRouteAddress();
    const found = current();
    if (timer === undefined || isDeepStrictEqual(found, told)) return;
    told = found;
    onChange(found);
  }

  return {
    name: 'LAN addresses',
    async start() {
      route = await findRouteAddress();
      told = current();
      timer = setInterval(() => void look(), intervalMs).unref();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
    },
    current,
    reachable,
    urls: () => reachable().map(urlOf),
  };
}

/** Every address of this machine, whatever a TV can do with it. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((info) => (info === undefined ? [] : [info.address]));
}

function usable(interfaces: Interfaces): { address: string; interfaceName: string }[] {
  return Object.entries(interfaces)
    .flatMap(([interfaceName, infos = []]) => infos.map((info) => ({ info, interfaceName })))
    .filter(
      ({ info }) => info.family === 'IPv4' && !info.internal && ipaddr.parse(info.address).range() !== 'linkLocal',
    )
    .map(({ info, interfaceName }) => ({ address: info.address, interfaceName }));
}

function kindOf(
  address: string,
  interfaceName: string,
  { route, preferred }: { route: string | undefined; preferred: string },
): Kind {
  if (address === preferred) return 'preferred';
  const virtual = VIRTUAL_INTERFACES.find(([pattern]) => pattern.test(interfaceName));
  if (virtual !== undefined) return virtual[1];
  if (ipaddr.parse(address).range() !== 'private') return 'public';
  return address === route ? 'route' : 'home';
}

function rank({ address, kind }: { address: string; kind: Kind }): number {
  const range = HOME_RANGES.findIndex((prefix) => address.startsWith(prefix));
  return RANKS[kind] + (range < 0 ? HOME_RANGES.length : range);
}

function isVirtual(address: string, interfaceName: string, preferred: string): boolean {
  return RANKS[kindOf(address, interfaceName, { route: undefined, preferred })] >= FIRST_VIRTUAL_RANK;
}
