import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createChannelRepository } from '../../../main/channels/repository.ts';
import { silentLogger } from '../../../main/log.ts';
import { allChannels, importText, m3u, openRepository, temporaryFolder } from './channel-database.ts';
import { needs } from '../../support/requirements.ts';

const A = 'http://panel.example/a.m3u8';
const B = 'http://panel.example/b.m3u8';
const C = 'http://panel.example/c.m3u8';

test('an imported list is there, with everything it said, and still there after a restart', async () => {
  await using folder = await temporaryFolder();
  const list =
    '#EXTM3U\n#EXTINF:-1 tvg-id="kit0" tvg-chno="3" tvg-logo="http://l/0.png" group-title="Kit" catchup="append",Kit channel\n' +
    '#EXTVLCOPT:http-user-agent=VLC/3\nhttp://panel.example/0.m3u8\n#EXTINF:-1,湖南卫视\nhttp://panel.example/1.m3u8\n';
  {
    await using opened = await openRepository(folder.file);
    const report = await importText(opened.channels, list);
    expect(report).toMatchObject({ added: 2, changed: 0, removed: 0, unchanged: 0, skipped: [], skippedCount: 0 });
  }

  await using opened = await openRepository(folder.file);
  expect(opened.channels.count()).toBe(2);
  expect(opened.channels.get('ch_kit0')).toEqual({
    id: 'ch_kit0',
    name: 'Kit channel',
    number: 3,
    group: 'Kit',
    logo: 'http://l/0.png',
    tvgId: 'kit0',
    enabled: true,
    attributes: { catchup: 'append' },
    options: { quality: { kind: 'all' }, wrap: false, cacheKey: 'auto', prefetch: null },
    sources: [{ url: 'http://panel.example/0.m3u8', headers: { 'User-Agent': 'VLC/3' } }],
  });
  expect(allChannels(opened.channels).map(({ name }) => name)).toEqual(['Kit channel', '湖南卫视']);
  expect(opened.channels.get('ch_unknown')).toBeUndefined();
});

test('importing a list again keeps ids and takes over what changed', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const { channels } = opened;
  await importText(channels, m3u(['a', 'Alpha', A], ['b', 'Beta', B], ['c', 'Gamma', C]));

  const report = await importText(channels, m3u(['c', 'Gamma', C], ['a', 'Alpha HD', `${A}?new`], ['d', 'Delta', B]));

  expect(report).toMatchObject({ added: 1, changed: 1, removed: 1, unchanged: 1 });
  expect(allChannels(channels).map(({ id, name }) => [id, name])).toEqual([
    ['ch_c', 'Gamma'],
    ['ch_a', 'Alpha HD'],
    ['ch_d', 'Delta'],
  ]);
  expect(channels.get('ch_a')?.sources).toEqual([{ url: `${A}?new`, headers: {} }]);
  expect(channels.get('ch_b')).toBeUndefined();
});

test('importing the same list again changes nothing and is no new revision', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const list = m3u(['a', 'Alpha', A], ['b', 'Beta', B]);
  await importText(opened.channels, list);
  const revision = opened.channels.revision();
  const channel = opened.channels.get('ch_a');

  expect(await importText(opened.channels, list)).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 2 });
  expect(opened.channels.revision()).toBe(revision);
  expect(opened.channels.get('ch_a')).toBe(channel);
});

test('channels whose ids collide are all kept, under the same ids on every machine', async () => {
  const list = m3u(['news', 'News HD', A], ['news', 'News SD', B], ['', 'news', C]);
  const ids: string[][] = [];
  for (let machine = 0; machine < 2; machine += 1) {
    await using folder = await temporaryFolder();
    await using opened = await openRepository(folder.file);
    await importText(opened.channels, list);
    await importText(opened.channels, list);
    ids.push(allChannels(opened.channels).map(({ id }) => id));
  }
  expect(ids[0]).toEqual(['ch_news', expect.stringMatching(/^ch_news-.{8}$/), expect.stringMatching(/^ch_news-.{8}$/)]);
  expect(new Set(ids[0]).size).toBe(3);
  expect(ids[1]).toEqual(ids[0]);
});

test('a channel keeps its id when another with the same tvg-id comes before it or goes', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const { channels } = opened;
  const hd = ['news', 'News HD', A] as const;
  const sd = ['news', 'News SD', B] as const;
  await importText(channels, m3u(sd));
  expect(channels.get('ch_news')?.name).toBe('News SD');

  await importText(channels, m3u(hd, sd));
  const hdId = allChannels(channels).find(({ name }) => name === 'News HD')?.id ?? '';
  expect(channels.get('ch_news')?.name).toBe('News SD');

  await importText(channels, m3u(hd));
  expect(channels.get(hdId)?.name).toBe('News HD');
  expect(channels.get('ch_news')).toBeUndefined();
});

test('a list that names everything the same becomes one channel with a hundred sources', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  await importText(opened.channels, Array.from({ length: 20_000 }, (_, at) => `Same,${A}?${at}`).join('\n'));
  expect(opened.channels.count()).toBe(1);
  expect(opened.channels.get('ch_same')?.sources).toHaveLength(100);
});

test('the same channel named twice becomes one with several sources', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  await importText(opened.channels, `Alpha,${A}#${B}\nBeta,${B}\nAlpha,${A}\nAlpha,${C}`);
  expect(allChannels(opened.channels).map(({ id }) => id)).toEqual(['ch_alpha', 'ch_beta']);
  expect(opened.channels.get('ch_alpha')?.sources.map(({ url }) => url)).toEqual([A, B, C]);

  await importText(opened.channels, `Alpha,${C}\nBeta,${B}`);
  expect(opened.channels.get('ch_alpha')?.sources.map(({ url }) => url)).toEqual([C]);
});

describe('two lists', () => {
  const first = m3u(['a', 'Alpha', A], ['1', 'One', B]);
  const second = m3u(['a', 'ALPHA', C], ['1', 'Uno', C], ['z', 'Zeta', C]);

  test('share a channel of the same id and name, and keep apart what only has the same id', async () => {
    await using folder = await temporaryFolder();
    await using opened = await openRepository(folder.file);
    const { channels } = opened;
    await importText(channels, first, '/lists/first.m3u');
    await importText(channels, second, '/lists/second.m3u');

    expect(allChannels(channels).map(({ name }) => name)).toEqual(['Alpha', 'One', 'Uno', 'Zeta']);
    expect(channels.get('ch_a')?.sources.map(({ url }) => url)).toEqual([A, C]);
    expect(channels.get('ch_1')?.name).toBe('One');
  });

  test('do not take channels or names from each other when one changes', async () => {
    await using folder = await temporaryFolder();
    await using opened = await openRepository(folder.file);
    const { channels } = opened;
    await importText(channels, first, '/lists/first.m3u');
    await importText(channels, second, '/lists/second.m3u');
    const unoId = allChannels(channels).find(({ name }) => name === 'Uno')?.id;

    await importText(channels, m3u(['new', 'New', A]), '/lists/first.m3u');
    await importText(channels, second, '/lists/second.m3u');

    expect(allChannels(channels).map(({ name }) => name)).toEqual(['New', 'ALPHA', 'Uno', 'Zeta']);
    expect(channels.get('ch_a')?.sources.map(({ url }) => url)).toEqual([C]);
    expect(channels.get(unoId ?? '')?.name).toBe('Uno');
  });
});

test('what a person edited outlives a new version of the list, and the channel its removal', async () => {
  await using folder = await temporaryFolder();
  {
    await using opened = await openRepository(folder.file);
    await importText(opened.channels, m3u(['a', 'Alpha', A], ['b', 'Beta', B]));
  }
  using edit = new DatabaseSync(folder.file);
  edit.exec(`UPDATE channels SET name = 'My Alpha', edited = '["name"]' WHERE id = 'ch_a'`);

  await using opened = await openRepository(folder.file);
  const { channels } = opened;
  await importText(channels, m3u(['a', 'Alpha 2', C], ['b', 'Beta', B]));
  expect(channels.get('ch_a')).toMatchObject({ name: 'My Alpha', sources: [{ url: C }] });

  await importText(channels, m3u(['b', 'Beta', B]));
  expect(channels.get('ch_a')?.name).toBe('My Alpha');
  expect(edit.prepare(`SELECT gone_at FROM channels WHERE id = 'ch_a'`).get()).toEqual({
    gone_at: Date.UTC(2026, 10, 22),
  });
  expect(await importText(channels, m3u(['b', 'Beta', B]))).toMatchObject({ removed: 0, unchanged: 1 });

  await importText(channels, m3u(['a', 'Alpha', A], ['b', 'Beta', B]));
  expect(edit.prepare(`SELECT gone_at FROM channels WHERE id = 'ch_a'`).get()).toEqual({ gone_at: null });
});

test('a disabled channel is in no page and not counted, but is found by its id', async () => {
  await using folder = await temporaryFolder();
  {
    await using opened = await openRepository(folder.file);
    await importText(opened.channels, m3u(['a', 'Alpha', A], ['b', 'Beta', B]));
    await opened.channels.write({
      run: ({ arrangement }) => arrangement.set('enabled', arrangement.order[0] ?? 0, false),
    });
  }
  await using opened = await openRepository(folder.file);
  expect(opened.channels.count()).toBe(1);
  expect(allChannels(opened.channels).map(({ id }) => id)).toEqual(['ch_b']);
  expect(opened.channels.get('ch_a')?.enabled).toBe(false);
});

test('pages show one moment, also when a list is taken over between two of them', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const { channels } = opened;
  await importText(channels, m3u(['a', 'Alpha', A], ['b', 'Beta', B], ['c', 'Gamma', C]));

  const names: string[] = [];
  for (const page of channels.pages(1)) {
    names.push(...page.map(({ name }) => name));
    await importText(channels, m3u(['x', `X${names.length}`, A]));
  }
  expect(names).toEqual(['Alpha', 'Beta', 'Gamma']);
  expect(allChannels(channels).map(({ name }) => name)).toEqual(['X3']);
});

test('imports begun together are done one after the other', async () => {
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const { channels } = opened;
  const reports = await Promise.all([
    importText(channels, m3u(['a', 'Alpha', A])),
    importText(channels, m3u(['a', 'Alpha', A], ['b', 'Beta', B])),
    importText(channels, m3u(['b', 'Beta', B])),
  ]);
  expect(reports.map(({ added, unchanged, removed }) => [added, unchanged, removed])).toEqual([
    [1, 0, 0],
    [1, 1, 0],
    [0, 1, 1],
  ]);
});

describe('a big import', () => {
  const big = m3u(...Array.from({ length: 20_000 }, (_, at) => [`id${at}`, `Name ${at}`, `${A}?${at}`] as const));

  test('is not seen by readers before it is whole', async () => {
    await using folder = await temporaryFolder();
    await using opened = await openRepository(folder.file);
    const { channels } = opened;
    await importText(channels, m3u(['a', 'Alpha', A]), '/lists/other.m3u');

    let done = false;
    const importing = importText(channels, big).finally(() => (done = true));
    const counts = new Set<number>();
    while (!done) {
      counts.add(allChannels(channels).length);
      await sleep(5);
    }
    await importing;
    expect([...counts].filter((count) => count !== 1 && count !== 20_001)).toEqual([]);
    expect(channels.count()).toBe(20_001);
  });

  test('that is stopped half way leaves everything as it was', async () => {
    await using folder = await temporaryFolder();
    {
      await using opened = await openRepository(folder.file);
      await importText(opened.channels, m3u(['a', 'Alpha', A]));
      const importing = importText(opened.channels, big);
      const stopping = sleep(100).then(async () => opened.channels.stop?.());
      await expect(importing).rejects.toMatchObject({ code: 'STOPPING' });
      await stopping;
    }
    await using opened = await openRepository(folder.file);
    expect(allChannels(opened.channels).map(({ id }) => id)).toEqual(['ch_a']);
  });

  test('during which the process is killed leaves everything as it was', needs('POSIX'), async () => {
    await using folder = await temporaryFolder();
    {
      await using opened = await openRepository(folder.file);
      await importText(opened.channels, m3u(['a', 'Alpha', A]));
    }
    const script = fileURLToPath(new URL('die-importing.ts', import.meta.url));
    const child = execFile(process.execPath, [script, folder.file]);
    const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
    expect(signal).toBe('SIGKILL');

    await using opened = await openRepository(folder.file);
    expect(opened.messages).toEqual([]);
    expect(allChannels(opened.channels).map(({ id }) => id)).toEqual(['ch_a']);
  });
});

describe('a database file', () => {
  test('that is no database is set aside with a warning, and an empty one begun', async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file, 'this was never a database, '.repeat(400));

    await using opened = await openRepository(folder.file);

    const aside = 'channels.sqlite.corrupt-2026-11-22T00-00-00-000Z';
    expect(await readFile(folder.path(aside), 'utf8')).toContain('never a database');
    expect(opened.messages).toEqual([
      `The channel database was damaged: it was set aside as ${aside} and an empty one begun.`,
    ]);
    expect(opened.channels.count()).toBe(0);
    expect(await importText(opened.channels, m3u(['a', 'Alpha', A]))).toMatchObject({ added: 1 });
  });

  test('with a damaged page is set aside too', async () => {
    await using folder = await temporaryFolder();
    {
      await using opened = await openRepository(folder.file);
      await importText(
        opened.channels,
        m3u(...Array.from({ length: 500 }, (_, at) => [`${at}`, `N${at}`, A] as const)),
      );
    }
    const bytes = await readFile(folder.file);
    await writeFile(folder.file, bytes.fill(0xa5, 4096 * 3, 4096 * 6));

    await using opened = await openRepository(folder.file);
    expect(opened.messages).toHaveLength(1);
    expect(opened.channels.count()).toBe(0);
    expect((await readdir(folder.path('.'))).filter((name) => name.includes('corrupt'))).toHaveLength(1);
  });

  test('that is damaged is replaced by the copy of the day', async () => {
    await using folder = await temporaryFolder();
    {
      await using opened = await openRepository(folder.file);
      await importText(opened.channels, m3u(['a', 'Alpha', A]));
    }
    {
      await using opened = await openRepository(folder.file);
      expect(opened.channels.count()).toBe(1);
    }
    await writeFile(folder.file, 'damaged '.repeat(1000));

    await using opened = await openRepository(folder.file);
    expect(opened.channels.get('ch_a')?.name).toBe('Alpha');
    expect(opened.messages).toEqual([
      expect.stringMatching(
        /^The channel database was damaged: it was set aside as .+, and the channels are those of /,
      ),
    ]);
    expect(await importText(opened.channels, m3u(['a', 'Alpha', B]))).toMatchObject({ changed: 1 });
  });

  test('that is damaged is not replaced by the beginning of a copy, which a crash may have left', async () => {
    await using folder = await temporaryFolder();
    {
      await using opened = await openRepository(folder.file);
      await importText(opened.channels, m3u(['a', 'Alpha', A]));
    }
    // The copy of the day is made at a start.
    await (await openRepository(folder.file))[Symbol.asyncDispose]();
    await writeFile(folder.path('channels.sqlite.version-1'), '');
    await writeFile(folder.path('channels.sqlite.version-2.new'), '');
    await writeFile(folder.file, 'no database');
    await using opened = await openRepository(folder.file);
    expect(allChannels(opened.channels).map(({ id }) => id)).toEqual(['ch_a']);
  });

  test('and its copy, both damaged, end in an empty one', async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file, 'damaged '.repeat(1000));
    await writeFile(folder.path('channels.sqlite.copy-of-the-day'), 'damaged too '.repeat(1000));
    await using opened = await openRepository(folder.file);
    expect(opened.channels.count()).toBe(0);
    expect(opened.messages).toEqual([expect.stringContaining('and an empty one begun.')]);
  });

  test('of version 1 is brought up to date, and kept as it was beside it', needs('POSIX'), async () => {
    await using folder = await temporaryFolder();
    {
      using old = new DatabaseSync(folder.file);
      old.exec(await readFile(new URL('version-1.sql', import.meta.url), 'utf8'));
    }
    await using opened = await openRepository(folder.file);
    expect(opened.channels.get('ch_a')).toMatchObject({ name: 'My Älpha', sources: [{ url: A }, { url: C }] });
    expect(allChannels(opened.channels).map(({ id }) => id)).toEqual(['ch_b', 'ch_a']);
    expect(
      opened.channels.reader().database.prepare('SELECT key, folded FROM channels ORDER BY name_key').all(),
    ).toEqual([
      { key: 2, folded: 'beta' },
      { key: 1, folded: 'my alpha' },
    ]);
    expect(await importText(opened.channels, m3u(['a', 'Alpha', A], ['b', 'Beta', B]))).toMatchObject({ unchanged: 2 });

    using copy = new DatabaseSync(folder.path('channels.sqlite.version-1'), { readOnly: true });
    expect(copy.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 });
    expect(copy.prepare('SELECT count(*) AS count FROM channels').get()).toEqual({ count: 2 });
    if (process.platform === 'win32') return;
    expect((await stat(folder.path('channels.sqlite.version-1'))).mode & 0o777).toBe(0o600);
  });

  test('of version 2 keeps order, groups, switches and what was removed', async () => {
    await using folder = await temporaryFolder();
    {
      using old = new DatabaseSync(folder.file);
      old.exec(await readFile(new URL('version-2.sql', import.meta.url), 'utf8'));
    }
    const listed = [{ id: 'ch_b', name: 'Beta', group: 'News', enabled: true }, { id: 'ch_d' }];
    const alpha = { id: 'ch_a', group: 'Mine', enabled: false, sources: [{ url: A }] };
    for (const start of ['after the upgrade', 'when it is opened again']) {
      await using opened = await openRepository(folder.file);
      expect(allChannels(opened.channels), start).toMatchObject(listed);
      expect(opened.channels.get('ch_a'), start).toMatchObject(alpha);
    }
    await using opened = await openRepository(folder.file);
    const { arrangement } = opened.channels.reader();
    expect([...arrangement.order].map((key) => [key, arrangement.is('favourite', key)])).toEqual([
      [2, false],
      [7, false],
      [1, true],
    ]);
    // What was written down in another form cannot be taken back.
    expect(await opened.channels.undo()).toBeNull();

    const list = m3u(
      ['d', 'Delta', B],
      ['a', 'Alpha', A],
      ['b', 'Other name', B],
      ['c', 'Removed', C],
      ['e', 'New', C],
    );
    await importText(opened.channels, list.replaceAll(',', ' group-title="News",'));
    expect(allChannels(opened.channels)).toMatchObject([
      { name: 'Beta' },
      { id: 'ch_d', group: 'News' },
      { id: 'ch_e' },
    ]);
    expect(opened.channels.get('ch_a')).toMatchObject(alpha);
  });

  test('on a disk that is full keeps everything as it was, and says so', async () => {
    await using folder = await temporaryFolder();
    await using opened = await openRepository(folder.file);
    const { channels } = opened;
    await importText(channels, m3u(['a', 'Alpha', A]));
    await channels.write({ run: ({ database }) => database.exec('PRAGMA max_page_count = 80') });
    const big = m3u(...Array.from({ length: 20_000 }, (_, at) => [`id${at}`, `Name ${at}`, `${A}?${at}`] as const));
    await expect(importText(channels, big)).rejects.toMatchObject({
      code: 'DATA_FOLDER',
      message: 'The disk is full: the channels were not changed.',
    });
    expect(allChannels(channels).map(({ id }) => id)).toEqual(['ch_a']);

    await channels.write({ run: ({ database }) => database.exec('PRAGMA max_page_count = 1000000') });
    expect(await importText(channels, big)).toMatchObject({ added: 20_000, removed: 1 });
  });

  test('is one file again when it is closed, also in the middle of a write, and stays that', async () => {
    for (let round = 0; round < 5; round += 1) {
      await using folder = await temporaryFolder();
      const { channels } = await openRepository(folder.file);
      const begun = Promise.withResolvers<void>();
      const finish = Promise.withResolvers<void>();
      const writing = channels.write({
        async run({ database }) {
          begun.resolve();
          await finish.promise;
          database.exec(`INSERT INTO lists (origin) VALUES ('late')`);
        },
      });
      await begun.promise;
      const stopped = channels.stop?.();
      finish.resolve();
      await Promise.all([writing, stopped]);
      const seen = new Set<string>();
      for (const until = performance.now() + 300; performance.now() < until;) {
        for (const name of await readdir(folder.path('.'))) seen.add(name);
      }
      expect([...seen]).toEqual(['channels.sqlite']);
    }
  });

  test('of a newer version is refused with a sentence and not touched', async () => {
    await using folder = await temporaryFolder();
    {
      using newer = new DatabaseSync(folder.file);
      newer.exec('CREATE TABLE channels (future TEXT); PRAGMA user_version = 99');
    }
    const before = await readFile(folder.file);
    const channels = createChannelRepository({ file: folder.file, log: silentLogger, now: Date.now });

    await expect(channels.start?.()).rejects.toThrow(
      expect.objectContaining({
        code: 'BAD_DATABASE',
        message: 'The channel database was written by a newer version of Hearthcast: nothing was changed.',
      }),
    );
    expect(await readFile(folder.file)).toEqual(before);
    expect(await readdir(folder.path('.'))).toEqual(['channels.sqlite']);
  });

  test('in a folder that cannot be made fails with a sentence', async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.path('plain-file'), '');
    const file = folder.path('plain-file/channels.sqlite');
    const channels = createChannelRepository({ file, log: silentLogger, now: Date.now });

    await expect(channels.start?.()).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER', message: expect.stringContaining('cannot be used') }),
    );
  });

  test('that another program is writing to is left alone, and the import fails with a sentence', async () => {
    await using folder = await temporaryFolder();
    await using opened = await openRepository(folder.file);
    using other = new DatabaseSync(folder.file);
    other.exec('BEGIN IMMEDIATE');
    await expect(importText(opened.channels, m3u(['a', 'Alpha', A]))).rejects.toMatchObject({
      code: 'BAD_DATABASE',
      message: 'Another program is using the channel database.',
    });
    other.exec('ROLLBACK');
    expect(await importText(opened.channels, m3u(['a', 'Alpha', A]))).toMatchObject({ added: 1 });
  });

  test('can be read by its owner only', needs('POSIX'), async () => {
    await using folder = await temporaryFolder();
    await using opened = await openRepository(folder.file);
    await importText(opened.channels, m3u(['a', 'Alpha', A]));
    for (const suffix of ['', '-wal']) expect((await stat(folder.file + suffix)).mode & 0o777).toBe(0o600);
  });

  test('needs no repair by the tools of SQLite after imports', async () => {
    await using folder = await temporaryFolder();
    {
      await using opened = await openRepository(folder.file);
      await importText(opened.channels, m3u(['a', 'Alpha', A], ['b', 'Beta', B]));
      await importText(opened.channels, m3u(['b', 'Beta', B]));
    }
    using check = new DatabaseSync(folder.file);
    expect(check.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    expect(check.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    expect(check.prepare('SELECT count(*) AS count FROM sources').get()).toEqual({ count: 1 });
  });
});
