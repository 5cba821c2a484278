import path from 'node:path';
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron';
import type { EditableSettings, ListOrigin } from '../../shared/contract.ts';
import type { Snapshot } from '../../shared/stats.ts';
import type { Dispatch } from '../control/dispatch.ts';
import type { Events } from '../control/events.ts';
import { createIpcTransport, type CommandReceiver } from '../control/ipc-transport.ts';
import type { Logger } from '../log.ts';
import { createPageHandler } from './app-protocol.ts';
import { guardContents, guardPermissions, type GuardedContents, type GuardedSession, type Shell } from './guard.ts';
import { pickLabels } from './labels.ts';
import { createListOffers } from './list-offers.ts';
import type { LoginItem } from './login-item.ts';
import { createAppMenu } from './menu.ts';
import { createKeepAwake, type PowerSaveBlocker } from './power.ts';
import { isFromPage, type IpcEvent } from './sender.ts';
import { createRelayTray, type TrayIcon } from './tray.ts';
import { createMainWindow, type MainWindowDeps, type PageWindow, type Screen } from './window.ts';

/** What is used of Electron's `app` while the desktop app runs. */
export type DesktopApp = {
  on(event: 'web-contents-created', listener: (event: unknown, contents: GuardedContents) => void): unknown;
  on(event: 'activate' | 'window-all-closed', listener: () => void): unknown;
  quit(): void;
  getPreferredSystemLanguages(): string[];
  readonly dock?: { show(): Promise<void>; hide(): void } | undefined;
};

/** The parts of Electron that the desktop app is made with. */
export type DesktopElectron<Window, Menu> = {
  app: DesktopApp;
  BrowserWindow: new (options: BrowserWindowConstructorOptions) => Window;
  Menu: {
    buildFromTemplate(template: MenuItemConstructorOptions[]): Menu;
    setApplicationMenu(menu: Menu): void;
  };
  clipboard: { writeText(text: string): void };
  dialog: MainWindowDeps<Window>['dialog'];
  ipcMain: CommandReceiver<IpcEvent>;
  nativeTheme: { themeSource: 'system' | 'light' | 'dark'; readonly shouldUseDarkColors: boolean };
  powerSaveBlocker: PowerSaveBlocker;
  protocol: {
    handle(scheme: string, handler: (request: Pick<Request, 'url' | 'method'>) => Promise<Response>): void;
  };
  screen: Screen;
  session: GuardedSession;
  shell: Shell;
};

export type DesktopDeps<Window, Menu> = {
  electron: DesktopElectron<Window, Menu>;
  createTray: () => TrayIcon<Menu>;
  loginItem: LoginItem;
  dispatch: Dispatch;
  events: Events;
  /** As they are in force when it starts. */
  settings: EditableSettings;
  /** Where the page is: that of the build, or of a development server. */
  pageUrl: string;
  rendererFolder: string;
  preload: string;
  /** Where the place of the window is remembered. */
  dataFolder: string;
  platform: NodeJS.Platform;
  now: () => number;
  log: Logger;
};

/** Everything of the app that one sees, besides the page in its window. */
export type Desktop = {
  show(): void;
  /** Brings changed settings into force. */
  apply(settings: EditableSettings): void;
  /** Shows the window, and asks about each list. */
  offer(offers: readonly ListOrigin[]): void;
  stop(): void;
};

const BACKGROUND = { light: '#ffffff', dark: '#1a1b1e' };

/** To be called once Electron is ready. Opens no window yet. */
export function createDesktop<Window extends PageWindow, Menu>(deps: DesktopDeps<Window, Menu>): Desktop {
  const { electron, loginItem, dispatch, events, pageUrl, platform, now, log } = deps;
  const { app, nativeTheme, shell } = electron;
  let { settings } = deps;
  const labels = () => pickLabels(settings.language, app.getPreferredSystemLanguages());

  const transport = createIpcTransport({
    ipcMain: electron.ipcMain,
    isOurs: (event) => isFromPage(pageUrl, event),
    dispatch,
    events,
  });
  const window = createMainWindow({
    BrowserWindow: electron.BrowserWindow,
    screen: electron.screen,
    dialog: electron.dialog,
    pageUrl,
    preload: deps.preload,
    stateFile: path.join(deps.dataFolder, 'window.json'),
    backgroundColor: () => (nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light),
    onPage: (contents) => transport.attach(contents),
    onShow: () => void app.dock?.show(),
    now,
    log,
  });
  const offers = createListOffers({ dispatch, window, labels });
  const keepAwake = createKeepAwake(electron.powerSaveBlocker);
  const tray = createRelayTray({
    tray: deps.createTray(),
    buildMenu: (template) => electron.Menu.buildFromTemplate(template),
    platform,
    actions: {
      open: () => window.show(),
      copy: (url) => electron.clipboard.writeText(url),
      setPaused: (paused) => void dispatch('app.pause', { paused }, { who: 'tray' }),
      quit: () => app.quit(),
    },
    listUrl: ({ lanUrls: [base] }) => base && withKey(`${base}/tv`, settings.accessKey),
  });

  function onSnapshot(snapshot: Snapshot): void {
    tray.show(snapshot, labels());
    keepAwake.set(settings.keepAwake && snapshot.viewers.some(({ isActive }) => isActive));
  }

  function applySettings(): void {
    nativeTheme.themeSource = settings.theme === 'auto' ? 'system' : settings.theme;
    const menu = createAppMenu({ platform, labels: labels(), onSettings: () => window.show('settings') });
    electron.Menu.setApplicationMenu(electron.Menu.buildFromTemplate(menu));
    loginItem
      .set(settings.startAtLogin)
      .catch((error: unknown) => log.warn({ err: error }, 'starting at login could not be set'));
  }

  guardPermissions(electron.session, pageUrl);
  app.on('web-contents-created', (_event, contents) => guardContents(contents, { pageUrl, shell, log }));
  electron.protocol.handle('app', createPageHandler({ pageUrl, rendererFolder: deps.rendererFolder }));
  app.on('activate', () => window.show());
  app.on('window-all-closed', () => {
    if (settings.closeToTray) app.dock?.hide();
    else if (platform !== 'darwin') app.quit();
  });
  applySettings();
  const unsubscribe = events.subscribe((name, value) => {
    if (name === 'snapshot') onSnapshot(value as Snapshot);
  });

  return {
    show: () => window.show(),
    apply(next) {
      settings = next;
      applySettings();
    },
    offer(origins) {
      window.show();
      for (const origin of origins) {
        offers.offer(origin).catch((error: unknown) => log.error({ err: error }, 'an offered list ran into a bug'));
      }
    },
    stop() {
      unsubscribe();
      keepAwake.set(false);
      transport.stop();
      tray.destroy();
    },
  };
}

function withKey(url: string, key: string): string {
  return key === '' ? url : `${url}?key=${encodeURIComponent(key)}`;
}
