import { describe, expect, test } from 'vitest';
import type { Reply } from '../../../shared/contract.ts';
import { createDispatch } from '../../../main/control/dispatch.ts';
import { IPC_CHANNEL } from '../../../main/control/ipc-channel.ts';
import { createIpcTransport } from '../../../main/control/ipc-transport.ts';
import { silentLogger } from '../../../main/log.ts';
import { quietEvents } from '../../support/control-server.ts';
import { createFakeIpc, type FakeIpcEvent } from '../../support/fake-ipc.ts';
import { scriptedHandlers } from '../../support/scripted-handlers.ts';
import { behavesLikeAControlTransport, type Connect } from './control-transport.ts';

const OUR_PAGE = 'file:///app/index.html';
const isOurs = ({ senderFrame }: FakeIpcEvent): boolean => senderFrame.url === OUR_PAGE;

const overIpc: Connect = ({ dispatch, events }) => {
  const { ipcMain, openWindow } = createFakeIpc();
  const transport = createIpcTransport({ ipcMain, isOurs, dispatch, events });
  const { ipcRenderer, webContents } = openWindow(OUR_PAGE);
  let detach: (() => void) | undefined;
  return Promise.resolve({
    call: async (name, input) => (await ipcRenderer.invoke(IPC_CHANNEL, name, input)) as Reply<unknown>,
    listen(listener) {
      ipcRenderer.on(IPC_CHANNEL, (_event, name, value) => listener(String(name), value));
      detach = transport.attach(webContents);
      return Promise.resolve();
    },
    stopListening() {
      detach?.();
      return Promise.resolve();
    },
    [Symbol.asyncDispose]() {
      transport.stop();
      return Promise.resolve();
    },
  });
};

describe("over Electron's IPC", () => {
  behavesLikeAControlTransport(overIpc);

  function open() {
    const ipc = createFakeIpc();
    const events = quietEvents();
    const handlers = scriptedHandlers({ 'cache.clear': () => ({}) });
    const dispatch = createDispatch({ handlers, log: silentLogger });
    return { ...ipc, transport: createIpcTransport({ ipcMain: ipc.ipcMain, isOurs, dispatch, events }) };
  }

  test('a page that is not ours is told nothing', async () => {
    const { openWindow } = open();
    const { ipcRenderer } = openWindow('https://evil.example/');
    await expect(ipcRenderer.invoke(IPC_CHANNEL, 'cache.clear', {})).rejects.toThrow('our own window only');
  });

  test('a window that was closed is sent nothing more', () => {
    const { openWindow, transport } = open();
    const window = openWindow(OUR_PAGE);
    let heard = 0;
    window.ipcRenderer.on(IPC_CHANNEL, () => (heard += 1));
    window.destroy();
    expect(() => transport.attach(window.webContents)).not.toThrow();
    expect(heard).toBe(0);
  });

  test('a stopped transport answers nothing', async () => {
    const { openWindow, transport } = open();
    transport.stop();
    await expect(openWindow(OUR_PAGE).ipcRenderer.invoke(IPC_CHANNEL, 'cache.clear', {})).rejects.toThrow('No handler');
  });
});
