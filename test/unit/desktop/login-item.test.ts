import { mkdtempDisposable, readFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLoginItem } from '../../../main/desktop/login-item.ts';
import { FakeApp } from '../../support/fake-electron/fake-app.ts';

async function start(platform: NodeJS.Platform, { isPackaged = true, executable = '/opt/Hearthcast/hearthcast' } = {}) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-login-'));
  const autostartFolder = join(folder.path, 'autostart');
  const app = new FakeApp({ isPackaged });
  const loginItem = createLoginItem({ app, platform, executable, autostartFolder });
  return { app, loginItem, autostartFolder, [Symbol.asyncDispose]: () => folder.remove() };
}

test.for(['darwin', 'win32'] as const)('%s starts the app without its window', async (platform) => {
  await using login = await start(platform);
  await login.loginItem.set(true);
  await login.loginItem.set(false);
  expect(login.app.loginItems).toEqual([
    { openAtLogin: true, args: ['--hidden'] },
    { openAtLogin: false, args: ['--hidden'] },
  ]);
});

test('a Linux desktop starts it by a file, and no longer when that is gone', async () => {
  await using login = await start('linux');
  await login.loginItem.set(false);
  await login.loginItem.set(true);
  expect(await readFile(join(login.autostartFolder, 'hearthcast.desktop'), 'utf8')).toBe(
    '[Desktop Entry]\nType=Application\nName=Hearthcast\nExec="/opt/Hearthcast/hearthcast" --hidden\nX-GNOME-Autostart-enabled=true\n',
  );
  await login.loginItem.set(false);
  expect(await readdir(login.autostartFolder)).toEqual([]);
});

test('a Linux desktop finds a program whatever its folder is called', async () => {
  await using login = await start('linux', { executable: '/home/me/My "$TV" 100%/a\\b.AppImage' });
  await login.loginItem.set(true);
  expect(await readFile(join(login.autostartFolder, 'hearthcast.desktop'), 'utf8')).toContain(
    String.raw`Exec="/home/me/My \\"\\$TV\\" 100%%/a\\\\b.AppImage" --hidden`,
  );
});

test('a copy that is being developed is never started at login', async () => {
  await using login = await start('darwin', { isPackaged: false });
  await login.loginItem.set(true);
  expect(login.app.loginItems).toEqual([]);
});
