import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { findProgram } from './requirements.ts';

/** A look at the window: in a browser of its own, with nothing left over from another one. */
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

/** Without the background switches, Chromium looks for its maker's servers. */
const CHROMIUM_ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
];

/** For what a page is waited for, however busy the machine is. */
const PATIENCE_MS = 60_000;

/** Opens the window in the system's Chromium. */
export async function openWindow(options: BrowserWindowOptions): Promise<BrowserWindow> {
  const { url, width = 1280, height = 800, colorScheme = 'light', locale = 'en-GB', args = [] } = options;
  const executablePath = findProgram('chromium');
  if (executablePath === undefined) throw new Error('there is no Chromium on this machine');
  const profile = await mkdtempDisposable(join(tmpdir(), 'hearthcast-window-'));
  const context = await chromium.launchPersistentContext(profile.path, {
    executablePath,
    args: [...CHROMIUM_ARGUMENTS, ...args],
    viewport: { width, height },
    colorScheme,
    locale,
    permissions: ['clipboard-read', 'clipboard-write'],
    acceptDownloads: true,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(url);
  return {
    page,
    context,
    complaints,
    async [Symbol.asyncDispose]() {
      await context.close();
      await profile.remove();
    },
  };
}
