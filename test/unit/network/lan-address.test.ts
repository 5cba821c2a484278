import type { NetworkInterfaceInfo } from 'node:os';
import { isIPv4 } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  createLanAddresses,
  findRouteAddress,
  rankLanAddresses,
  ownAddresses,
} from '../../../main/network/lan-address.ts';
import { say } from '../../../shared/sentences.ts';

function ipv4(address: string, { internal = false } = {}): NetworkInterfaceInfo {
  return {
    address,
    netmask: '255.255.255.0',
    family: 'IPv4',
    mac: '02:00:00:00:00:01',
    internal,
    cidr: `${address}/24`,
  };
}

const ipv6: NetworkInterfaceInfo = {
  address: 'fd00::1',
  netmask: 'ffff:ffff:ffff:ffff::',
  family: 'IPv6',
  mac: '02:00:00:00:00:01',
  internal: false,
  cidr: 'fd00::1/64',
  scopeid: 0,
};

const addressesOf = (interfaces: Parameters<typeof rankLanAddresses>[0]) =>
  rankLanAddresses(interfaces).map(({ address }) => address);

describe('the addresses to hand out to TVs', () => {
  test('begin with the home network, whatever order the system has', () => {
    const interfaces = {
      docker0: [ipv4('172.17.0.1')],
      tailscale0: [ipv4('100.101.102.103')],
      'br-0a1b2c': [ipv4('172.18.0.1')],
      eth0: [ipv4('10.0.0.5')],
      wlan0: [ipv4('192.168.1.20')],
      virbr0: [ipv4('192.168.122.1')],
    };
    const expected = ['192.168.1.20', '10.0.0.5'];
    expect(addressesOf(interfaces).slice(0, 2)).toEqual(expected);
    expect(addressesOf(Object.fromEntries(Object.entries(interfaces).toReversed())).slice(0, 2)).toEqual(expected);
  });

  test.each([
    'docker0',
    'br-5f2e9c1d',
    'veth12ab',
    'virbr0',
    'vmnet8',
    'vboxnet0',
    'VirtualBox Host-Only Network',
    'VMware Network Adapter VMnet8',
    'vEthernet (WSL)',
    'vEthernet (Default Switch)',
    'utun3',
    'tun0',
    'wg0',
    'tailscale0',
    'awdl0',
    'bridge100',
  ])('end with those of %s, which no TV is behind', (name) => {
    const interfaces = { [name]: [ipv4('192.168.56.1')], 'Ethernet 2': [ipv4('172.20.0.9')] };
    expect(addressesOf(interfaces)).toEqual(['172.20.0.9', '192.168.56.1']);
  });

  test.each(['eth0', 'en0', 'wlan0', 'wlp3s0', 'enp0s31f6', 'Ethernet', 'Wi-Fi', 'WLAN', 'br0', '以太网'])(
    'count %s as real',
    (name) => {
      const interfaces = { docker0: [ipv4('192.168.56.1')], [name]: [ipv4('172.20.0.9')] };
      expect(addressesOf(interfaces)[0]).toBe('172.20.0.9');
    },
  );

  test('have private ones before public ones', () => {
    expect(addressesOf({ eth0: [ipv4('8.8.4.4')], eth1: [ipv4('172.20.0.9')] })).toEqual(['172.20.0.9', '8.8.4.4']);
  });

  test('are none that a TV cannot use: loopback, self-assigned, IPv6', () => {
    expect(
      addressesOf({ lo: [ipv4('127.0.0.1', { internal: true })], eth0: [ipv4('169.254.3.4'), ipv6], empty: [] }),
    ).toEqual([]);
  });

  test('are all of an interface that has several, named by it', () => {
    expect(rankLanAddresses({ eth0: [ipv4('10.0.0.5'), ipv6, ipv4('192.168.1.5')], gone: undefined })).toEqual([
      { address: '192.168.1.5', interfaceName: 'eth0', reason: say('address.home'), isRecommended: true },
      { address: '10.0.0.5', interfaceName: 'eth0', reason: say('address.home'), isRecommended: false },
    ]);
  });

  test('begin with the way to the internet, even in a rarer range', () => {
    const interfaces = { eth0: [ipv4('192.168.1.20')], eth1: [ipv4('172.20.0.9')] };
    const [best, next] = rankLanAddresses(interfaces, { route: '172.20.0.9' });
    expect(best).toMatchObject({ address: '172.20.0.9', isRecommended: true });
    expect(best?.reason.text).toContain('internet');
    expect(next).toMatchObject({ address: '192.168.1.20', isRecommended: false });
  });

  test('do not begin with a tunnel, though the way to the internet be through it', () => {
    const interfaces = { tun0: [ipv4('10.8.0.2')], wlan0: [ipv4('192.168.1.20')] };
    const ranked = rankLanAddresses(interfaces, { route: '10.8.0.2' });
    expect(ranked.map(({ address }) => address)).toEqual(['192.168.1.20', '10.8.0.2']);
    expect(ranked[1]?.reason.text).toContain('VPN');
  });

  test('begin with the one that the user chose, whatever it is', () => {
    const interfaces = { eth0: [ipv4('192.168.1.20')], tailscale0: [ipv4('100.101.102.103')] };
    const [best] = rankLanAddresses(interfaces, { route: '192.168.1.20', preferred: '100.101.102.103' });
    expect(best).toEqual({
      address: '100.101.102.103',
      interfaceName: 'tailscale0',
      reason: say('address.preferred'),
      isRecommended: true,
    });
  });

  test.each([
    ['docker0', 'containers'],
    ['vEthernet (WSL)', 'virtual machines'],
    ['utun3', 'VPN'],
    ['awdl0', 'no TV'],
  ])('say why %s is no good', (name, word) => {
    expect(rankLanAddresses({ [name]: [ipv4('192.168.56.1')] })[0]?.reason.text).toContain(word);
  });

  test('of this machine can be read', () => {
    expect(() => rankLanAddresses()).not.toThrow();
  });
});

describe('the addresses of this machine', () => {
  test('are found without sending anything', async () => {
    const address = await findRouteAddress();
    expect(address === undefined || isIPv4(address)).toBe(true);
  });

  test('are URLs with the port that the relay listens on, and every one is its own', async () => {
    const addresses = createLanAddresses({
      port: () => 8787,
      preferred: '',
      onChange: () => undefined,
      intervalMs: 60_000,
    });
    await addresses.start?.();
    expect(ownAddresses()).toContain('127.0.0.1');
    for (const { address, url } of addresses.current()) {
      expect(url).toBe(`http://${address}:8787`);
      expect(ownAddresses()).toContain(address);
    }
    expect(addresses.current().map(({ url }) => url)).toEqual(expect.arrayContaining(addresses.urls()));
    await addresses.stop?.();
  });
});
