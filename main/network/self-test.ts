import type { LanAddress, SelfTest } from '../../shared/contract.ts';
import type { System } from '../../shared/firewall.ts';
import ipaddr from 'ipaddr.js';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';

export type SelfTestDeps = {
  /** The address that the relay listens on, as the settings have it. */
  host: string;
  port: number;
  /** What `/health` of this relay, and of no other, says under `instance`. */
  instance: string;
  addresses: readonly Pick<LanAddress, 'address' | 'url'>[];
  /** Devices of the network that have come in. */
  devicesSeen: number;
  platform: NodeJS.Platform;
  /** What is answered at a `/health` address, as JSON. @throws when nothing is, or no JSON */
  fetchHealth?: (url: string) => Promise<unknown>;
};

type Probe = 'ours' | 'another' | 'silent';

const TIMEOUT_MS = 2_000;

/** Will my TV reach it? Tries every address that TVs are told, as far as that can be done from here. */
export async function runSelfTest({
  host,
  port,
  instance,
  addresses,
  devicesSeen,
  platform,
  fetchHealth = fetchJson,
}: SelfTestDeps): Promise<SelfTest> {
  const probe = (base: string): Promise<Probe> => probeAddress(`${base}/health`, instance, fetchHealth);
  const [loopback, ...probes] = await Promise.all([
    probe(`http://127.0.0.1:${port}`),
    ...addresses.map(({ url }) => probe(url)),
  ]);
  const tested = addresses.map(({ url }, index) => ({ url, probe: probes[index] ?? 'silent' }));
  const verdict = judge({ host, loopback, probes, devicesSeen });
  return {
    verdict,
    sentence: sentenceOf(verdict, { port, devicesSeen, isSilent: !probes.includes('ours') }),
    addresses: tested.map((each) => ({
      url: each.url,
      answers: each.probe === 'ours',
      sentence: say(`probe.${each.probe}`),
    })),
    devicesSeen,
    port,
    system: systemOf(platform),
  };
}

function systemOf(platform: NodeJS.Platform): System {
  switch (platform) {
    case 'win32':
      return 'windows';
    case 'darwin':
      return 'mac';
    case 'linux':
      return 'linux';
    default:
      return 'other';
  }
}

function judge(seen: {
  host: string;
  loopback: Probe;
  probes: readonly Probe[];
  devicesSeen: number;
}): SelfTest['verdict'] {
  const { host, loopback, probes, devicesSeen } = seen;
  if (isLoopback(host)) return 'loopback-only';
  if (probes.length === 0) return 'no-network';
  if (probes.includes('ours')) return devicesSeen > 0 ? 'reachable' : 'firewall-suspected';
  if (loopback === 'another' || probes.includes('another')) return 'port-in-use';
  return 'firewall-suspected';
}

/** A firewall is never claimed, because nobody can see it from the inside: no TV may have tried yet. */
function sentenceOf(
  verdict: SelfTest['verdict'],
  { port, devicesSeen, isSilent }: { port: number; devicesSeen: number; isSilent: boolean },
): Sentence {
  switch (verdict) {
    case 'reachable':
      return say('reach.reachable', { count: devicesSeen });
    case 'loopback-only':
      return say('reach.loopbackOnly');
    case 'port-in-use':
      return say('reach.portInUse', { port });
    case 'no-network':
      return say('reach.noNetwork');
    case 'firewall-suspected':
      return say(isSilent ? 'reach.silent' : 'reach.nobodyYet', { port });
  }
}

async function probeAddress(
  url: string,
  instance: string,
  fetchHealth: (url: string) => Promise<unknown>,
): Promise<Probe> {
  try {
    const health = await fetchHealth(url);
    const isOurs =
      typeof health === 'object' && health !== null && 'instance' in health && health.instance === instance;
    return isOurs ? 'ours' : 'another';
  } catch (error) {
    // It answered, just not as we do: a syntax error is no failure to connect.
    return error instanceof SyntaxError ? 'another' : 'silent';
  }
}

async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  return response.json();
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.parse(host).range() === 'loopback');
}
