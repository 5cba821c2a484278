import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { m3uOf, startHeadless } from '../support/headless.ts';
import { expectNames, expectNote, openRelayWindow } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';

test(
  'a backup is saved with a passphrase and restored in another relay, settings and all',
  needs('chromium'),
  async () => {
    const url = 'http://anna:geheim@origin.example/1.m3u8';
    await using relay = await startHeadless({ list: m3uOf([{ id: 'one', url }]) });
    await using window = await openRelayWindow(relay);
    await window.ask('settings.save', { settings: { theme: 'dark', language: 'en' } });
    await window.go('settings');
    await window.page.getByLabel('Passphrase', { exact: true }).fill('open sesame');
    const downloading = window.page.waitForEvent('download');
    await window.page.getByRole('button', { name: 'Save a backup' }).click();
    const file = await (await downloading).path();
    expect(await readFile(file, 'utf8')).not.toMatch(/anna|geheim/);

    await using other = await startHeadless();
    await using otherWindow = await openRelayWindow(other);
    const { page, ask, go } = otherWindow;
    await go('settings');
    const dialog = page.getByRole('dialog', { name: 'Restore a backup' });
    await page.locator('input[type=file]').setInputFiles(file);
    await dialog.getByLabel('Passphrase', { exact: true }).fill('open barley');
    await dialog.getByRole('button', { name: 'Replace everything' }).click();
    await dialog.getByRole('alert').waitFor();
    expect((await ask('channels.query', {})).total).toBe(0);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.locator('input[type=file]').setInputFiles(file);
    await dialog.getByLabel('Passphrase', { exact: true }).fill('open sesame');
    await page.keyboard.press('Enter');
    await expectNote(page, '1 channel restored.');
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
    await go('channels');
    await expectNames(page, ['one']);
    expect((await ask('channels.get', { id: 'ch_one' })).sources).toMatchObject([{ url }]);
    expect([...window.complaints, ...otherWindow.complaints]).toEqual([]);
  },
);
