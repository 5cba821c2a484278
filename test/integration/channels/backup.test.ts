import { describe, expect, test } from 'vitest';
import { say } from '../../../shared/sentences.ts';
import { Settings } from '../../../shared/settings.ts';
import { openService, these, work, type OpenedService } from './opened-service.ts';

const SETTINGS = Settings.parse({
  ...{ sealingKey: 'k'.repeat(43), port: 9000, language: 'zh', accessKey: 'open-sesame' },
  redisUrl: 'redis://:redis-password@192.168.1.5:6379',
});

const LIST_URL = 'http://lists.example/get.php?username=anna&password=geheim';

const LIST = `#EXTM3U
#EXTINF:-1 tvg-id="a" group-title="One" catchup-source="http://p.example/live/anna/geheim/{utc}.ts",Alpha
#EXTVLCOPT:http-cookie=session=geheim
http://p.example/live/anna/geheim/1.m3u8
#EXTINF:-1 tvg-id="b" group-title="Two",湖南卫视
http://open.example/b.m3u8
#EXTINF:-1 tvg-id="c" group-title="Two",Gamma
http://open.example/c.m3u8
`;

/** With everything that people can do to channels. */
async function furnished(): Promise<OpenedService> {
  const opened = await openService({
    fetchList: () => Promise.resolve({ bytes: Buffer.from(LIST), etag: '', lastModified: '' }),
  });
  const { service } = opened;
  const plan = await service.plan({ kind: 'url', url: LIST_URL }, work);
  await service.apply(plan.planId, ['One', 'Two'], 12, work);
  const { sources } = service.detail('ch_a');
  await service.save('ch_a', {
    ...{ name: 'Mine', number: 4, notes: 'good', favourite: true, enabled: false },
    options: { quality: { kind: 'at-most', bitsPerSecond: 3_000_000 }, wrap: true, cacheKey: 'auto', prefetch: null },
    sources: [
      { url: 'http://own.example/1.m3u8', headers: { 'User-Agent': 'Mine' } },
      ...sources.map(({ url, headers }) => ({ url, headers })),
    ],
  });
  await service.move(these('ch_b'), 'ch_a');
  await service.remove(these('ch_c'));
  return opened;
}

async function state({ service, channels, rows }: OpenedService) {
  const all = await rows();
  return {
    channels: all.map(({ id }) => service.detail(id)),
    played: all.map(({ id }) => channels.get(id)),
    lists: service.lists(),
  };
}

describe('a backup with a passphrase', () => {
  test('brings everything to another machine', async () => {
    await using home = await furnished();
    await using other = await openService();
    const { text, fileName } = await home.service.createBackup('open, please', SETTINGS);
    expect(fileName).toBe('hearthcast-2026-11-22.backup');

    const restored = await other.service.restoreBackup(text, 'open, please');
    const { sealingKey, version: _version, ...settings } = SETTINGS;
    expect(restored).toEqual({ channels: 2, sealingKey, settings });
    expect(await state(other)).toEqual(await state(home));
  });

  test('goes on with the lists as before: what was removed stays away, groups and order stay', async () => {
    await using home = await furnished();
    await using other = await openService({
      fetchList: () =>
        Promise.resolve({
          bytes: Buffer.from(`${LIST}Three,#genre#\nNew,http://x.example/`),
          etag: '',
          lastModified: '',
        }),
    });
    await other.service.restoreBackup((await home.service.createBackup('pass', SETTINGS)).text, 'pass');
    expect(await other.service.refresh(1, work)).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 2 });
    expect(await other.names()).toEqual(['湖南卫视', 'Mine']);
  });

  test('says nothing to whoever does not know it', async () => {
    await using home = await furnished();
    const { text } = await home.service.createBackup('open, please', SETTINGS);
    for (const secret of ['geheim', 'anna', 'Mine', 'kkkk', 'redis-password', 'p.example']) {
      expect(text).not.toContain(secret);
    }
    const before = await state(home);
    const wrong = 'The passphrase is not the one of this backup, or the backup is damaged.';
    await expect(home.service.restoreBackup(text, 'guess')).rejects.toMatchObject({ message: wrong });
    const none = 'This backup is encrypted: enter its passphrase.';
    await expect(home.service.restoreBackup(text, '')).rejects.toMatchObject({ message: none });
    expect(await state(home)).toEqual(before);
  });

  test('in which anything was changed is refused', async () => {
    await using home = await furnished();
    const { text } = await home.service.createBackup('pass', SETTINGS);
    const [header = '', sealed = '', tag = ''] = text.split('\n');
    const flipped = sealed.startsWith('A') ? `B${sealed.slice(1)}` : `A${sealed.slice(1)}`;
    for (const changed of [
      [header, flipped, tag],
      [header, tag],
      [header, sealed],
      [header, sealed, sealed, tag],
    ]) {
      await expect(home.service.restoreBackup(changed.join('\n'), 'pass')).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      });
    }
  });
});

describe('a backup without a passphrase', () => {
  test('holds no secret', async () => {
    await using home = await furnished();
    const { text } = await home.service.createBackup('', SETTINGS);
    for (const secret of ['geheim', 'anna', 'kkkk', 'redis-password', 'open-sesame'])
      expect(text).not.toContain(secret);
    expect(text).toContain('"port":9000');
    expect(text).toContain('http://open.example/b.m3u8');
  });

  test('finds the secrets again on the machine that it was made on', async () => {
    await using home = await furnished();
    const before = await state(home);
    const { text } = await home.service.createBackup('', SETTINGS);
    await home.service.renameGroup('One', 'Lost');
    await home.service.remove(these('ch_b'));
    const { settings, sealingKey } = await home.service.restoreBackup(text, '');
    expect(sealingKey).toBeNull();
    expect(settings).not.toHaveProperty('redisUrl');
    const after = await state(home);
    expect(after.played.map((channel) => channel?.sources)).toEqual(before.played.map((channel) => channel?.sources));
    expect(after.lists).toEqual(before.lists);
  });

  test('asks no provider with half an address', async () => {
    await using home = await furnished();
    await using other = await openService();
    await other.service.restoreBackup((await home.service.createBackup('', SETTINGS)).text, '');
    expect(other.service.lists()).toMatchObject([{ refreshHours: 0 }, { kind: 'manual' }]);
    await expect(other.service.refresh(1, work)).rejects.toMatchObject({
      message: 'This list comes from a backup without passwords: add it once more.',
    });
  });

  test('gets its secrets back when the list is added once more', async () => {
    await using home = await furnished();
    await using other = await openService({
      fetchList: () => Promise.resolve({ bytes: Buffer.from(LIST), etag: '', lastModified: '' }),
    });
    await other.service.restoreBackup((await home.service.createBackup('', SETTINGS)).text, '');
    const { planId, counts } = await other.service.plan({ kind: 'url', url: LIST_URL }, work);
    expect(counts).toMatchObject({ removed: 0, merged: 0 });
    await other.service.apply(planId, null, 24, work);
    expect(other.service.lists()).toHaveLength(2);
    expect(other.channels.get('ch_a')).toMatchObject({
      name: 'Mine',
      sources: [{ url: 'http://own.example/1.m3u8' }, { url: 'http://p.example/live/anna/geheim/1.m3u8' }],
    });
  });
});

test('restoring can be undone', async () => {
  await using home = await furnished();
  await using empty = await openService();
  const { text } = await empty.service.createBackup('', SETTINGS);
  const before = await state(home);
  await home.service.restoreBackup(text, '');
  expect(await home.names()).toEqual([]);
  expect(await home.service.undo()).toEqual({ what: say('did.restore', { count: 0 }) });
  expect(await state(home)).toEqual(before);
});

test.for<[why: string, change: (text: string) => string, sentence: string]>([
  ['nothing', () => '', 'This is not a backup of Hearthcast.'],
  ['a channel list', () => '#EXTM3U\n', 'This is not a backup of Hearthcast.'],
  [
    'a newer version',
    (text) => text.replace('"version":1', '"version":2'),
    'This backup was written by a newer version of Hearthcast: nothing was changed.',
  ],
  ['half of it', (text) => text.slice(0, text.length / 2), 'The backup is'],
  [
    'all but its last line',
    (text) => `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`,
    'The backup is incomplete.',
  ],
  [
    'an address that is none of ours',
    (text) => text.replace('http://open.example/b.m3u8', 'javascript:alert(1)'),
    'The backup is damaged: record',
  ],
  [
    'an id that is no path component',
    (text) => text.replace('"id":"ch_b"', '"id":"../b"'),
    'The backup is damaged: record',
  ],
  [
    'two channels of one id',
    (text) => text.replace('"id":"ch_b"', '"id":"ch_a"'),
    'The backup is damaged: its channels and lists do not fit together.',
  ],
])('a backup with %s is refused, and nothing is changed', async ([, change, sentence]) => {
  await using home = await furnished();
  const { text } = await home.service.createBackup('', SETTINGS);
  const before = await state(home);
  await expect(home.service.restoreBackup(change(text), '')).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining(sentence),
  });
  expect(await state(home)).toEqual(before);
});
