import { describe, expect, test } from 'vitest';
import { createVisitors } from '../../../main/proxy/visitors.ts';

describe('clients that were refused', () => {
  test('are counted and told once each, however often they try', () => {
    let time = 1000;
    const visitors = createVisitors({ ownAddresses: () => [], now: () => time });
    expect(visitors.refuse('8.8.8.8')).toBe(true);
    time = 2000;
    expect(visitors.refuse('::ffff:9.9.9.9')).toBe(true);
    time = 3000;
    for (let attempt = 0; attempt < 1000; attempt += 1) expect(visitors.refuse('8.8.8.8')).toBe(false);
    expect(visitors.refusedClients).toBe(2);
    expect(visitors.refused()).toEqual([
      { address: '8.8.8.8', attempts: 1001, lastAt: 3000 },
      { address: '9.9.9.9', attempts: 1, lastAt: 2000 },
    ]);
  });

  test('are remembered up to a bound', () => {
    const visitors = createVisitors({ ownAddresses: () => [], now: Date.now });
    for (let index = 0; index < 5000; index += 1) visitors.refuse(`2001:db8::${index.toString(16)}`);
    expect(visitors.refused()).toHaveLength(1000);
    expect(visitors.refusedClients).toBe(5000);
  });
});

test('devices that have come in are the others of the network, each once', () => {
  const visitors = createVisitors({ ownAddresses: () => ['192.168.1.20', 'fe80::5'], now: Date.now });
  const clients = [
    '127.0.0.1',
    '::1',
    '192.168.1.20',
    '::ffff:192.168.1.20',
    '192.168.1.30',
    '192.168.1.30',
    'fe80::9%eth0',
  ];
  for (const address of clients) visitors.welcome(address);
  expect(visitors.devicesSeen).toBe(2);
});
