import { IPC_CHANNEL } from '../../../main/control/ipc-channel.ts';
import { PAGE_URL } from '../../../main/desktop/page.ts';
import { createFakeElectron } from './fake-electron.ts';

/* The stand-in as the module `electron` of a process of its own, which its parent drives with messages. */

/** What the parent may ask for. */
export type Request =
  | { ask: 'state' }
  | { ask: 'call'; name: string; input: unknown }
  | { ask: 'choose'; label: string }
  | { ask: 'fetch'; url: string }
  | { ask: 'secondStart'; offers: object[] }
  | { ask: 'quit' };

/** What a process is that was installed, in the variable HEARTHCAST_PACKAGED; others are run as `electron FILE` runs one. */
export type Packaged = { resourcesPath: string; appPath: string; version: string };

const packaged = process.env['HEARTHCAST_PACKAGED'];
const { resourcesPath, ...appOptions } = (packaged === undefined ? {} : JSON.parse(packaged)) as Partial<Packaged>;
Object.assign(process, packaged === undefined ? { defaultApp: true } : { resourcesPath });

const fake = createFakeElectron({ isPackaged: packaged !== undefined, ...appOptions });
const { electron } = fake;

async function answer(request: Request): Promise<unknown> {
  switch (request.ask) {
    case 'state':
      return {
        windows: fake.windows.map(({ webContents, isShown }) => ({ url: webContents.url, isShown })),
        heard: fake.windows.flatMap(({ webContents }) => webContents.sent.slice(-1)),
        tray: fake.trays.map(({ labels }) => labels),
        asked: fake.seen.asked.map(({ message }) => message),
        userData: electron.app.paths.get('userData'),
        schemes: fake.seen.schemes,
      };
    case 'call':
      return fake.invoke(IPC_CHANNEL, { url: PAGE_URL, parent: null }, request.name, request.input);
    case 'choose':
      return fake.trays[0]?.choose(request.label);
    case 'fetch': {
      const response = await fake.fetch(request.url);
      return { status: response.status, text: await response.text() };
    }
    case 'secondStart':
      fake.seen.answers.push(0, 0);
      return electron.app.emit('second-instance', {}, [], '/', { offers: request.offers });
    case 'quit':
      return electron.app.quit();
  }
}

process.on('message', (request: Request) => {
  answer(request).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
electron.app.on('quit', () => process.exit(0));

export const {
  app,
  autoUpdater,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  nativeImage,
  nativeTheme,
  net,
  powerSaveBlocker,
  protocol,
  safeStorage,
  screen,
  shell,
  Tray,
} = electron;
export const session = { defaultSession: electron.session, fromPartition: () => electron.session };
