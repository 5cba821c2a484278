import type { BrowserWindowConstructorOptions } from 'electron';
import type { EventReceiver } from '../control/ipc-transport.ts';
import type { Logger } from '../log.ts';
import { loadWindowState, placeWindow, saveWindowState, SMALLEST, type Rectangle } from './window-state.ts';

/** What is used of Electron's `WebContents`. */
export type PageContents = EventReceiver & {
  on(event: 'did-finish-load', listener: () => void): unknown;
  on(event: 'render-process-gone', listener: (event: unknown, details: { reason: string }) => void): unknown;
  reload(): void;
  isCrashed(): boolean;
};

/** What is used of Electron's `BrowserWindow`. */
export type PageWindow = {
  readonly webContents: PageContents;
  on(event: 'close' | 'closed' | 'ready-to-show', listener: () => void): unknown;
  loadURL(url: string): Promise<void>;
  show(): void;
  focus(): void;
  maximize(): void;
  restore(): void;
  isMinimized(): boolean;
  isMaximized(): boolean;
  getNormalBounds(): Rectangle;
};

/** What is used of Electron's `screen`. */
export type Screen = {
  getPrimaryDisplay(): { workArea: Rectangle };
  getAllDisplays(): { workArea: Rectangle }[];
};

/** A question to the user, or a word; the first button is the one that does something. */
export type Question = { message: string; detail: string; type: 'question' | 'info' | 'error'; buttons: string[] };

/** The one window. It is gone while it is closed, and costs nothing then. */
export type MainWindow = {
  /** Opens the window, or brings it to the front. @param view that it is to show; where it is, if none is named */
  show(view?: View): void;
  /** Asks in the window. Resolves with the position of the button; closing the question or the window is the last one. */
  ask(question: Question): Promise<number>;
};

type View = 'channels' | 'settings';

export type MainWindowDeps<Window> = {
  BrowserWindow: new (options: BrowserWindowConstructorOptions) => Window;
  screen: Screen;
  dialog: {
    showMessageBox(window: Window, options: Question & { cancelId: number }): Promise<{ response: number }>;
  };
  pageUrl: string;
  preload: string;
  stateFile: string;
  backgroundColor: () => string;
  /** Called when a page is there to be told something. What it returns is called when that page has gone. */
  onPage: (contents: PageContents) => () => void;
  onShow: () => void;
  now: () => number;
  log: Logger;
};

/** A page that crashes more often than so is not loaded again before somebody wants to see it. */
const MAX_CRASHES = 3;
const CRASH_WINDOW_MS = 60_000;

export function createMainWindow<Window extends PageWindow>(deps: MainWindowDeps<Window>): MainWindow {
  const { BrowserWindow, screen, dialog, pageUrl, preload, stateFile, backgroundColor, onPage, onShow, now, log } =
    deps;
  let current: { window: Window; isVisible: Promise<boolean> } | undefined;
  let crashes: number[] = [];

  function open(url: string): { window: Window; isVisible: Promise<boolean> } {
    const state = loadWindowState(stateFile);
    const others = screen.getAllDisplays().map(({ workArea }) => workArea);
    const window = new BrowserWindow({
      ...placeWindow(state?.bounds, [screen.getPrimaryDisplay().workArea, ...others]),
      minWidth: SMALLEST.width,
      minHeight: SMALLEST.height,
      title: 'Hearthcast',
      backgroundColor: backgroundColor(),
      autoHideMenuBar: true,
      show: false,
      webPreferences: {
        preload,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        navigateOnDragDrop: false,
      },
    });
    if (state?.isMaximized === true) window.maximize();

    const { webContents } = window;
    const visible = Promise.withResolvers<boolean>();
    let leavePage: (() => void) | undefined;
    webContents.on('did-finish-load', () => {
      leavePage?.();
      leavePage = onPage(webContents);
    });
    webContents.on('render-process-gone', (_event, { reason }) => onCrash(window, reason));
    window.on('ready-to-show', () => {
      window.show();
      visible.resolve(true);
    });
    window.on('close', () =>
      saveWindowState(stateFile, { bounds: window.getNormalBounds(), isMaximized: window.isMaximized() }),
    );
    window.on('closed', () => {
      leavePage?.();
      visible.resolve(false);
      current = undefined;
    });
    load(window, url);
    return { window, isVisible: visible.promise };
  }

  function load(window: Window, url: string): void {
    window.loadURL(url).catch((error: unknown) => log.warn({ err: error }, 'the window could not load its page'));
  }

  /** The relay goes on meanwhile: it lives in another process. */
  function onCrash({ webContents }: Window, reason: string): void {
    if (reason === 'clean-exit') return;
    crashes = [...crashes.filter((at) => now() - at < CRASH_WINDOW_MS), now()];
    log.error({ reason, crashes: crashes.length }, 'the window crashed');
    if (crashes.length <= MAX_CRASHES) webContents.reload();
  }

  function show(view?: View): { window: Window; isVisible: Promise<boolean> } {
    const url = view === undefined ? pageUrl : `${pageUrl}#/${view}`;
    onShow();
    if (current === undefined) {
      current = open(url);
      return current;
    }
    const { window } = current;
    const isGone = window.webContents.isCrashed();
    if (isGone) crashes = [];
    if (isGone || view !== undefined) load(window, url);
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    return current;
  }

  return {
    show: (view) => void show(view),
    async ask(question) {
      const cancelId = question.buttons.length - 1;
      const { window, isVisible } = show();
      if (!(await isVisible)) return cancelId;
      const { response } = await dialog.showMessageBox(window, { ...question, cancelId });
      return response;
    },
  };
}
