import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { startHeadless } from '../support/headless.ts';
import { longList, nameOf } from '../support/long-list.ts';
import { expectNames, expectNote, openRelayWindow, rowNamed } from '../support/relay-window.ts';
import { needs } from '../support/requirements.ts';

/* What people do to their channels in the table, seen there and in the list that TVs get. */

const LENGTH = 50_000;
/** More than a few pages of rows. */
const SOME_PAGES = 2_000;

test(
  'of 50,000 channels one is renamed in place, some are moved, changed and removed, and all of it is taken back',
  needs('chromium'),
  async () => {
    await using relay = await startHeadless({ list: longList(LENGTH) });
    await using window = await openRelayWindow(relay);
    const { page, ask, listedNames } = window;
    const firstNames = async (limit: number): Promise<string[]> =>
      (await ask('channels.query', { limit })).rows.map(({ name }) => name);
    const original = Array.from({ length: 6 }, (_, index) => nameOf(index));
    const [zero, one, two, three, four] = original as [string, string, string, string, string];
    await expect.poll(async () => (await ask('channels.query', {})).total, { timeout: 60_000 }).toBe(LENGTH);
    await window.go('channels');
    await expectNames(page, original);

    // Renamed in place.
    await page.getByText(one, { exact: true }).dblclick();
    await page.getByRole('textbox', { name: 'Name' }).fill('City 24');
    await page.keyboard.press('Enter');
    await expectNames(page, [zero, 'City 24', two]);
    expect(await firstNames(2)).toEqual([zero, 'City 24']);
    await undo(page, 'Channel saved.');
    await expectNames(page, original);
    expect(await firstNames(2)).toEqual([zero, one]);

    // Its number, from the keyboard: Escape leaves it as it was.
    await page.getByRole('gridcell').nth(2).dblclick();
    await page.getByRole('textbox', { name: 'No.' }).fill('77');
    await page.keyboard.press('Escape');
    expect((await ask('channels.get', { id: 'ch_c0' })).number).toBeNull();

    // Moved by dragging, and by the keyboard.
    await drag(page, one, four);
    await expectNames(page, [zero, two, three, one, four]);
    expect(await firstNames(5)).toEqual([zero, two, three, one, four]);
    await undo(page, '1 channel moved.');
    await expectNames(page, original);
    await page.getByRole('grid').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Alt+ArrowDown');
    await page.keyboard.press('Alt+ArrowDown');
    await expectNames(page, [one, two, zero, three]);
    expect(await firstNames(4)).toEqual([one, two, zero, three]);
    await page.keyboard.press('Control+z');
    await expectNames(page, [one, zero, two, three]);
    await page.keyboard.press('Control+z');
    await expectNames(page, original);
    expect(await firstNames(6)).toEqual(original);

    // Several at once.
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+Space');
    await page.getByText('3 chosen').waitFor();
    await page.getByRole('toolbar').getByRole('button', { name: 'Group' }).click();
    await page.getByRole('dialog').getByLabel('Group').fill('Evening');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await expect.poll(async () => (await ask('channels.query', { group: 'Evening' })).total).toBe(3);
    await undo(page, '3 channels changed.');
    await expect.poll(async () => (await ask('channels.query', { group: 'Evening' })).total).toBe(0);
    await page.getByRole('toolbar').getByRole('button', { name: 'On / off' }).click();
    await page.getByRole('menuitem', { name: 'Turn off' }).click();
    await expectNote(page, '3 channels changed.');
    await rowNamed(page, one).getByText('Off', { exact: true }).waitFor();
    expect((await listedNames()).slice(0, 2)).toEqual([three, four]);
    await page.keyboard.press('Control+z');
    await expect.poll(() => firstNames(6)).toEqual(original);
    await page.getByRole('grid').focus();
    await page.keyboard.press('Delete');
    await expectNames(page, [three, four]);
    expect(await listedNames()).toHaveLength(LENGTH - 3);
    await undo(page, '3 channels removed.');
    await expectNames(page, original);
    expect(await firstNames(6)).toEqual(original);
    expect(window.complaints).toEqual([]);
  },
);

test(
  'search finds channels as one types, in English and in Chinese, and filters narrow it',
  needs('chromium'),
  async () => {
    await using relay = await startHeadless({ list: longList(LENGTH) });
    await using window = await openRelayWindow(relay);
    const { page, ask } = window;
    await expect.poll(async () => (await ask('channels.query', {})).total, { timeout: 60_000 }).toBe(LENGTH);
    await window.go('channels');
    await rowNamed(page, nameOf(1)).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('channel 1234');
    await expectNames(page, ['Channel 1234', 'Channel 12340', 'Channel 12341']);
    await page.keyboard.type('9');
    await expectNames(page, ['Channel 12349']);
    expect((await ask('channels.query', { search: 'channel 12349' })).total).toBe(1);
    await page.keyboard.press('Escape');
    await page.keyboard.insertText('纪实');
    await expectNames(page, ['山川纪实 0', '山川纪实 100']);
    const { total } = await ask('channels.query', { search: '纪实' });
    expect(total).toBe(LENGTH / 100);
    await page.locator('.channels__count').getByText(String(total), { exact: true }).waitFor();
    await page.getByRole('combobox', { name: 'Group' }).click();
    await page.getByRole('combobox', { name: 'Group' }).fill('Group 20');
    await page.getByRole('option', { name: 'Group 20 (1,250)' }).click();
    await expectNames(page, ['山川纪实 100', '山川纪实 300']);
    await page.getByLabel('Search channels').fill('nothing is called so');
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await expectNames(page, [nameOf(0), nameOf(1)]);
    expect(window.complaints).toEqual([]);
  },
);

test(
  'a row that is held at the edge of the table goes on with it, and comes to stand where it is let go',
  needs('chromium'),
  async () => {
    await using relay = await startHeadless({ list: longList(SOME_PAGES) });
    await using window = await openRelayWindow(relay);
    const { page, ask } = window;
    await expect.poll(async () => (await ask('channels.query', {})).total, { timeout: 60_000 }).toBe(SOME_PAGES);
    await window.go('channels');
    const name = nameOf(1);
    await take(page, name);
    const table = await boxOf(page.getByRole('grid'));
    const x = table.x + 20;
    await page.mouse.move(x, table.y + table.height - 8, { steps: 6 });
    await expect
      .poll(() => page.locator('.channel-table').evaluate(({ scrollTop }) => scrollTop))
      .toBeGreaterThan(3000);
    await page.mouse.move(x, table.y + table.height / 2, { steps: 4 });
    const target = await nameUnder(page, x, table.y + table.height / 2);
    expect(target).not.toBe(name);
    await page.mouse.up();
    await expectNote(page, '1 channel moved.');
    const { rows } = await ask('channels.query', { limit: 500 });
    const names = rows.map((row) => row.name);
    // On the upper half of a row is before it, on the lower half behind it.
    expect(Math.abs(names.indexOf(name) - names.indexOf(target))).toBe(1);
    expect(window.complaints).toEqual([]);
  },
);

test(
  'what another window changes is shown within moments, and what is being typed stays',
  needs('chromium'),
  async () => {
    await using relay = await startHeadless({ list: longList(3) });
    await using window = await openRelayWindow(relay);
    const { page, ask } = window;
    await expect.poll(async () => (await ask('channels.query', {})).total).toBe(3);
    await window.go('channels/ch_c1');
    const panel = page.getByRole('complementary', { name: nameOf(1) });
    await panel.getByRole('tab', { name: 'Details' }).click();
    await panel.getByLabel('Notes').fill('half a thought');
    await ask('channels.save', { id: 'ch_c1', edit: { name: 'Renamed elsewhere', group: 'Other' } });
    await expectNames(page, [nameOf(0), 'Renamed elsewhere', nameOf(2)]);
    const renamed = page.getByRole('complementary', { name: 'Renamed elsewhere' });
    expect(await renamed.getByLabel('Notes').inputValue()).toBe('half a thought');
    expect(await renamed.getByLabel('Name').inputValue()).toBe('Renamed elsewhere');
    await renamed.getByRole('button', { name: 'Save' }).click();
    await expectNote(page, 'Channel saved.');
    expect(await ask('channels.get', { id: 'ch_c1' })).toMatchObject({
      name: 'Renamed elsewhere',
      group: 'Other',
      notes: 'half a thought',
    });
    expect(window.complaints).toEqual([]);
  },
);

/** Takes back what a notification says. */
async function undo(page: Page, done: string): Promise<void> {
  const note = page.locator('.mantine-Notification-root').filter({ hasText: done }).last();
  await note.getByRole('button', { name: 'Undo' }).click();
  await expectNote(page, 'Taken back: ');
}

/** Drags one row to the place before another. */
async function drag(page: Page, name: string, before: string): Promise<void> {
  const { x } = await take(page, name);
  const to = await boxOf(rowNamed(page, before));
  await page.mouse.move(x, to.y + 4, { steps: 4 });
  await page.mouse.up();
}

/** Takes a row by its grip and moves it a little. */
async function take(page: Page, name: string): Promise<{ x: number }> {
  await rowNamed(page, name).hover();
  const from = await boxOf(rowNamed(page, name).locator('.channel-row__grip svg'));
  const x = from.x + 5;
  await page.mouse.move(x, from.y + 5);
  await page.mouse.down();
  await page.mouse.move(x, from.y + 40, { steps: 4 });
  return { x };
}

async function boxOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('it is not on screen');
  return box;
}

/** The channel whose row is at a point of the window, below what is dragged there. */
function nameUnder(page: Page, x: number, y: number): Promise<string> {
  const find = (point: { x: number; y: number }): string => {
    const row = document.elementsFromPoint(point.x, point.y).find((element) => element.matches('.channel-row'));
    return row?.querySelector('.channel-row__text.channel-row__name')?.textContent ?? '';
  };
  return page.evaluate(find, { x, y });
}
