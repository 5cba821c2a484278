import { mkdtempDisposable, readFile, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openVault } from '../../../main/desktop/vault.ts';
import { loadSettings, saveSettings } from '../../../main/settings-file.ts';
import { createFakeElectron } from '../../support/fake-electron/fake-electron.ts';

const temporaryFolder = () => mkdtempDisposable(join(tmpdir(), 'hearthcast-vault-'));

async function openFakeVault(keyStore: string, platform: NodeJS.Platform = 'linux') {
  const { electron, seen } = createFakeElectron();
  seen.keyStore = keyStore;
  return openVault(electron.safeStorage, platform);
}

describe('a vault', () => {
  test('gives back what it locked, and shows it to no other', async () => {
    const vault = await openFakeVault('gnome_libsecret');
    const other = await openFakeVault('kwallet');
    const locked = (await vault?.lock('a secret')) ?? '';
    expect(locked).not.toContain('a secret');
    expect(await vault?.unlock(locked)).toBe('a secret');
    await expect(other?.unlock(locked)).rejects.toThrow('wrong key');
  });

  test('is not there where the system keeps no key, or one that everybody knows', async () => {
    expect(await openFakeVault('')).toBeUndefined();
    expect(await openFakeVault('basic_text')).toBeUndefined();
    expect(await openFakeVault('basic_text', 'darwin')).toBeDefined();
  });
});

describe('the settings of one who has a vault', () => {
  test('are kept with their key locked, and are the same at the next start', async () => {
    await using folder = await temporaryFolder();
    const vault = await openFakeVault('gnome_libsecret');
    const { settings } = await loadSettings(folder.path, vault);
    await saveSettings(folder.path, { ...settings, port: 9000 }, vault);
    const text = await readFile(join(folder.path, 'settings.json'), 'utf8');
    expect(text).not.toContain(settings.sealingKey);
    expect(JSON.parse(text)).toMatchObject({ port: 9000 });
    expect(await loadSettings(folder.path, vault)).toEqual({
      settings: { ...settings, port: 9000 },
      warning: undefined,
    });
  });

  test.for([
    ['another vault', 'kwallet'],
    ['no vault', ''],
  ] as const)('lose nothing but their key with %s, and that is kept aside', async ([, keyStore]) => {
    await using folder = await temporaryFolder();
    const { settings } = await loadSettings(folder.path);
    const first = { ...settings, port: 9000, redisUrl: 'redis://192.168.1.5' };
    await saveSettings(folder.path, first, await openFakeVault('gnome_libsecret'));
    const locked = await readFile(join(folder.path, 'settings.json'), 'utf8');

    const next = await loadSettings(folder.path, await openFakeVault(keyStore));
    expect(next.settings).toEqual({ ...first, sealingKey: expect.stringMatching(/^[\w-]{43}$/) as string });
    expect(next.settings.sealingKey).not.toBe(first.sealingKey);
    expect(next.warning).toMatch(/sealing key cannot be unlocked.*all other settings are in force/);
    const aside = (await readdir(folder.path)).find((name) => name.includes('.broken-')) ?? '';
    expect(await readFile(join(folder.path, aside), 'utf8')).toBe(locked);
    const again = await loadSettings(folder.path, await openFakeVault(keyStore));
    expect(again).toEqual({ settings: next.settings, warning: undefined });
  });

  test('keep their key also when another setting makes no sense', async () => {
    await using folder = await temporaryFolder();
    const vault = await openFakeVault('gnome_libsecret');
    const { settings } = await loadSettings(folder.path, vault);
    const file = join(folder.path, 'settings.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('8787', '-1'));
    const { settings: next, warning } = await loadSettings(folder.path, vault);
    expect(next.sealingKey).toBe(settings.sealingKey);
    expect(warning).toContain('the defaults are in force');
  });

  test('are saved even when the vault does not lock any more', async () => {
    await using folder = await temporaryFolder();
    const { settings } = await loadSettings(folder.path);
    const shut = { lock: () => Promise.reject(new Error('shut')), unlock: () => Promise.reject(new Error('shut')) };
    await saveSettings(folder.path, { ...settings, port: 9000 }, shut);
    expect((await loadSettings(folder.path, shut)).settings.port).toBe(9000);
  });
});
