import { mkdir, mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadControlToken } from '../../main/control-token.ts';
import { needs } from '../support/requirements.ts';

const newFolder = () => mkdtempDisposable(join(tmpdir(), 'hearthcast-token-'));

test(
  'the token of a data folder stays the same from one start to the next, for its owner only',
  needs('POSIX'),
  async () => {
    await using folder = await newFolder();
    const dataFolder = join(folder.path, 'new');
    const token = await loadControlToken(dataFolder);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await loadControlToken(dataFolder)).toBe(token);
    if (process.platform !== 'win32') {
      expect((await stat(join(dataFolder, 'control-token'))).mode & 0o777).toBe(0o600);
    }
  },
);

test('another folder has another token', async () => {
  await using one = await newFolder();
  await using other = await newFolder();
  expect(await loadControlToken(one.path)).not.toBe(await loadControlToken(other.path));
});

test.for(['', 'short', `${'a'.repeat(43)}\nb`])('a token that cannot be one is replaced: %j', async (text) => {
  await using folder = await newFolder();
  await writeFile(join(folder.path, 'control-token'), text);
  const token = await loadControlToken(folder.path);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect((await readFile(join(folder.path, 'control-token'), 'utf8')).trim()).toBe(token);
});

test('a folder that cannot be used is said to be', async () => {
  await using folder = await newFolder();
  await mkdir(join(folder.path, 'control-token'));
  await expect(loadControlToken(folder.path)).rejects.toMatchObject({ code: 'DATA_FOLDER' });
});
