import { expect, test } from 'vitest';
import type { Progress } from '../../../shared/contract.ts';
import { startControlledRelay, type ControlledRelay } from '../../support/control-relay.ts';
import { body, startFakeOrigin, status } from '../../support/fake-origin.ts';
import { m3uOf } from '../../support/headless.ts';

const text = m3uOf([
  { id: 'news', url: 'http://provider.example/live/me/hunter2/1.m3u8' },
  { id: 'sports', url: 'http://provider.example/live/me/hunter2/2.m3u8' },
  { id: 'films', url: 'http://provider.example/live/me/hunter2/3.m3u8' },
]);

async function importList(relay: ControlledRelay, list = text) {
  const { planId } = await relay.ask('lists.plan', {
    origin: { kind: 'text', name: 'Home', text: list },
    taskId: 'plan',
  });
  return await relay.ask('lists.apply', { planId, taskId: 'apply' });
}

async function namesOf(relay: ControlledRelay) {
  return (await relay.ask('channels.query', {})).rows.map(({ name }) => name);
}

test('a list is looked at first, then taken over, and its channels are there', async () => {
  await using relay = await startControlledRelay();
  const origin = { kind: 'text', name: 'Home', text } as const;
  const plan = await relay.ask('lists.plan', { origin, taskId: 'plan' });
  expect(plan.counts).toMatchObject({ added: 3 });
  expect(await namesOf(relay)).toEqual([]);
  expect(await relay.ask('lists.planRows', { planId: plan.planId, change: 'added', limit: 2 })).toMatchObject({
    total: 3,
    rows: [{ name: 'news' }, { name: 'sports' }],
  });
  expect(await relay.ask('lists.apply', { planId: plan.planId, taskId: 'apply' })).toMatchObject({ added: 3 });
  expect(await namesOf(relay)).toEqual(['news', 'sports', 'films']);
  expect(await relay.ask('lists.all', {})).toMatchObject([{ kind: 'text', channelCount: 3 }]);
  expect((await relay.ask('app.snapshot', {})).channelCount).toBe(3);
});

test('a channel is added, changed, moved, grouped, removed, and each of it taken back', async () => {
  await using relay = await startControlledRelay();
  await importList(relay);
  const added = await relay.ask('channels.add', {
    name: 'Kids',
    group: 'Family',
    source: { url: 'http://kids.example/live.m3u8', headers: {} },
  });
  expect(await relay.ask('channels.get', { id: added.id })).toMatchObject({ name: 'Kids', group: 'Family' });
  await relay.ask('channels.save', { id: added.id, edit: { name: 'Kids TV', favourite: true } });
  await relay.ask('channels.move', { selection: { kind: 'ids', ids: [added.id] }, beforeId: 'ch_news' });
  expect(await namesOf(relay)).toEqual(['Kids TV', 'news', 'sports', 'films']);
  await relay.ask('channels.sort', { by: 'name' });
  expect(await namesOf(relay)).toEqual(['films', 'Kids TV', 'news', 'sports']);
  await relay.ask('channels.saveMany', {
    selection: { kind: 'ids', ids: ['ch_news', 'ch_films'] },
    edit: { group: 'Family' },
  });
  expect(await relay.ask('channels.renameGroup', { from: 'Family', to: 'Home' })).toEqual({ changed: 3 });
  expect(await relay.ask('channels.groups', {})).toContainEqual({ name: 'Home', count: 3 });
  await relay.ask('channels.remove', { selection: { kind: 'ids', ids: ['ch_sports'] } });
  expect(await namesOf(relay)).not.toContain('sports');
  await relay.ask('channels.undo', {});
  expect(await namesOf(relay)).toContain('sports');
});

test('a channel that is not there is said not to be', async () => {
  await using relay = await startControlledRelay();
  expect(await relay.reply('channels.get', { id: 'ch_none' })).toMatchObject({
    ok: false,
    error: { code: 'UNKNOWN_CHANNEL' },
  });
});

test('what comes out is a list for players: of the relay, or of the providers', async () => {
  await using relay = await startControlledRelay();
  await importList(relay);
  const ours = await relay.ask('lists.export', { urls: 'relay' });
  expect(ours.text).toContain('/proxy/ch_news/stream.m3u8');
  expect(ours.text).not.toContain('hunter2');
  const original = await relay.ask('lists.export', { urls: 'original' });
  expect(original.text).toContain('http://provider.example/live/me/hunter2/1.m3u8');
});

test('a backup brings channels and settings to another relay', async () => {
  await using first = await startControlledRelay();
  await importList(first);
  await first.ask('settings.save', { settings: { theme: 'dark', streamsPerHost: 2 } });
  const backup = await first.ask('backup.create', { passphrase: 'correct horse' });
  expect(backup.text).not.toContain('hunter2');

  await using second = await startControlledRelay();
  const wrong = await second.reply('backup.restore', { text: backup.text, passphrase: 'wrong' });
  expect(wrong).toMatchObject({ ok: false });
  expect(await namesOf(second)).toEqual([]);
  expect(await second.ask('backup.restore', { text: backup.text, passphrase: 'correct horse' })).toEqual({
    channels: 3,
  });
  expect(await namesOf(second)).toEqual(['news', 'sports', 'films']);
  expect(await second.ask('settings.get', {})).toMatchObject({ theme: 'dark', streamsPerHost: 2 });
});

test('a backup whose settings do not work here changes nothing, neither settings nor channels', async () => {
  await using taken = await startFakeOrigin({});
  await using first = await startControlledRelay();
  await importList(first);
  const { channelService } = await first.supervisor.app();
  const port = Number(new URL(taken.url).port);
  const { text: backup } = await channelService.createBackup('', { ...first.supervisor.savedSettings, port });

  await using second = await startControlledRelay();
  await second.ask('channels.add', { name: 'Mine', source: { url: 'http://mine.example/1.m3u8', headers: {} } });
  const before = { settings: await second.ask('settings.get', {}), names: await namesOf(second) };
  const reply = await second.reply('backup.restore', { text: backup });
  expect(reply).toMatchObject({ ok: false, error: { code: 'PORT_IN_USE' } });
  expect({ settings: await second.ask('settings.get', {}), names: await namesOf(second) }).toEqual(before);
});

test('a list that is refreshed or removed takes its channels with it', async () => {
  let current = text;
  await using origin = await startFakeOrigin({ '/list.m3u': (request, response) => body(current)(request, response) });
  await using relay = await startControlledRelay();
  const url = `${origin.url}/list.m3u`;
  const { planId } = await relay.ask('lists.plan', { origin: { kind: 'url', url }, taskId: 'plan' });
  await relay.ask('lists.apply', { planId, taskId: 'apply', groups: null });
  const [list] = await relay.ask('lists.all', {});
  const id = list?.id ?? -1;
  current = m3uOf([{ id: 'news', url: 'http://provider.example/new.m3u8' }]);
  expect(await relay.ask('lists.refresh', { id, taskId: 'refresh' })).toMatchObject({ removed: 2, changed: 1 });
  expect(await relay.ask('lists.save', { id, refreshHours: 6 })).toMatchObject({ refreshHours: 6 });
  await relay.ask('lists.remove', { id });
  expect(await namesOf(relay)).toEqual([]);
});

test('a channel is checked in words, one by one or many with progress', async () => {
  await using origin = await startFakeOrigin({ '/gone.m3u8': status(404) });
  await using relay = await startControlledRelay();
  const source = { url: `${origin.url}/gone.m3u8`, headers: {} };
  const found = await relay.ask('health.checkSource', { source });
  expect(found).toMatchObject({
    verdict: 'broken',
    source: 0,
    sentence: { text: expect.stringMatching(/\.$/) as string },
  });

  const { id } = await relay.ask('channels.add', { name: 'Gone', source });
  expect(await relay.ask('health.check', { id })).toMatchObject({ verdict: 'broken' });
  expect((await relay.ask('channels.query', { state: 'broken' })).rows).toMatchObject([{ id, health: 'broken' }]);
  expect(await relay.reply('health.check', { id, source: 7 })).toMatchObject({ ok: false });

  const told: Progress[] = [];
  const leave = relay.control.events.subscribe((name, value) => {
    if (name === 'progress' && 'taskId' in value) told.push(value);
  });
  expect(
    await relay.ask('health.checkMany', { selection: { kind: 'ids', ids: [id, 'ch_none'] }, taskId: 'check' }),
  ).toEqual({
    checked: 1,
    broken: 1,
  });
  leave();
  expect(told.at(-1)).toMatchObject({
    taskId: 'check',
    done: 1,
    total: 1,
    text: { text: expect.stringContaining('Gone') as string },
  });
});

test('headers with which a source plays are given to it and to no other', async () => {
  await using relay = await startControlledRelay();
  const added = await relay.ask('channels.add', {
    name: 'News',
    source: { url: 'http://a.example/1.m3u8', headers: {} },
  });
  const sources = [
    { url: 'http://a.example/1.m3u8', headers: {} },
    { url: 'http://b.example/1.m3u8', headers: { Referer: 'http://b.example/' } },
  ];
  await relay.ask('channels.save', { id: added.id, edit: { sources } });
  const headers = { 'User-Agent': 'TiviMate' };
  const detail = await relay.ask('health.applyHeaders', { id: added.id, source: 0, headers });
  expect(detail.sources.map((source) => source.headers)).toEqual([headers, { Referer: 'http://b.example/' }]);
});

test('a list that is being looked at can be cancelled', async () => {
  await using origin = await startFakeOrigin({ '/endless.m3u': () => undefined });
  await using relay = await startControlledRelay();
  const planning = relay.reply('lists.plan', {
    origin: { kind: 'url', url: `${origin.url}/endless.m3u` },
    taskId: 'plan',
  });
  while (origin.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  await relay.ask('tasks.cancel', { taskId: 'plan' });
  expect(await planning).toMatchObject({ ok: false, error: { code: 'CANCELLED' } });
});
