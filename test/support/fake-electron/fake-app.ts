import { EventEmitter } from 'node:events';
import { preventable } from './fake-window.ts';

export type FakeAppOptions = {
  isPackaged?: boolean;
  /** The user's, best first. */
  languages?: readonly string[];
  hasDock?: boolean;
  version?: string;
  /** Where its package.json is. */
  appPath?: string;
  /** The instance that runs already, on the same data folder. */
  first?: FakeApp;
};

/** Electron's `app`, without the windows of one. Whoever makes windows says so with `windowOpened`. */
export class FakeApp extends EventEmitter {
  readonly isPackaged: boolean;
  readonly dock: { isShown: boolean; show: () => Promise<void>; hide: () => void } | undefined;
  readonly loginItems: { openAtLogin: boolean; args: string[] }[] = [];
  readonly paths = new Map<string, string>();
  hasQuit = false;
  readonly #languages: readonly string[];
  readonly #first: FakeApp | undefined;
  readonly #version: string;
  readonly #appPath: string;
  readonly #windows = new Set<{ close(): void }>();
  #isQuitting = false;

  constructor({
    isPackaged = false,
    languages = ['en-GB'],
    hasDock = false,
    version = '0.0.0',
    appPath = '',
    first,
  }: FakeAppOptions) {
    super();
    this.isPackaged = isPackaged;
    this.#languages = languages;
    this.#first = first;
    this.#version = version;
    this.#appPath = appPath;
    const dock = {
      isShown: true,
      show: (): Promise<void> => Promise.resolve(void (dock.isShown = true)),
      hide: (): void => void (dock.isShown = false),
    };
    this.dock = hasDock ? dock : undefined;
  }

  requestSingleInstanceLock(data: Record<string, unknown>): boolean {
    this.#first?.emit('second-instance', {}, [], '/', JSON.parse(JSON.stringify(data)));
    return this.#first === undefined;
  }

  getPreferredSystemLanguages(): string[] {
    return [...this.#languages];
  }

  setLoginItemSettings(settings: { openAtLogin: boolean; args: string[] }): void {
    this.loginItems.push(settings);
  }

  getLoginItemSettings(): { wasOpenedAtLogin: boolean } {
    return { wasOpenedAtLogin: false };
  }

  setPath(name: string, path: string): void {
    this.paths.set(name, path);
  }

  getPath(name: string): string {
    return this.paths.get(name) ?? '';
  }

  getVersion(): string {
    return this.#version;
  }

  getAppPath(): string {
    return this.#appPath;
  }

  getName(): string {
    return 'Hearthcast';
  }

  whenReady(): Promise<void> {
    return Promise.resolve();
  }

  setName(): void {}
  setAppUserModelId(): void {}
  enableSandbox(): void {}
  setAsDefaultProtocolClient(): void {}

  exit(code: number): void {
    process.exit(code);
  }

  windowOpened(window: { on(event: 'closed', listener: () => void): unknown; close(): void }): void {
    this.#windows.add(window);
    window.on('closed', () => {
      this.#windows.delete(window);
      if (this.#windows.size === 0 && !this.#isQuitting) this.emit('window-all-closed');
    });
  }

  /** Closes all windows, then quits unless it is kept from that. */
  quit(): void {
    this.#isQuitting = true;
    for (const window of this.#windows) window.close();
    const event = preventable({});
    this.emit('will-quit', event);
    if (event.isPrevented) return;
    this.hasQuit = true;
    this.emit('quit');
  }
}
