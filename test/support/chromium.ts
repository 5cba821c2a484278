import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { findProgram } from './requirements.ts';

/** A browser as if new: no cookies, nothing cached. Disposing of it closes it. */
export type Profile = BrowserContext & AsyncDisposable;

/**
 * Without the background switches, Chromium looks for its maker's servers. The features are Playwright's own list, which a switch of
 * ours replaces, and two pages of Chromium's address bar, which nobody sees here and which take as long to load as our window.
 */
const CHROMIUM_ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
  `--disable-features=${[
    ...['AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'LensOverlay'],
    ...['HttpsFirstBalancedModeAutoEnable', 'MediaRouter', 'PaintHolding', 'ThirdPartyStoragePartitioning'],
    ...['OptimizationHints', 'NetworkTimeServiceQuerying', 'AimEnabled', 'PreconnectToSearch'],
    ...['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup'],
  ].join(',')}`,
];

/** Starting it takes a second of both cores: one for all tests of a file. */
let shared: Promise<Browser> | undefined;

/** Opens a profile in the system's Chromium. @param args further switches: it is a Chromium of its own then */
export async function openProfile(options: BrowserContextOptions = {}, args: readonly string[] = []): Promise<Profile> {
  if (args.length > 0) {
    const own = await launch(args);
    return disposable(await own.newContext(options), () => own.close());
  }
  if (shared !== undefined && !(await shared).isConnected()) shared = undefined;
  shared ??= launch([]);
  const context = await (await shared).newContext(options);
  return disposable(context, () => context.close());
}

/** For the end of whoever opened profiles: vitest calls it after every file. */
export async function closeChromium(): Promise<void> {
  await (await shared)?.close();
  shared = undefined;
}

async function launch(args: readonly string[]): Promise<Browser> {
  const executablePath = findProgram('chromium');
  if (executablePath === undefined) throw new Error('there is no Chromium on this machine');
  // Only here, because most test files call for closing it without ever having had one.
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath, args: [...CHROMIUM_ARGUMENTS, ...args] });
}

function disposable(context: BrowserContext, close: () => Promise<void>): Profile {
  return Object.assign(context, { [Symbol.asyncDispose]: close });
}
