import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { IPC_CHANNEL } from '../../../main/control/ipc-channel.ts';
import { createBridge } from '../../../main/desktop/bridge.ts';

class FakeIpcRenderer extends EventEmitter {
  readonly invoked: unknown[][] = [];

  invoke(...values: unknown[]): Promise<unknown> {
    this.invoked.push(values);
    return Promise.resolve({ ok: true, value: 1 });
  }
}

test('the page has two functions of the main process, and no more', () => {
  const bridge = createBridge(new FakeIpcRenderer());
  expect(Object.keys(bridge).toSorted()).toEqual(['call', 'subscribe']);
});

test('commands go out on the one channel, whatever they are called', async () => {
  const ipcRenderer = new FakeIpcRenderer();
  const bridge = createBridge(ipcRenderer);
  expect(await bridge.call('settings.get', {})).toEqual({ ok: true, value: 1 });
  await bridge.call('shell.openExternal', { url: 'x' });
  expect(ipcRenderer.invoked).toEqual([
    [IPC_CHANNEL, 'settings.get', {}],
    [IPC_CHANNEL, 'shell.openExternal', { url: 'x' }],
  ]);
});

test('events come in without the means to answer them, until one no longer wants them', () => {
  const ipcRenderer = new FakeIpcRenderer();
  const heard: unknown[][] = [];
  const leave = createBridge(ipcRenderer).subscribe((...values) => void heard.push(values));
  ipcRenderer.emit(IPC_CHANNEL, { sender: ipcRenderer }, 'snapshot', { at: 1 });
  leave();
  ipcRenderer.emit(IPC_CHANNEL, { sender: ipcRenderer }, 'snapshot', { at: 2 });
  expect(heard).toEqual([['snapshot', { at: 1 }]]);
  expect(ipcRenderer.listenerCount(IPC_CHANNEL)).toBe(0);
});
