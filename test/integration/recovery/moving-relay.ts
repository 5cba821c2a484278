/* Entry, in a network of its own: a relay whose computer gets, changes and loses its address. Prints what was seen after each, as JSON. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import createMulticastDns from 'multicast-dns';
import { m3uOf, startHeadless, type Headless } from '../../support/headless.ts';
import { createRelayClient } from '../../support/relay-client.ts';

const PATIENCE_MS = 20_000;

const ip = (...words: readonly string[]): void => void execFileSync('ip', words);

/** What a phone on the network is told when it looks for the relay by its name; empty: nothing, in time. */
async function lookUp(): Promise<string> {
  const phone = createMulticastDns();
  const found = Promise.withResolvers<string>();
  phone.on('response', ({ answers = [] }) => {
    for (const answer of answers)
      if (answer.type === 'A' && answer.name === 'hearthcast.local') found.resolve(answer.data);
  });
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until;) {
    phone.query('hearthcast.local', 'A');
    const address = await Promise.race([found.promise, sleep(500, '')]);
    if (address === '') continue;
    phone.destroy();
    return address;
  }
  phone.destroy();
  return '';
}

for (const link of [['lo'], ['lan0', 'type', 'veth', 'peer', 'name', 'lan1'], ['lan1']]) {
  if (link.length > 1) ip('link', 'add', ...link);
  ip('link', 'set', link[0] ?? '', 'up');
}

type Observation = { seen: unknown[]; errors: string[] };

async function observe(): Promise<Observation> {
  await using relay = await startHeadless({
    flags: ['--host', '0.0.0.0'],
    list: m3uOf([{ id: 'one', url: 'http://panel.example/one.m3u8' }]),
  });
  const seen: unknown[] = [await lookAfter(relay, 0)];
  const changes = [
    () => getAddress('10.77.0.2'),
    () => getAddress('10.88.0.5'),
    () => ip('address', 'flush', 'dev', 'lan0'),
    () => getAddress('10.88.0.5'),
  ];
  for (const [index, change] of changes.entries()) {
    change();
    seen.push(await lookAfter(relay, index + 1));
  }
  return { seen, errors: relay.stderr.filter((line) => /"level":[56]0/.test(line)) };
}

/** How often the relay has noticed that its addresses are others. */
function moves({ stderr }: Headless): number {
  return stderr.filter((line) => line.includes('TVs reach this computer under these addresses.')).length;
}

/** What there is to see once the relay has moved so often. */
async function lookAfter(relay: Headless, times: number): Promise<unknown> {
  const { ask } = createRelayClient(relay);
  for (const until = performance.now() + PATIENCE_MS; ; await sleep(200)) {
    const { lanUrls, problems } = await ask('app.snapshot', {});
    if (moves(relay) < times && performance.now() < until) continue;
    const [url = ''] = lanUrls;
    const list = url === '' ? '' : await (await fetch(`${url}/tv`)).text();
    return {
      hosts: lanUrls.map((lanUrl) => new URL(lanUrl).hostname),
      problems: problems.map(({ code }) => code),
      listLeadsTo: /^http:\/\/([\d.]+):/m.exec(list)?.[1] ?? null,
      name: url === '' ? null : await lookUp(),
    };
  }
}

/** As a router gives it, which leads nowhere from here. */
function getAddress(address: string): void {
  ip('address', 'flush', 'dev', 'lan0');
  ip('address', 'add', `${address}/24`, 'dev', 'lan0');
  ip('route', 'replace', 'default', 'via', address.replace(/\d+$/, '1'), 'dev', 'lan0');
}

// Whoever reads it stops this process, and the relay has to have gone by then.
process.stdout.write(`${JSON.stringify(await observe())}\n`);
