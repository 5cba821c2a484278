import { rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createListSource } from '../../../main/channels/list-source.ts';
import type { ChannelRepository } from '../../../main/channels/repository.ts';
import { ProxyError } from '../../../main/errors.ts';
import { allChannels, m3u, openRepository, recordingLog, temporaryFolder } from './channel-database.ts';
import { foreign } from '../../../shared/sentence.ts';

const A = 'http://panel.example/a.m3u8';
const B = 'http://panel.example/b.m3u8';

const noWeb = () => Promise.reject(new Error('no list is loaded from the web in this test'));

async function startSource(
  origin: string,
  channels: ChannelRepository,
  fetchList: Parameters<typeof createListSource>[0]['fetchList'] = noWeb,
) {
  const { log, messages } = recordingLog();
  const source = createListSource({ origin, channels, fetchList, log });
  await source.start?.();
  return { source, messages, [Symbol.asyncDispose]: async () => source.stop?.() };
}

test('a local list is there once its source has started', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  await writeFile(folder.path('home.m3u'), m3u(['a', 'Alpha', A]));

  await using running = await startSource(folder.path('home.m3u'), opened.channels);

  expect(opened.channels.get('ch_a')?.sources).toEqual([{ url: A, headers: {} }]);
  expect(running.messages).toEqual(['The list home.m3u was taken over: 1 channels.']);
});

test('a change on disk is taken over, ids kept, however it is written', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const { channels } = opened;
  const list = folder.path('home.m3u');
  await writeFile(list, m3u(['a', 'Alpha', A]));
  await using running = await startSource(list, channels);

  await writeFile(list, m3u(['a', 'Alpha', B]));
  await vi.waitFor(() => expect(channels.get('ch_a')?.sources[0]?.url).toBe(B), 10_000);

  await writeFile(folder.path('new'), m3u(['a', 'Renamed', B]));
  await rename(folder.path('new'), list);
  await vi.waitFor(() => expect(channels.get('ch_a')?.name).toBe('Renamed'), 10_000);

  await rm(list);
  await vi.waitFor(() => expect(running.messages.at(-1)).toContain('has disappeared'), 10_000);
  expect(channels.get('ch_a')?.name).toBe('Renamed');

  await writeFile(list, m3u(['a', 'Back', B]));
  await vi.waitFor(() => expect(channels.get('ch_a')?.name).toBe('Back'), 10_000);
});

test('new content that is no list changes nothing and is logged, and a good one after it is taken', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const { channels } = opened;
  const list = folder.path('home.m3u');
  await writeFile(list, m3u(['a', 'Alpha', A]));
  await using running = await startSource(list, channels);
  const revision = channels.revision();

  await writeFile(list, '<html>please log in</html>');
  await vi.waitFor(() => expect(running.messages).toHaveLength(2), 10_000);
  expect(running.messages[1]).toBe(
    'The list home.m3u was not taken over: This is a web page, not a channel list: has the login expired?',
  );
  expect(channels.revision()).toBe(revision);

  await writeFile(list, m3u(['b', 'Beta', B]));
  await vi.waitFor(() => expect(allChannels(channels).map(({ id }) => id)).toEqual(['ch_b']), 10_000);
});

test('a list that is written anew with the same content is not taken over again', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const list = folder.path('home.m3u');
  await writeFile(list, m3u(['a', 'Alpha', A]));
  await using running = await startSource(list, opened.channels);

  await writeFile(list, m3u(['a', 'Alpha', A]));
  await sleep(1000);
  await writeFile(list, m3u(['a', 'Alpha', B]));
  await vi.waitFor(() => expect(opened.channels.get('ch_a')?.sources[0]?.url).toBe(B), 10_000);
  expect(running.messages).toHaveLength(2);
});

test('a file that is missing at start does not fail it, and is taken over when it comes', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const list = folder.path('later.m3u');

  await using running = await startSource(list, opened.channels);
  expect(running.messages).toEqual(['The list later.m3u was not taken over: The file does not exist.']);

  await writeFile(list, m3u(['a', 'Alpha', A]));
  await vi.waitFor(() => expect(opened.channels.count()).toBe(1), 10_000);
});

test('a folder in place of a list is refused in words', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  await using running = await startSource(folder.path('.'), opened.channels);
  expect(running.messages[0]).toContain('This is a folder or a device, not a list file.');
});

test('skipped lines are summed up in one message', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  await writeFile(folder.path('home.m3u'), `Alpha,${A}\nrtmp://old.example/\nnonsense`);
  await using running = await startSource(folder.path('home.m3u'), opened.channels);
  expect(running.messages[1]).toBe(
    'The list home.m3u has 2 lines that were skipped; ' +
      'line 2: Addresses of kind rtmp: cannot be relayed, only http: and https:.; ' +
      'line 3: This is neither an address nor "name,address".',
  );
});

const LOGIN_URL = 'http://panel.example/get.php?username=anna&password=geheim';

test('a list from the web is taken over at start', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  await using running = await startSource(LOGIN_URL, opened.channels, () =>
    Promise.resolve(Buffer.from(m3u(['a', 'Alpha', A]))),
  );
  expect(opened.channels.count()).toBe(1);
  expect(running.messages).toEqual([
    'The list http://panel.example/get.php?username=***&password=*** was taken over: 1 channels.',
  ]);
});

test.for([
  [new ProxyError('ORIGIN_TIMEOUT', foreign('The list did not arrive in time.')), 'The list did not arrive in time.'],
  [Object.assign(new Error(`connect ${LOGIN_URL}`), { code: 'ECONNREFUSED' }), 'It cannot be read (ECONNREFUSED).'],
] as const)('a list from the web that fails is one sentence without credentials', async ([failure, sentence]) => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  await using running = await startSource(LOGIN_URL, opened.channels, () => Promise.reject(failure));
  expect(running.messages).toEqual([
    `The list http://panel.example/get.php?username=***&password=*** was not taken over: ${sentence}`,
  ]);
});

test('a list from the web that never arrives keeps neither the start nor the stop waiting', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const { promise: never } = Promise.withResolvers<Buffer<ArrayBuffer>>();
  const running = await startSource(LOGIN_URL, opened.channels, async () => never);
  await running.source.stop?.();
  expect(running.messages).toEqual([]);
});
