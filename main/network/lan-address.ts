import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import ipaddr from 'ipaddr.js';

/** An address of this machine under which TVs may reach it. */
export type LanAddress = { address: string; interfaceName: string };

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Interfaces that no TV is behind: containers, virtual machines, tunnels, and Apple's own peer-to-peer links. */
const VIRTUAL_INTERFACE = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|vEthernet|utun|tun|tap|wg|tailscale|zt|ppp|ipsec|awdl|llw|bridge|lxc|lxd|cni|flannel|podman)|(?:virtualbox|vmware|hyper-v|wsl|loopback)/i;

/**
 * The addresses to hand out to TVs, best first: home networks' own ranges on real interfaces before anything else.
 * IPv4 only, because a TV's remote control types it.
 */
export function rankLanAddresses(interfaces: Interfaces = networkInterfaces()): LanAddress[] {
  return Object.entries(interfaces)
    .flatMap(([interfaceName, infos = []]) => infos.map((info) => ({ info, interfaceName })))
    .filter(({ info }) => info.family === 'IPv4' && !info.internal && ipaddr.parse(info.address).range() !== 'linkLocal')
    .map(({ info, interfaceName }) => ({ address: info.address, interfaceName, rank: rank(info.address, interfaceName) }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ address, interfaceName }) => ({ address, interfaceName }));
}

function rank(address: string, interfaceName: string): number {
  const isVirtual = VIRTUAL_INTERFACE.test(interfaceName);
  const isPrivate = ipaddr.parse(address).range() === 'private';
  const homeRange = ['192.168.', '10.', '172.'].findIndex((prefix) => address.startsWith(prefix));
  return (isVirtual ? 100 : 0) + (isPrivate ? 0 : 50) + (homeRange < 0 ? 9 : homeRange);
}
