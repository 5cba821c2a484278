import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  nativeTheme,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
} from 'electron';
import packageJson from '../package.json' with { type: 'json' };
import { parseCommandLine, USAGE, type CommandLine } from './command-line.ts';
import type { Updates } from './control/updates.ts';
import { createControlledRelay, type ControlledRelay } from './controlled-relay.ts';
import { defaultDataFolder } from './data-folder.ts';
import { APP_SCHEME } from './desktop/app-protocol.ts';
import { createDesktop, type Desktop } from './desktop/desktop.ts';
import { claimInstance } from './desktop/instance.ts';
import { parseLaunch, type Launch } from './desktop/launch.ts';
import { createLoginItem } from './desktop/login-item.ts';
import { PAGE_URL } from './desktop/page.ts';
import { stopBeforeQuit, type QuitWith } from './desktop/quit.ts';
import { createTrayIcon } from './desktop/tray-icon.ts';
import { openUpdates, readUpdateSource } from './desktop/updater.ts';
import { openVault, type Vault } from './desktop/vault.ts';
import { stopAll } from './lifecycle.ts';
import type { Logger } from './log.ts';

/* The desktop entry: the relay in Electron's main process, around it a window, a tray icon and what goes with them. */

const STOP_DEADLINE_MS = 6_000;
/** What may be left of stopping then is not waited for. */
const QUIT_DEADLINE_MS = 8_000;

async function main(): Promise<void> {
  const launch = readLaunch();
  const { dataFolder, ...relayOptions } = readCommandLine(launch);
  // Both must be done before Electron is ready, so nothing is waited for up to here.
  prepareElectron(dataFolder);
  const instance = claimInstance(app, launch.offers);
  if (instance === undefined) return app.quit();
  await app.whenReady();

  const relay = await createControlledRelay({
    ...relayOptions,
    dataFolder,
    version: packageJson.version,
    vault: await openOwnVault(),
    openUpdates: (log) => openOwnUpdates(log, (leave) => quitWith(leave)),
    onSettings: () => desktop.apply(relay.supervisor.editableSettings),
  });
  const desktop = openDesktop(relay, dataFolder);
  const quitWith = stopBeforeQuit(app, {
    stop: () => stop(relay, desktop),
    deadlineMs: QUIT_DEADLINE_MS,
    log: relay.log.logger,
  });
  await start(relay);
  if (!isStartedHidden(launch)) desktop.show();
  instance.serve((offers) => desktop.offer(offers));
}

function readLaunch(): Launch {
  const [, ...args] = process.argv;
  // Run by `electron FOLDER`, the folder is among the arguments.
  const ownFolder = process.defaultApp ? args.findIndex((arg) => !arg.startsWith('-')) : -1;
  return parseLaunch(ownFolder === -1 ? args : args.toSpliced(ownFolder, 1), workingFolder());
}

/** `npm run` changes the working directory, and says where it was. */
function workingFolder(): string {
  return process.env['INIT_CWD'] ?? process.cwd();
}

type RelayOptions = { dataFolder: string; overrides: CommandLine['settings']; lists: string[] };

function readCommandLine({ relayFlags }: Launch): RelayOptions {
  try {
    const { dataFolder, settings, lists } = parseCommandLine(relayFlags);
    return {
      dataFolder: path.resolve(dataFolder ?? defaultDataFolder(process.platform, process.env)),
      overrides: settings,
      lists: lists.map((list) => (/^https?:\/\//i.test(list) ? list : path.resolve(workingFolder(), list))),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exit(2);
  }
}

function prepareElectron(dataFolder: string): void {
  const browserFolder = path.join(dataFolder, 'window');
  mkdirSync(browserFolder, { recursive: true });
  app.setName('Hearthcast');
  app.setAppUserModelId('app.hearthcast.relay');
  // Also what the one instance is one of: two data folders are two relays.
  app.setPath('userData', browserFolder);
  app.enableSandbox();
  protocol.registerSchemesAsPrivileged([APP_SCHEME]);
}

/** A system lets an installed app alone at what it locked; a copy that is being developed would ask for a password at each start. */
async function openOwnVault(): Promise<Vault | undefined> {
  return app.isPackaged ? openVault(safeStorage, process.platform) : undefined;
}

function openOwnUpdates(log: Logger, quitWith: QuitWith): Promise<Updates> {
  return openUpdates({
    source: readUpdateSource(app, process.resourcesPath),
    // Not before it is needed: most builds have no feed.
    loadUpdater: async () => (await import('electron-updater')).default.autoUpdater,
    platform: process.platform,
    quitWith,
    relaunch: () => {
      app.relaunch();
      app.quit();
    },
    now: Date.now,
    log,
  });
}

function openDesktop({ supervisor, control, log }: ControlledRelay, dataFolder: string): Desktop {
  if (app.isPackaged) app.setAsDefaultProtocolClient('hearthcast');
  return createDesktop({
    electron: {
      app,
      BrowserWindow,
      Menu,
      clipboard,
      dialog,
      ipcMain,
      nativeTheme,
      powerSaveBlocker,
      protocol,
      screen,
      session: session.defaultSession,
      shell,
    },
    createTray: () => new Tray(createTrayIcon(nativeImage, process.platform)),
    loginItem: createLoginItem({
      app,
      platform: process.platform,
      executable: process.env['APPIMAGE'] ?? process.execPath,
      autostartFolder: path.join(process.env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config'), 'autostart'),
    }),
    dispatch: control.dispatch,
    events: control.events,
    settings: supervisor.editableSettings,
    pageUrl: developmentPage() ?? PAGE_URL,
    rendererFolder: path.resolve(import.meta.dirname, '../renderer'),
    preload: path.resolve(import.meta.dirname, '../preload/preload.cjs'),
    dataFolder,
    platform: process.platform,
    now: Date.now,
    log: log.logger,
  });
}

/** What electron-vite serves while the app is being developed. */
function developmentPage(): string | undefined {
  const url = app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL'];
  return url === undefined ? undefined : new URL('/', url).href;
}

/** A relay that cannot start does not end the app: its window says why, and how to change that. */
async function start({ supervisor, operations, log }: ControlledRelay): Promise<void> {
  await operations.start?.();
  supervisor.start().catch((error: unknown) => log.logger.error({ err: error }, 'the relay could not start'));
}

/** First what one sees, then what goes on for the window, then the relay. */
async function stop({ supervisor, control, operations, log }: ControlledRelay, desktop: Desktop): Promise<void> {
  const parts = [
    operations,
    { name: 'relay', stop: () => supervisor.stop() },
    { name: 'tasks', stop: () => control.stop() },
    { name: 'desktop', stop: () => desktop.stop() },
  ];
  try {
    await stopAll(parts, STOP_DEADLINE_MS);
  } finally {
    await log.close();
  }
}

/** macOS gives no arguments at login, but says that it was one. */
function isStartedHidden({ isHidden }: Launch): boolean {
  return isHidden || app.getLoginItemSettings().wasOpenedAtLogin;
}

main().catch((error: unknown) => {
  dialog.showErrorBox('Hearthcast cannot start', error instanceof Error ? error.message : String(error));
  app.exit(1);
});
