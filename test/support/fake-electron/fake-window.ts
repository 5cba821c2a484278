import { EventEmitter } from 'node:events';

type Rectangle = { x: number; y: number; width: number; height: number };

/** An event that can be prevented, as Electron hands it out. */
export function preventable<Details extends object>(details: Details) {
  const event = { ...details, isPrevented: false, preventDefault: (): void => void (event.isPrevented = true) };
  return event;
}

/** The page in a window. A test plays its part: it navigates, crashes and opens windows. */
export class FakeContents extends EventEmitter {
  url = '';
  readonly sent: { channel: string; name: string; value: unknown }[] = [];
  #state: 'alive' | 'crashed' | 'destroyed' = 'alive';
  #onWindowOpen: ((details: { url: string }) => { action: string }) | undefined;

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#onWindowOpen = handler;
  }

  load(url: string): void {
    const isSamePage = this.#state === 'alive' && url.split('#')[0] === this.url.split('#')[0];
    this.url = url;
    if (isSamePage) return;
    this.#state = 'alive';
    setImmediate(() => this.emit('did-finish-load'));
  }

  reload(): void {
    const { url } = this;
    this.url = '';
    this.load(url);
  }

  send(channel: string, name: string, value: unknown): void {
    if (this.isDestroyed()) throw new TypeError('Object has been destroyed');
    this.sent.push({ channel, name, value: structuredClone(value) });
  }

  isDestroyed(): boolean {
    return this.#state === 'destroyed';
  }

  isCrashed(): boolean {
    return this.#state === 'crashed';
  }

  crash(reason = 'crashed'): void {
    this.#state = 'crashed';
    this.emit('render-process-gone', {}, { reason });
  }

  destroy(): void {
    this.#state = 'destroyed';
  }

  /** Whether the page comes to where it wants to go. */
  navigate(url: string, kind: 'will-frame-navigate' | 'will-redirect' = 'will-frame-navigate'): boolean {
    const event = preventable({ url });
    this.emit(kind, event);
    return !event.isPrevented;
  }

  /** Whether the page gets the window that it opens; without a handler it would. */
  openWindow(url: string): boolean {
    return this.#onWindowOpen?.({ url }).action !== 'deny';
  }
}

/** A window on no screen. */
export class FakeWindow<Options extends Partial<Rectangle>> extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly options: Options;
  bounds: Rectangle;
  isShown = false;
  isFocused = false;
  #isMaximized = false;
  #isMinimized = false;

  constructor(options: Options) {
    super();
    this.options = options;
    const { x = 0, y = 0, width = 800, height = 600 } = options;
    this.bounds = { x, y, width, height };
  }

  loadURL(url: string): Promise<void> {
    const isFirst = this.webContents.url === '';
    this.webContents.load(url);
    if (isFirst) setImmediate(() => this.emit('ready-to-show'));
    return Promise.resolve();
  }

  show(): void {
    this.isShown = true;
  }

  focus(): void {
    this.isFocused = true;
  }

  maximize(): void {
    this.#isMaximized = true;
  }

  minimize(): void {
    this.#isMinimized = true;
  }

  restore(): void {
    this.#isMinimized = false;
  }

  isMaximized(): boolean {
    return this.#isMaximized;
  }

  isMinimized(): boolean {
    return this.#isMinimized;
  }

  getNormalBounds(): Rectangle {
    return this.bounds;
  }

  close(): void {
    this.emit('close');
    this.webContents.destroy();
    this.emit('closed');
  }
}
