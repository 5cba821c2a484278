import type { Page } from 'playwright-core';
import type { LivelyRelay } from './lively-relay.ts';
import { goTo } from './relay-window.ts';

/** A place in the window, and the way there from anywhere. Found by its structure, because the words depend on the language. */
export type Scene = { name: string; isView?: boolean; open: (page: Page, relay: LivelyRelay) => Promise<void> };

/** Every view, panel, dialog and drawer, of a window of the lively relay. */
export const SCENES: readonly Scene[] = createScenes();

function createScenes(): Scene[] {
  const view = (name: string, hash: string, awaited: string): Scene => ({
    name,
    isView: true,
    async open(page) {
      await goTo(page, hash);
      await page.locator(awaited).first().waitFor();
    },
  });
  const panelTab = (name: string, index: number): Scene => ({
    name,
    async open(page) {
      await goTo(page, 'channels/ch_c3');
      await page.locator('.channel-panel [role=tab]').nth(index).click();
      await page.locator('.channel-panel [role=tabpanel]').nth(index).waitFor();
    },
  });
  const addMode = (name: string, index: number): Scene => ({
    name,
    async open(page) {
      await openAddDialog(page);
      await page.locator('.mantine-Modal-content .mantine-SegmentedControl-label').nth(index).click();
    },
  });
  const menuItem = (name: string, index: number, awaited: string): Scene => ({
    name,
    async open(page) {
      await goTo(page, 'channels');
      await page.locator('.channels__tools > button').first().click();
      await chooseInMenu(page, index);
      await page.locator(awaited).first().waitFor();
    },
  });
  return [
    view('home', 'home', '.u-over'),
    view('channels', 'channels', '.channel-row'),
    {
      name: 'chosen channels',
      open: chooseFirst,
    },
    {
      name: 'group of chosen channels',
      async open(page) {
        await chooseFirst(page);
        await page.locator('.bulk-bar__button').nth(1).click();
        await page.locator('.mantine-Modal-content').waitFor();
      },
    },
    panelTab('a channel, watched', 0),
    panelTab('sources of a channel', 1),
    panelTab('details of a channel', 2),
    addMode('add a list', 0),
    addMode('add an account', 1),
    addMode('add a channel', 2),
    {
      name: 'preview of a list',
      async open(page, { listUrl }) {
        await openAddDialog(page);
        await page.locator('.mantine-Modal-content textarea').fill(listUrl);
        await page.locator('.mantine-Modal-content button[type=submit]').click();
        await page.locator('.plan__row').first().waitFor();
      },
    },
    menuItem('lists', 1, '.guide__failure'),
    {
      name: 'removing a list',
      async open(page) {
        await goTo(page, 'channels');
        await page.locator('.channels__tools > button').first().click();
        await chooseInMenu(page, 1);
        await page.locator('.list-item [aria-haspopup=menu]').first().click();
        await chooseInMenu(page, 0);
        await page.locator('.mantine-Modal-content').waitFor();
      },
    },
    menuItem('rename a group', 2, '.mantine-Modal-content'),
    view('devices', 'devices', 'tbody tr'),
    view('log', 'activity', '.log-view__line'),
    {
      name: 'changes',
      async open(page) {
        await goTo(page, 'activity');
        await page.locator('[role=tab]').nth(1).click();
        await page.locator('[role=tabpanel]').nth(1).waitFor();
      },
    },
    view('settings', 'settings', '.settings-section'),
    {
      name: 'licences of others',
      async open(page) {
        await goTo(page, 'settings');
        await page.locator('#about button').last().click();
        await page.locator('.notices').waitFor();
      },
    },
    {
      name: 'unsaved settings',
      async open(page) {
        await goTo(page, 'settings');
        await page.locator('#network input').first().fill('99999');
        await page.locator('.settings__bar').waitFor();
      },
    },
  ];
}

async function chooseInMenu(page: Page, index: number): Promise<void> {
  await page.locator('[role=menuitem]').nth(index).click();
  // Until it has closed, the menu is a part of the page still.
  await page.locator('[role=menu]').waitFor({ state: 'detached' });
}

async function chooseFirst(page: Page): Promise<void> {
  await goTo(page, 'channels');
  await page.locator('.channel-row input[type=checkbox]').first().click();
  await page.locator('.bulk-bar').waitFor();
}

async function openAddDialog(page: Page): Promise<void> {
  await goTo(page, 'channels');
  await page.locator('.channels__tools > button').last().click();
  await page.locator('.mantine-Modal-content').waitFor();
}

/** Away to where nothing is open and little has to be drawn, whatever was. */
export async function leaveScene(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.locator('[role=dialog]').first().waitFor({ state: 'detached' });
  await goTo(page, 'devices');
  await page.locator('tbody tr').first().waitFor();
}
