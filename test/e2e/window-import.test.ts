import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startHeadless } from '../support/headless.ts';
import { entryOf, longList, nameOf } from '../support/long-list.ts';
import { expectNote, openRelayWindow } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';

/* A long list on its way into the repository of a real relay, by way of its preview. */

const LENGTH = 50_000;

test(
  'a list of 50,000 is previewed, chosen from and imported; its next version shows what is new, changed and gone',
  needs('chromium'),
  async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-list-'));
    const file = join(folder.path, 'big.m3u');
    await writeFile(file, longList(LENGTH));
    await using relay = await startHeadless();
    await using window = await openRelayWindow(relay);
    const { page, ask, listedNames } = window;
    const dialog = page.getByRole('dialog');

    await page.getByRole('button', { name: 'Add a list' }).click();
    await page.locator('input[type=file]').setInputFiles(file);
    await dialog.getByRole('tab', { name: 'New 50,000' }).waitFor();
    expect(await ask('channels.query', {})).toMatchObject({ total: 0 });

    await dialog.getByLabel('Search the list').fill('channel 4999');
    await expect.poll(() => dialog.locator('.plan__row').count()).toBe(11);
    await dialog.getByLabel('Search the list').fill('山川纪实 4990');
    await expect.poll(() => dialog.locator('.plan__row').count()).toBe(1);
    await dialog.getByLabel('Search groups').fill('group 7');
    await dialog.getByRole('checkbox', { name: 'Group 7', exact: false }).first().uncheck();
    await dialog.getByText('39 of 40 groups').waitFor();
    await dialog.getByRole('tab', { name: 'New 48,750' }).waitFor();
    await dialog.getByRole('button', { name: 'Import 48,750 channels' }).click();
    await expectNote(page, '48,750 added, 0 changed, 0 removed.');
    await page.getByRole('grid').and(page.locator('[aria-rowcount="48751"]')).waitFor();
    const listed = await listedNames();
    expect(listed).toHaveLength(48_750);
    expect(listed).not.toContain(nameOf(7));

    // The provider drops the last ten, adds five, and moves three.
    const moved = new Set([1, 2, 3]);
    const next = [
      longList(LENGTH - 10, (index) => entryOf(index, moved.has(index) ? { path: `moved/${index}.m3u8` } : {})),
      ...Array.from({ length: 5 }, (_, index) => entryOf(LENGTH + index)),
    ].join('\n');
    await writeFile(file, next);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('input[type=file]').setInputFiles(file);
    await dialog.getByRole('tab', { name: 'Changed 3' }).click();
    await expect.poll(() => dialog.locator('.plan__row').count()).toBe(3);
    await dialog.getByRole('tab', { name: 'Gone 10' }).click();
    await dialog.getByText(nameOf(LENGTH - 1), { exact: true }).waitFor();
    await dialog.getByRole('tab', { name: 'New 5', exact: true }).click();
    await dialog.getByLabel('Search the list').fill(nameOf(LENGTH + 1));
    await dialog
      .locator('.plan__row')
      .getByText(nameOf(LENGTH + 1), { exact: true })
      .waitFor();
    await dialog.getByText('39 of 40 groups').waitFor();
    await dialog.getByRole('button', { name: /^Import / }).click();
    await expectNote(page, '5 added, 3 changed, 10 removed.');
    const names = new Set(await listedNames());
    expect(names.has(nameOf(LENGTH - 1))).toBe(false);
    expect(names.has(nameOf(LENGTH + 1))).toBe(true);
    expect((await ask('channels.get', { id: 'ch_c1' })).sources).toMatchObject([
      { url: 'http://origin.example/moved/1.m3u8' },
    ]);
    expect(window.complaints).toEqual([]);
  },
);

test('reading a long list is cancelled half-way, and nothing has changed', needs('chromium'), async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-list-'));
  const file = join(folder.path, 'big.m3u');
  await writeFile(file, longList(LENGTH));
  await using relay = await startHeadless();
  await using window = await openRelayWindow(relay);
  const { page, ask } = window;
  await page.getByRole('button', { name: 'Add a list' }).click();
  await page.locator('input[type=file]').setInputFiles(file);
  await page.getByRole('button', { name: 'Import 50,000 channels' }).click();
  await page.getByText(/^[1-9][\d,]* of 50,000/).waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Import 50,000 channels' }).waitFor();
  expect(await ask('channels.query', {})).toMatchObject({ total: 0 });
  expect(window.complaints).toEqual([]);
});
