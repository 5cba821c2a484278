import { mkdtempDisposable, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadSettings, saveSettings } from '../../main/settings-file.ts';
import { needs } from '../support/requirements.ts';

const temporaryFolder = () => mkdtempDisposable(path.join(tmpdir(), 'hearthcast-settings-'));

describe('at the first start', () => {
  test('settings with the defaults and a key of their own are made, in a folder that is made too', async () => {
    await using temporary = await temporaryFolder();
    const folder = path.join(temporary.path, 'new', 'folder');
    const { settings, warning } = await loadSettings(folder);
    expect(warning).toBeUndefined();
    expect(settings).toMatchObject({ version: 1, host: '0.0.0.0', port: 8787, memoryCacheMiB: 256, redisUrl: '' });
    expect(Buffer.from(settings.sealingKey, 'base64url')).toHaveLength(32);
    expect(JSON.parse(await readFile(path.join(folder, 'settings.json'), 'utf8'))).toEqual(settings);
  });

  test('two installations get different keys', async () => {
    await using one = await temporaryFolder();
    await using other = await temporaryFolder();
    const keys = [await loadSettings(one.path), await loadSettings(other.path)].map(
      ({ settings }) => settings.sealingKey,
    );
    expect(new Set(keys).size).toBe(2);
  });

  test('only the owner may read them', needs('POSIX'), async () => {
    await using folder = await temporaryFolder();
    const { settings } = await loadSettings(folder.path);
    const mode = async (): Promise<number> => (await stat(path.join(folder.path, 'settings.json'))).mode & 0o777;
    expect(await mode()).toBe(0o600);
    await saveSettings(folder.path, settings);
    expect(await mode()).toBe(0o600);
  });
});

describe('at a later start', () => {
  test('they are what was saved', async () => {
    await using folder = await temporaryFolder();
    const { settings } = await loadSettings(folder.path);
    const changed = { ...settings, port: 9000, lanHosts: ['nas.example.org'], deny: ['192.168.1.66/32'] };
    await saveSettings(folder.path, changed);
    expect(await loadSettings(folder.path)).toEqual({ settings: changed, warning: undefined });
  });

  test('a setting that an older version did not know has its default', async () => {
    await using folder = await temporaryFolder();
    const { settings } = await loadSettings(folder.path);
    await writeFile(
      path.join(folder.path, 'settings.json'),
      JSON.stringify({ port: 9000, sealingKey: settings.sealingKey }),
    );
    expect((await loadSettings(folder.path)).settings).toEqual({ ...settings, port: 9000 });
  });

  test('a file that cannot be used is kept aside and said so, with the defaults in force from then on', async () => {
    const key = Buffer.alloc(32, 7).toString('base64url');
    const unusable: [text: string, reason: RegExp][] = [
      ['{"port": 87', /not JSON/],
      ['', /not JSON/],
      ['null', /object/],
      [JSON.stringify({ sealingKey: key, port: 'eighty' }), /port/],
      [JSON.stringify({ sealingKey: key, port: 70_000 }), /port/],
      [JSON.stringify({ sealingKey: key, deny: ['all of them'] }), /deny/],
      [JSON.stringify({ sealingKey: 'short' }), /sealingKey/],
      [JSON.stringify({ port: 9000 }), /sealingKey/],
    ];
    for (const [text, reason] of unusable) {
      await using folder = await temporaryFolder();
      await writeFile(path.join(folder.path, 'settings.json'), text);
      const { settings, warning } = await loadSettings(folder.path);
      expect(settings.port, text).toBe(8787);
      expect(warning, text).toMatch(reason);
      const aside = (await readdir(folder.path)).find((name) => name.includes('broken')) ?? '';
      expect(warning, text).toContain(aside);
      expect(await readFile(path.join(folder.path, aside), 'utf8')).toBe(text);
      expect(await loadSettings(folder.path)).toEqual({ settings, warning: undefined });
    }
  });
});

test('whoever reads the file while it is being saved reads the old settings or the new ones', async () => {
  await using folder = await temporaryFolder();
  const { settings } = await loadSettings(folder.path);
  const ports = Array.from({ length: 20 }, (_, index) => 9000 + index);
  let isSaving = true;
  const seen = new Set<number>();
  const reader = (async () => {
    while (isSaving) seen.add((await loadSettings(folder.path)).settings.port);
  })();
  for (const port of ports) await saveSettings(folder.path, { ...settings, port });
  isSaving = false;
  await reader;
  expect([8787, ...ports]).toEqual(expect.arrayContaining([...seen]));
  expect(await readdir(folder.path)).toEqual(['settings.json']);
});

test('a folder that cannot be used is named in one sentence that says what to do', async () => {
  await using temporary = await temporaryFolder();
  const file = path.join(temporary.path, 'file');
  await writeFile(file, '');
  const folder = path.join(file, 'data');
  const failure = { code: 'DATA_FOLDER', message: expect.stringContaining(`${folder} cannot be used`) as string };
  await expect(loadSettings(folder)).rejects.toMatchObject(failure);
  await expect(loadSettings(folder)).rejects.toThrow('--data');
  await using other = await temporaryFolder();
  const { settings } = await loadSettings(other.path);
  await expect(saveSettings(folder, settings)).rejects.toMatchObject(failure);
});
