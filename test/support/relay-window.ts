import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openWindow, type BrowserWindow, type BrowserWindowOptions } from './browser-window.ts';
import type { Headless } from './headless.ts';
import { controlUrl, createRelayClient, type RelayClient } from './relay-client.ts';

/** The window of a real relay, with another way to ask that relay. */
export type RelayWindow = BrowserWindow &
  RelayClient & {
    /** Opens a view by its address: `channels/ch_news`. */
    go: (view: string) => Promise<void>;
  };

/** Opens it in the system's Chromium. */
export async function openRelayWindow(
  relay: Headless,
  options: Omit<BrowserWindowOptions, 'url'> = {},
): Promise<RelayWindow> {
  const window = await openWindow({ url: controlUrl(relay), ...options });
  const go = (view: string): Promise<void> => goTo(window.page, view);
  return { ...window, ...createRelayClient(relay), go };
}

export function goTo(page: Page, view: string): Promise<void> {
  return page.evaluate((hash) => void (location.hash = hash), `#/${view}`);
}

/** A row of the table of channels. */
export function rowNamed(page: Page, name: string): Locator {
  return page.getByRole('row').filter({ hasText: name }).first();
}

/** Waits until the table of channels begins with these names. */
export async function expectNames(page: Page, names: readonly string[]): Promise<void> {
  const shown = (): Promise<string[]> => page.locator('.channel-row__text.channel-row__name').allTextContents();
  await expect.poll(async () => (await shown()).slice(0, names.length)).toEqual(names);
}

/** What one notification says, once it is there; it is put away, so that it hides nothing. */
export async function expectNote(page: Page, text: string | RegExp): Promise<void> {
  const note = page.locator('.mantine-Notification-root').filter({ hasText: text }).last();
  await note.waitFor();
  await note.locator('.mantine-Notification-closeButton').click();
}
