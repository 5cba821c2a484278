import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { UpdateState } from '../../shared/contract.ts';
import { noUpdates, type Updates } from '../control/updates.ts';
import type { Logger } from '../log.ts';
import { isSignedUpdate } from './update-signature.ts';

/** What is used of electron-updater. */
export type AppUpdater = {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  disableWebInstaller: boolean;
  logger: object | null;
  /** Whether this kind of package can be replaced by itself. */
  isUpdaterActive(): boolean;
  /** Null when it is not active. */
  checkForUpdates(): Promise<{ isUpdateAvailable: boolean; updateInfo: { version: string } } | null>;
  downloadUpdate(): Promise<unknown>;
  quitAndInstall(isSilent: boolean, isForceRunAfter: boolean): void;
  on(event: 'download-progress', listener: (progress: { percent: number }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
};

/** What a build was given to be updated by. */
export type UpdateSource = {
  /** Whether it has the address of a feed. */
  hasFeed: boolean;
  /** What its updates are signed with; see update-signature.ts. */
  publicKey: string | undefined;
};

export type UpdaterDeps = {
  source: UpdateSource;
  /** Called only by a build that can be updated. */
  loadUpdater: () => Promise<AppUpdater>;
  platform: NodeJS.Platform;
  /** Stops everything, then calls what it was given instead of quitting. */
  quitWith: (leave: () => void) => void;
  /** Starts the app again as it is. */
  relaunch: () => void;
  now: () => number;
  log: Logger;
};

/** What electron-builder writes beside an app that it was given a feed for. */
const FEED_FILE = 'app-update.yml';
const AppPackage = z.object({ updateKey: z.string().optional() });

const FIRST_CHECK_MS = 60_000;
const CHECK_EVERY_MS = 24 * 3_600_000;

/** Of a packaged app; one that is being developed has none. */
export function readUpdateSource(
  app: { readonly isPackaged: boolean; getAppPath(): string },
  resourcesFolder: string,
): UpdateSource {
  if (!app.isPackaged) return { hasFeed: false, publicKey: undefined };
  const appPackage: unknown = JSON.parse(readFileSync(path.join(app.getAppPath(), 'package.json'), 'utf8'));
  return {
    hasFeed: existsSync(path.join(resourcesFolder, FEED_FILE)),
    publicKey: AppPackage.parse(appPackage).updateKey,
  };
}

/** Updates of the desktop app: found once a day or when asked for, downloaded and installed only when asked for. */
export async function openUpdates({ source, loadUpdater, ...deps }: UpdaterDeps): Promise<Updates> {
  const { hasFeed, publicKey } = source;
  if (!hasFeed || publicKey === undefined) return noUpdates('build');
  const updater = await loadUpdater();
  if (!updater.isUpdaterActive()) return noUpdates('package');
  const updates = createUpdates({ ...deps, updater, publicKey });
  const check = (): void => void updates.lookQuietly();
  setTimeout(check, FIRST_CHECK_MS).unref();
  setInterval(check, CHECK_EVERY_MS).unref();
  return updates;
}

type FailedStep = Extract<UpdateState, { kind: 'failed' }>['step'];

function createUpdates({
  updater,
  publicKey,
  platform,
  quitWith,
  relaunch,
  now,
  log,
}: Omit<UpdaterDeps, 'source' | 'loadUpdater'> & { updater: AppUpdater; publicKey: string }): Updates & {
  lookQuietly(): Promise<void>;
} {
  const listeners = new Set<(state: UpdateState) => void>();
  let state: UpdateState = { kind: 'idle', checkedAt: null };
  let isInstalling = false;

  function become(next: UpdateState): void {
    state = next;
    for (const listener of listeners) listener(next);
  }

  function fail(step: FailedStep, error: unknown): void {
    log.warn({ err: error, step }, 'the app could not be updated');
    become({ kind: 'failed', step });
  }

  async function find(): Promise<UpdateState> {
    const found = await updater.checkForUpdates();
    if (found?.isUpdateAvailable !== true) return { kind: 'idle', checkedAt: now() };
    const { updateInfo } = found;
    if (isSignedUpdate(updateInfo, publicKey)) return { kind: 'available', version: updateInfo.version };
    log.warn({ version: updateInfo.version }, 'the feed offers a version that was not signed by who made this one');
    return { kind: 'failed', step: 'signature' };
  }

  async function download(version: string): Promise<void> {
    become({ kind: 'downloading', version, percent: 0 });
    try {
      await updater.downloadUpdate();
      become({ kind: 'ready', version });
    } catch (error) {
      fail('download', error);
    }
  }

  updater.autoDownload = false;
  // On Linux that may ask for a password, in the middle of logging out.
  updater.autoInstallOnAppQuit = platform !== 'linux';
  updater.disableWebInstaller = true;
  updater.logger = quietLogger(log);
  updater.on('download-progress', ({ percent }) => {
    if (state.kind === 'downloading') become({ ...state, percent: Math.round(percent) });
  });
  updater.on('error', (error) => {
    // All else is told by what was called.
    if (!isInstalling) return;
    log.error({ err: error }, 'the new version could not be installed');
    relaunch();
  });

  return {
    get state() {
      return state;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async check() {
      if (!isAtRest(state)) return;
      become({ kind: 'checking' });
      await find().then(become, (error: unknown) => fail('check', error));
    },
    /** Nobody asked, so nobody is told when it fails. */
    async lookQuietly() {
      if (!isAtRest(state)) return;
      const before = state;
      await find().then(
        (found) => state === before && become(found),
        (error: unknown) => log.info({ err: error }, 'no update could be looked for'),
      );
    },
    download() {
      if (state.kind === 'available') void download(state.version);
    },
    restart() {
      if (state.kind !== 'ready') return;
      // The relay has stopped by then: an installer does not wait for TVs.
      quitWith(() => {
        isInstalling = true;
        updater.quitAndInstall(true, true);
      });
    },
  };
}

function isAtRest({ kind }: UpdateState): boolean {
  return kind === 'idle' || kind === 'available' || kind === 'failed';
}

/** electron-updater tells a lot that only its makers need. */
function quietLogger(log: Logger): object {
  const write = (message: unknown): void => log.debug({ from: 'electron-updater' }, String(message));
  return { debug: write, info: write, warn: write, error: write };
}
