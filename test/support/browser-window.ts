import type { BrowserContext, Page } from 'playwright-core';
import { openProfile } from './chromium.ts';

/** A look at the window: in a profile of its own, with nothing left over from another one. */
export type BrowserWindow = AsyncDisposable & {
  page: Page;
  context: BrowserContext;
  /** What went wrong in the page: exceptions, errors on its console, breaches of its content security policy. */
  complaints: readonly string[];
};

export type BrowserWindowOptions = {
  url: string;
  width?: number;
  height?: number;
  colorScheme?: 'light' | 'dark';
  locale?: string;
  /** Further switches of Chromium's. */
  args?: readonly string[];
};

/** For what a page is waited for, however busy the machine is. */
const PATIENCE_MS = 60_000;

/** Opens the window in the system's Chromium. */
export async function openWindow(options: BrowserWindowOptions): Promise<BrowserWindow> {
  const { url, width = 1280, height = 800, colorScheme = 'light', locale = 'en-GB', args = [] } = options;
  const context = await openProfile(
    {
      viewport: { width, height },
      colorScheme,
      locale,
      permissions: ['clipboard-read', 'clipboard-write'],
      acceptDownloads: true,
    },
    args,
  );
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(url);
  return {
    page,
    context,
    complaints,
    [Symbol.asyncDispose]: () => context[Symbol.asyncDispose](),
  };
}
