import type { EventName } from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import type { Dispatch } from './dispatch.ts';
import type { Events } from './events.ts';
import { IPC_CHANNEL } from './ipc-channel.ts';

/** What is used of Electron's `ipcMain`. */
export type CommandReceiver<Sender> = {
  handle(channel: string, listener: (event: Sender, name: unknown, input: unknown) => Promise<unknown>): void;
  removeHandler(channel: string): void;
};

/** What is used of a window's `webContents`. */
export type EventReceiver = {
  send(channel: string, name: EventName, value: unknown): void;
  isDestroyed(): boolean;
};

/** The contract over Electron's IPC. */
export type IpcTransport = {
  /** Lets a window hear the events until the returned function is called. */
  attach(window: EventReceiver): () => void;
  stop(): void;
};

/**
 * Answers commands at once.
 * @param isOurs whether a message comes from a page of ours in a window of ours; others are told nothing
 */
export function createIpcTransport<Sender>({
  ipcMain,
  isOurs,
  dispatch,
  events,
}: {
  ipcMain: CommandReceiver<Sender>;
  isOurs: (event: Sender) => boolean;
  dispatch: Dispatch;
  events: Events;
}): IpcTransport {
  const attached = new Set<() => void>();
  ipcMain.handle(IPC_CHANNEL, (event, name, input) => {
    if (!isOurs(event)) return Promise.reject(new ProxyError('FORBIDDEN', say('control.ownWindow')));
    return dispatch(name, input, { who: 'window' });
  });

  return {
    attach(window) {
      const unsubscribe = events.subscribe((name, value) => {
        if (!window.isDestroyed()) window.send(IPC_CHANNEL, name, value);
      });
      const detach = (): void => {
        attached.delete(detach);
        unsubscribe();
      };
      attached.add(detach);
      return detach;
    },
    stop() {
      ipcMain.removeHandler(IPC_CHANNEL);
      for (const detach of attached) detach();
    },
  };
}
