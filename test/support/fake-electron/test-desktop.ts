import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDispatch, type Handlers } from '../../../main/control/dispatch.ts';
import type { EventListener, Events } from '../../../main/control/events.ts';
import { IPC_CHANNEL } from '../../../main/control/ipc-channel.ts';
import { createDesktop, type Desktop } from '../../../main/desktop/desktop.ts';
import { PAGE_URL } from '../../../main/desktop/page.ts';
import { EditableSettings } from '../../../shared/contract.ts';
import type { Snapshot, Viewer } from '../../../shared/stats.ts';
import { recordLog } from '../recorded-log.ts';
import { scriptedHandlers } from '../scripted-handlers.ts';
import { emptySnapshot } from '../snapshot.ts';
import type { FakeAppOptions } from './fake-app.ts';
import { createFakeElectron, type FakeElectron } from './fake-electron.ts';

/** The desktop app on a stand-in for Electron, with scripted commands behind it. */
export type TestDesktop = AsyncDisposable & {
  desktop: Desktop;
  fake: FakeElectron;
  settings: EditableSettings;
  dataFolder: string;
  /** What was asked to start at login, in order. */
  loginItem: readonly boolean[];
  logged: readonly string[];
  /** The relay tells its state. */
  tell: (state: Partial<Snapshot>) => void;
  /** A command from the page in the window. */
  call: (name: string, input: unknown) => Promise<unknown>;
};

export async function startTestDesktop({
  handlers = {},
  settings = {},
  platform = 'linux',
  app = {},
}: {
  handlers?: Partial<Handlers>;
  settings?: Partial<EditableSettings>;
  platform?: NodeJS.Platform;
  app?: FakeAppOptions;
} = {}): Promise<TestDesktop> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-desktop-'));
  const rendererFolder = join(folder.path, 'renderer');
  await mkdir(rendererFolder);
  await writeFile(join(rendererFolder, 'index.html'), '<!doctype html>');
  const fake = createFakeElectron(app);
  const { log, messages } = recordLog();
  const listeners = new Set<EventListener>();
  const events: Events = {
    subscribe(listener) {
      listeners.add(listener);
      listener('snapshot', emptySnapshot);
      return () => void listeners.delete(listener);
    },
    tellProgress: () => undefined,
    tellUpdates: () => undefined,
  };
  const loginItem: boolean[] = [];
  const inForce = { ...EditableSettings.parse({}), ...settings };
  const desktop = createDesktop({
    electron: fake.electron,
    createTray: () => new fake.electron.Tray({}),
    loginItem: { set: (isWanted) => Promise.resolve(void loginItem.push(isWanted)) },
    dispatch: createDispatch({ handlers: scriptedHandlers(handlers), log }),
    events,
    settings: inForce,
    pageUrl: PAGE_URL,
    rendererFolder,
    preload: '/app/preload.cjs',
    dataFolder: folder.path,
    platform,
    now: Date.now,
    log,
  });
  return {
    desktop,
    fake,
    settings: inForce,
    dataFolder: folder.path,
    loginItem,
    logged: messages,
    tell(state) {
      for (const listener of listeners) listener('snapshot', { ...emptySnapshot, ...state });
    },
    call: (name, input) => fake.invoke(IPC_CHANNEL, { url: PAGE_URL, parent: null }, name, input),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

/** A TV that watches. */
export const VIEWER: Viewer = {
  id: '192.168.1.50 TV',
  address: '192.168.1.50',
  device: 'Samsung TV',
  userAgent: 'TV',
  channelId: 'ch_news',
  channelName: 'News',
  since: 0,
  lastSeen: 0,
  isActive: true,
  bytesPerSecond: 1_000_000,
  totalBytes: 5_000_000,
  stalls: 0,
};
