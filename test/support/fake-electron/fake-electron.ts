import { EventEmitter } from 'node:events';
import http from 'node:http';
import { FakeApp, type FakeAppOptions } from './fake-app.ts';
import { FakeWindow } from './fake-window.ts';

type Rectangle = { x: number; y: number; width: number; height: number };
type MenuItem = { label?: string; role?: string; enabled?: boolean; click?: unknown; submenu?: unknown };
type FakeMenu = { items: readonly MenuItem[] };
type WindowOptions = Partial<Rectangle> & { webPreferences?: object };
type CommandListener = (event: { senderFrame: Frame | null }, name: unknown, input: unknown) => Promise<unknown>;
type PermissionHandler = Parameters<FakeSession['setPermissionRequestHandler']>[0];

/** A frame of a page, as the sender of a message. */
export type Frame = { url: string; parent: Frame | null };

type FakeSession = {
  setPermissionRequestHandler(
    handler: (
      contents: unknown,
      permission: string,
      decide: (isGranted: boolean) => void,
      details: { requestingUrl: string },
    ) => void,
  ): void;
  setPermissionCheckHandler(handler: (contents: unknown, permission: string, origin: string) => boolean): void;
};

const SCREEN: Rectangle = { x: 0, y: 0, width: 1920, height: 1040 };

class FakeTray extends EventEmitter {
  toolTip = '';
  menu: FakeMenu = { items: [] };
  isDestroyed = false;

  setToolTip(text: string): void {
    this.toolTip = text;
  }

  setContextMenu(menu: FakeMenu): void {
    this.menu = menu;
  }

  destroy(): void {
    this.isDestroyed = true;
  }

  get labels(): (string | undefined)[] {
    return this.menu.items.map(({ label }) => label);
  }

  /** Chooses an item of the menu, if there is one that can be chosen. */
  choose(label: string): void {
    const item = this.menu.items.find((known) => known.label === label && known.enabled !== false);
    if (typeof item?.click !== 'function') throw new Error(`the menu does not offer ${label}`);
    (item.click as () => void)();
  }
}

/**
 * The few parts of Electron that the desktop app uses, in one process and without a screen. It shows what our code asks of Electron;
 * what Electron makes of that, only Electron can show.
 */
export function createFakeElectron(options: FakeAppOptions = {}) {
  const app = new FakeApp(options);
  const windows: FakeWindow<WindowOptions>[] = [];
  const trays: FakeTray[] = [];
  const awake = new Set<number>();
  const commands = new Map<string, CommandListener>();
  const pages = new Map<string, (request: Request) => Promise<Response>>();
  const permissions: { request?: PermissionHandler; check?: (permission: string, origin: string) => boolean } = {};
  const seen = {
    displays: [SCREEN] as [Rectangle, ...Rectangle[]],
    copied: '',
    openedInBrowser: [] as string[],
    asked: [] as { message: string; detail: string; buttons: string[] }[],
    /** Buttons that the user will choose; afterwards, every question is closed. */
    answers: [] as number[],
    appMenu: { items: [] } as FakeMenu,
    schemes: [] as object[],
    /** Where the system keeps keys; empty: nowhere. */
    keyStore: 'gnome_libsecret',
  };

  const electron = {
    app,
    BrowserWindow: class extends FakeWindow<WindowOptions> {
      constructor(windowOptions: WindowOptions) {
        super(windowOptions);
        windows.push(this);
        this.on('closed', () => windows.splice(windows.indexOf(this), 1));
        app.windowOpened(this);
        app.emit('web-contents-created', {}, this.webContents);
      }
    },
    Menu: {
      buildFromTemplate: (items: MenuItem[]): FakeMenu => ({ items }),
      setApplicationMenu: (menu: FakeMenu): void => void (seen.appMenu = menu),
    },
    Tray: class extends FakeTray {
      constructor(_image: object) {
        super();
        trays.push(this);
      }
    },
    clipboard: { writeText: (text: string): void => void (seen.copied = text) },
    dialog: {
      showMessageBox(
        _window: object,
        question: { message: string; detail: string; buttons: string[]; cancelId: number },
      ): Promise<{ response: number }> {
        seen.asked.push(question);
        return Promise.resolve({ response: seen.answers.shift() ?? question.cancelId });
      },
      showErrorBox: (title: string, content: string): void => void process.stderr.write(`${title}: ${content}\n`),
    },
    ipcMain: {
      handle: (channel: string, listener: CommandListener): void => void commands.set(channel, listener),
      removeHandler: (channel: string): void => void commands.delete(channel),
    },
    nativeImage: {
      createFromDataURL: (dataURL: string) => ({
        pictures: [dataURL],
        isTemplate: false,
        addRepresentation(picture: { dataURL: string }): void {
          this.pictures.push(picture.dataURL);
        },
        setTemplateImage(isTemplate: boolean): void {
          this.isTemplate = isTemplate;
        },
      }),
    },
    /** As electron-updater asks; of the rest that it says, Node takes no notice. */
    net: { request: (asked: http.RequestOptions) => http.request(asked) },
    nativeTheme: { themeSource: 'system' as 'system' | 'light' | 'dark', shouldUseDarkColors: false },
    powerSaveBlocker: {
      start(kind: 'prevent-app-suspension'): number {
        if (kind !== 'prevent-app-suspension') throw new Error(`${String(kind)} also keeps the screen on`);
        const id = awake.size + 1;
        awake.add(id);
        return id;
      },
      stop: (id: number): void => void awake.delete(id),
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: object[]): void => void seen.schemes.push(...schemes),
      handle: (scheme: string, handler: (request: Request) => Promise<Response>): void =>
        void pages.set(scheme, handler),
    },
    safeStorage: {
      getSelectedStorageBackend: (): string => seen.keyStore,
      isAsyncEncryptionAvailable: (): Promise<boolean> => Promise.resolve(seen.keyStore !== ''),
      encryptStringAsync: (text: string): Promise<Buffer> => Promise.resolve(Buffer.from(`${seen.keyStore}\0${text}`)),
      decryptStringAsync(encrypted: Buffer): Promise<{ result: string }> {
        const [keyStore, result = ''] = encrypted.toString().split('\0');
        return keyStore === seen.keyStore ? Promise.resolve({ result }) : Promise.reject(new Error('wrong key'));
      },
    },
    screen: {
      getPrimaryDisplay: () => ({ workArea: seen.displays[0] }),
      getAllDisplays: () => seen.displays.map((workArea) => ({ workArea })),
    },
    /** Electron's own, which an updater tells before it ends the app. */
    autoUpdater: new EventEmitter(),
    session: {
      setPermissionRequestHandler: (handler: PermissionHandler): void => void (permissions.request = handler),
      setPermissionCheckHandler(handler: (contents: unknown, permission: string, origin: string) => boolean): void {
        permissions.check = (permission, origin) => handler(null, permission, origin);
      },
    },
    shell: {
      openExternal: (url: string): Promise<void> => Promise.resolve(void seen.openedInBrowser.push(url)),
    },
  };

  return {
    electron,
    windows,
    trays,
    seen,
    /** Whether the computer is kept from falling asleep. */
    isKeptAwake: () => awake.size > 0,
    /** A command sent by a frame; copied as between processes. */
    invoke(channel: string, frame: Frame | null, name: string, input: unknown): Promise<unknown> {
      const listener = commands.get(channel);
      if (listener === undefined) return Promise.reject(new Error(`No handler registered for '${channel}'`));
      return listener({ senderFrame: frame }, name, structuredClone(input));
    },
    /** What a page gets for a URL of our scheme. */
    fetch: (url: string): Promise<Response> => {
      const handler = pages.get(new URL(url).protocol.replace(':', ''));
      return handler === undefined ? Promise.reject(new Error(`ERR_UNKNOWN_URL_SCHEME`)) : handler(new Request(url));
    },
    /** Whether a page gets a permission, however it asks for it; without handlers it would. */
    isGranted(permission: string, url: string): boolean {
      let isGranted = permissions.request === undefined;
      permissions.request?.(null, permission, (decision) => (isGranted = decision), { requestingUrl: url });
      return isGranted || permissions.check?.(permission, url) !== false;
    },
  };
}

export type FakeElectron = ReturnType<typeof createFakeElectron>;
