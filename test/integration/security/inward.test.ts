import { expect, test } from 'vitest';
import type { CommandInput, CommandName, CommandOutput } from '../../../shared/contract.ts';
import { say } from '../../../shared/sentences.ts';
import { startControlledRelay } from '../../support/control-relay.ts';
import { fakeDns } from '../../support/fake-dns.ts';
import { body, playlist, redirect, startFakeOrigin, type FakeHandler } from '../../support/fake-origin.ts';
import { get } from '../../support/http-client.ts';
import { startHttpProxy } from '../../support/http-proxy.ts';
import { createRelayClient } from '../../support/relay-client.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';
import { mediaPlaylist } from '../../support/small-stream.ts';

/*
 * Every place that fetches something, led into the home or to what nothing may reach: by the answer of a name server, by one that
 * changes, and by redirects. (Logos are not among them: the window loads those itself, and the relay none.)
 */

type Ask = <Name extends CommandName>(name: Name, input: CommandInput<Name>) => Promise<CommandOutput<Name>>;

const NOT_FOLLOWED = say('origin.address').text;

/** What becomes of what a relay is asked to fetch from one host; `channelUrl` is where a TV opens a channel of it. */
async function fetchEverything(ask: Ask, host: string, channelUrl: string): Promise<Record<string, string>> {
  const failureOf = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'it was fetched',
      (error: unknown) => String(error),
    );
  const guide = `#EXTM3U x-tvg-url="${host}/guide.xml"\n#EXTINF:-1 tvg-id="one",One\nhttp://x.example/1.m3u8\n`;
  const origin = { kind: 'text' as const, name: host, text: guide };
  const { planId } = await ask('lists.plan', { origin, taskId: 'guide' });
  await ask('lists.apply', { planId, groups: null, refreshHours: 0, taskId: 'guide' });
  const { failed } = await ask('guide.refresh', {});
  const source = { url: `${host}/live.m3u8`, headers: {} };
  const xtream = { kind: 'xtream' as const, server: host, username: 'anna', password: 'x' };
  return {
    channel: (await get(channelUrl)).text,
    list: await failureOf(ask('lists.plan', { origin: { kind: 'url', url: `${host}/list.m3u` }, taskId: 't' })),
    panel: await failureOf(ask('lists.plan', { origin: xtream, taskId: 't' })),
    diagnosis: JSON.stringify(await ask('health.checkSource', { source })),
    guide: failed === 1 ? NOT_FOLLOWED : 'it was fetched',
  };
}

function expectNothingFollowed(outcomes: Record<string, string>): void {
  const followed = Object.entries(outcomes).filter(([, text]) => !text.includes(NOT_FOLLOWED));
  expect(followed).toEqual([]);
}

test('a public name that leads into this machine opens nothing, and no TV waits', async () => {
  await using inside = await startFakeOrigin((_request, response) => void response.end('the secret'));
  const host = `http://panel.example:${inside.port}`;
  await using siege = await startSiege({
    channels: { lured: `${host}/live.m3u8` },
    nodeArgs: fakeDns({ 'panel.example': ['127.0.0.1'] }),
  });
  const { ask } = createRelayClient(siege.relay);

  const disturbance = await siege.during(async () => {
    expectNothingFollowed(await fetchEverything(ask, host, siege.relay.channelUrl('ch_lured')));
  });

  expect([inside.requests.length, inside.openConnections()]).toEqual([0, 0]);
  expect(disturbance).toEqual(UNDISTURBED);
});

test('a name that was good when it was asked for first, and is not when it is used again, opens nothing', async () => {
  const once = { Connection: 'close' };
  await using provider = await startFakeOrigin({
    '/live.m3u8': playlist(mediaPlaylist(['x.ts']), once),
    '/list.m3u': body('#EXTM3U\n#EXTINF:-1,One\nhttp://x.example/1.m3u8\n', once),
  });
  const host = `http://turning.localhost:${provider.port}`;
  await using siege = await startSiege({
    channels: { turning: `${host}/live.m3u8` },
    nodeArgs: fakeDns({ 'turning.localhost': ['127.0.0.1', '169.254.169.254'] }),
  });
  const { ask } = createRelayClient(siege.relay);

  const disturbance = await siege.during(async () => {
    const { counts } = await ask('lists.plan', { origin: { kind: 'url', url: `${host}/list.m3u` }, taskId: 't' });
    expect(counts.added).toBe(1);
    expectNothingFollowed(await fetchEverything(ask, host, siege.relay.channelUrl('ch_turning')));
  });

  expect(provider.requests.map(({ path }) => path)).toEqual(['/list.m3u']);
  expect(disturbance).toEqual(UNDISTURBED);
});

const INWARD: Record<string, (insidePort: number) => string> = {
  'this machine': (port) => `http://127.0.0.1:${port}/secret`,
  'this machine by another name': (port) => `http://localhost:${port}/secret`,
  'this machine as a number': (port) => `http://2130706433:${port}/secret`,
  'this machine in IPv6': (port) => `http://[::ffff:127.0.0.1]:${port}/secret`,
  'a name of the home': () => 'http://nas.local/',
  'the router': () => 'http://192.168.1.1/',
  'a metadata service': () => 'http://169.254.169.254/latest/meta-data/',
};

test.for(Object.keys(INWARD))('redirects of a public provider to %s are followed by nothing', async (what) => {
  await using inside = await startFakeOrigin((_request, response) => void response.end('the secret'));
  const target = INWARD[what]?.(inside.port) ?? '';
  // The long way: over other public hosts first.
  const hops: FakeHandler = ({ url }, response) => {
    const hop = Number(/hop=(\d)/.exec(url)?.[1] ?? 0);
    const onward = `http://hop${hop}.example/again?hop=${hop + 1}`;
    return redirect(hop < 3 ? onward : target)({ method: 'GET', url, path: url, headers: {} }, response);
  };
  await using provider = await startFakeOrigin(hops);
  await using proxy = await startHttpProxy(provider.port);
  await using relay = await startControlledRelay({ overrides: { upstreamProxy: proxy.url } });
  const host = 'http://provider.example';
  const { id } = await relay.ask('channels.add', {
    name: 'Lured',
    source: { url: `${host}/live.m3u8`, headers: {} },
  });

  expectNothingFollowed(await fetchEverything(relay.ask, host, `${relay.relayUrl()}/proxy/${id}/stream.m3u8`));

  expect([inside.requests.length, inside.openConnections()]).toEqual([0, 0]);
  expect(proxy.asked.filter((url) => /127\.|localhost|192\.168|169\.254|ffff|nas/.test(url))).toEqual([]);
  expect(proxy.asked.some((url) => url.startsWith('http://hop2.example/'))).toBe(true);
});
