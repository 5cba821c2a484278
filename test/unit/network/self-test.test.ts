import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { runSelfTest, type SelfTestDeps } from '../../../main/network/self-test.ts';
import { say } from '../../../shared/sentences.ts';

const LAN = { address: '192.168.1.20', url: 'http://192.168.1.20:8787' };

/** A relay on port 8787, seen through what answers where. */
function selfTest(answers: Record<string, unknown>, changes: Partial<SelfTestDeps> = {}) {
  return runSelfTest({
    host: '0.0.0.0',
    port: 8787,
    instance: 'us',
    addresses: [LAN],
    devicesSeen: 1,
    platform: 'win32',
    fetchHealth: (url) => {
      const { host } = new URL(url);
      return host in answers ? Promise.resolve(answers[host]) : Promise.reject(new Error('refused'));
    },
    ...changes,
  });
}

const OURS = { status: 'ok', instance: 'us' };
const BOTH_OURS = { '127.0.0.1:8787': OURS, '192.168.1.20:8787': OURS };

describe('whether a TV will reach the relay', () => {
  test('is yes when an address answers and devices have come in', async () => {
    expect(await selfTest(BOTH_OURS, { devicesSeen: 3 })).toEqual({
      verdict: 'reachable',
      sentence: say('reach.reachable', { count: 3 }),
      addresses: [{ url: LAN.url, answers: true, sentence: say('probe.ours') }],
      devicesSeen: 3,
      port: 8787,
      system: 'windows',
    });
  });

  test('is a hint at the firewall, and no claim, while no device has come in', async () => {
    const { verdict, sentence } = await selfTest(BOTH_OURS, { devicesSeen: 0 });
    expect(verdict).toBe('firewall-suspected');
    expect(sentence.text).toMatch(/^The relay answers, but .* If a TV cannot connect/);
  });

  test('is doubtful when the relay answers on loopback but not at its network address', async () => {
    const { verdict, sentence, addresses } = await selfTest({ '127.0.0.1:8787': OURS });
    expect(verdict).toBe('firewall-suspected');
    expect(sentence.text).toContain('Not even this computer');
    expect(addresses).toEqual([{ url: LAN.url, answers: false, sentence: say('probe.silent') }]);
  });

  test.each([
    ['everywhere', { '127.0.0.1:8787': { hello: 'world' }, '192.168.1.20:8787': 'hello' }],
    ['at the network address alone', { '127.0.0.1:8787': OURS, '192.168.1.20:8787': { instance: 'another' } }],
    ['on loopback alone', { '127.0.0.1:8787': { instance: 'another' } }],
  ])('is no when another program answers %s', async (_where, answers) => {
    const { verdict, sentence } = await selfTest(answers);
    expect(verdict).toBe('port-in-use');
    expect(sentence.text).toContain('8787');
  });

  test.each(['127.0.0.1', 'localhost', '::1'])('is no when the relay listens on %s', async (host) => {
    expect((await selfTest(BOTH_OURS, { host })).verdict).toBe('loopback-only');
  });

  test.each([
    ['win32', 'windows'],
    ['darwin', 'mac'],
    ['linux', 'linux'],
    ['freebsd', 'other'],
  ] as const)('says whose firewall it may be: on %s that of %s', async (platform, system) => {
    expect(await selfTest(BOTH_OURS, { platform })).toMatchObject({ system, port: 8787 });
  });

  test('is no without a network', async () => {
    expect((await selfTest(BOTH_OURS, { addresses: [] })).verdict).toBe('no-network');
  });
});

test('a program that speaks no JSON, or redirects, is another program, and a closed port is none', async () => {
  const web = createServer((request, response) => {
    if (request.url === '/health') response.writeHead(302, { Location: '/elsewhere' });
    response.end('<html>');
  });
  await new Promise<void>((resolve) => void web.listen(0, '127.0.0.1', resolve));
  const { port } = web.address() as AddressInfo;
  const deps = { host: '0.0.0.0', instance: 'us', devicesSeen: 0, platform: 'linux' as const };
  const url = `http://127.0.0.1:${port}`;
  const taken = await runSelfTest({ ...deps, port, addresses: [{ address: '127.0.0.1', url }] });
  expect(taken).toMatchObject({ verdict: 'port-in-use', addresses: [{ answers: false }] });
  web.closeAllConnections();
  await new Promise((resolve) => web.close(resolve));
  const closed = await runSelfTest({ ...deps, port, addresses: [{ address: '127.0.0.1', url }] });
  expect(closed).toMatchObject({
    verdict: 'firewall-suspected',
    addresses: [{ sentence: say('probe.silent') }],
  });
});
