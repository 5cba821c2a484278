import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { body, startFakeOrigin } from '../support/fake-origin.ts';
import { m3uOf, startHeadless } from '../support/headless.ts';
import { expectNames, expectNote, openRelayWindow } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';
import { startXtreamPanel } from '../support/xtream-panel.ts';

/* The ways in which lists come into the window, and what becomes of them there. */

const ONE = m3uOf([{ id: 'one', url: 'http://origin.example/1.m3u8' }]);
const TWO = m3uOf(['one', 'two'].map((id) => ({ id, url: `http://origin.example/${id}.m3u8` })));

test(
  'an Xtream account becomes channels; a wrong password is said, and the right one shown nowhere',
  needs('chromium'),
  async () => {
    await using panel = await startXtreamPanel(['Premium One', 'Premium Two']);
    await using relay = await startHeadless();
    await using window = await openRelayWindow(relay);
    const { page, ask } = window;
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Add a list' }).click();
    await dialog.getByText('Xtream account').click();
    await dialog.getByLabel('Server').fill(panel.url);
    await dialog.getByLabel('User name').fill(panel.username);
    await dialog.getByLabel('Password', { exact: true }).fill('wrong');
    await dialog.getByRole('button', { name: 'Show what is in it' }).click();
    await dialog.getByRole('alert').getByText('does not accept this user name and password').waitFor();
    await dialog.getByLabel('Password', { exact: true }).fill(panel.password);
    await dialog.getByRole('button', { name: 'Show what is in it' }).click();
    await dialog.getByRole('tab', { name: 'New 2' }).waitFor();
    await dialog.getByText('Subscribed').first().waitFor();
    await dialog.getByRole('button', { name: 'Import 2 channels' }).click();
    await expectNote(page, '2 added, 0 changed, 0 removed.');
    await expectNames(page, ['Premium One', 'Premium Two']);
    expect((await ask('channels.get', { id: 'ch_premium-one' })).sources).toMatchObject([
      { url: `${panel.url}/live/anna/ge%2Fheim/100.m3u8` },
    ]);
    await openLists(page);
    expect(await page.content()).not.toMatch(/ge.{0,3}heim/);
    expect(window.complaints).toEqual([]);
  },
);

test('a list is read again now, as often as chosen, and removed with its channels', needs('chromium'), async () => {
  await using provider = await startFakeOrigin({ '/all.m3u': body(ONE) });
  await using relay = await startHeadless();
  await using window = await openRelayWindow(relay);
  const { page, ask } = window;
  await window.go('channels');
  await page.getByRole('button', { name: 'Add a list' }).click();
  await page.getByLabel('Address, path or text of the list').fill(`${provider.url}/all.m3u`);
  await page.getByRole('button', { name: 'Show what is in it' }).click();
  await page.getByRole('button', { name: 'Import 1 channel', exact: true }).click();
  await expectNote(page, '1 added, 0 changed, 0 removed.');

  await openLists(page);
  const list = page.getByRole('region', { name: /all\.m3u$/ });
  await list.getByText('1 channel ·').waitFor();
  provider.route('/all.m3u', body(TWO));
  await list.getByRole('button', { name: 'Read again now' }).click();
  await expectNote(page, /^1 added/);
  await list.getByText('2 channels ·').waitFor();
  provider.route('/all.m3u', body('<html>Your subscription has ended</html>', { 'Content-Type': 'text/html' }));
  await list.getByRole('button', { name: 'Read again now' }).click();
  await list.getByText(/web page/i).waitFor();
  expect((await ask('channels.query', {})).total).toBe(2);
  await list.getByRole('combobox', { name: 'How often it is read' }).click();
  await page.getByRole('option', { name: 'Read every 6 hours' }).click();
  await expect.poll(() => ask('lists.all', {})).toMatchObject([{ refreshHours: 6 }]);
  await list.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Remove the list' }).click();
  await page.getByRole('dialog', { name: 'Remove the list' }).getByRole('button', { name: 'Remove' }).click();
  await expectNote(page, '2 channels removed.');
  await page.getByText('No lists yet').waitFor();
  expect((await ask('channels.query', {})).total).toBe(0);
  expect(window.complaints).toEqual([]);
});

test(
  'a list is dropped on the window or pasted into it, in the encoding of its country',
  needs('chromium'),
  async () => {
    await using relay = await startHeadless();
    await using window = await openRelayWindow(relay);
    const { page, listedNames } = window;
    const dialog = page.getByRole('dialog');
    await page.getByRole('heading', { name: 'Three steps to the first picture' }).waitFor();
    // GBK, as many Chinese lists are: 央视
    await dropFile(page, 'cctv.txt', [
      ...Buffer.from('News,#genre#\n'),
      0xd1,
      0xeb,
      0xca,
      0xd3,
      ...Buffer.from(',http://origin.example/cctv.m3u8\n'),
    ]);
    await dialog.getByRole('tab', { name: 'New 1' }).waitFor();
    await dialog.getByText('央视').waitFor();
    await dialog.getByRole('button', { name: 'Import 1 channel', exact: true }).click();
    await expectNames(page, ['央视']);

    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.evaluate((text) => navigator.clipboard.writeText(text), TWO);
    await dialog.getByLabel('Address, path or text of the list').click();
    await page.keyboard.press('Control+v');
    await dialog.getByRole('button', { name: 'Show what is in it' }).click();
    await dialog.getByRole('button', { name: 'Import 2 channels' }).click();
    await expectNames(page, ['央视', 'one', 'two']);
    expect(await listedNames()).toEqual(['央视', 'one', 'two']);
    expect(window.complaints).toEqual([]);
  },
);

async function openLists(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Lists' }).click();
  await page.getByRole('dialog', { name: 'Lists' }).waitFor();
}

/** Drops a file onto the window, as from a folder of the desktop. */
async function dropFile(page: Page, name: string, bytes: readonly number[]): Promise<void> {
  const data = await page.evaluateHandle(
    ({ name: fileName, bytes: content }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(content)], fileName, { type: 'text/plain' }));
      return transfer;
    },
    { name, bytes: [...bytes] },
  );
  const place = page.locator('.list-drop-zone');
  await place.dispatchEvent('dragenter', { dataTransfer: data });
  await page.getByText('Drop to see what is in it').waitFor();
  await place.dispatchEvent('dragover', { dataTransfer: data });
  await place.dispatchEvent('drop', { dataTransfer: data });
}
