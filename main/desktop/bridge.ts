import { IPC_CHANNEL } from '../control/ipc-channel.ts';

/** What is used of Electron's `ipcRenderer`. */
export type IpcRenderer = {
  invoke(channel: string, command: string, input: unknown): Promise<unknown>;
  on(channel: string, listener: (event: unknown, name: string, value: unknown) => void): unknown;
  off(channel: string, listener: (event: unknown, name: string, value: unknown) => void): unknown;
};

/** What the page has of the main process: messages on one channel, and nothing that knows the contract. */
export type Bridge = {
  call(command: string, input: unknown): Promise<unknown>;
  /** Tells every event until the returned function is called. */
  subscribe(listener: (name: string, value: unknown) => void): () => void;
};

export function createBridge(ipcRenderer: IpcRenderer): Bridge {
  return {
    call: (command, input) => ipcRenderer.invoke(IPC_CHANNEL, command, input),
    subscribe(listener) {
      // The event itself stays here: it would hand the page all of Electron's IPC.
      const onEvent = (_event: unknown, name: string, value: unknown): void => listener(name, value);
      ipcRenderer.on(IPC_CHANNEL, onEvent);
      return () => void ipcRenderer.off(IPC_CHANNEL, onEvent);
    },
  };
}
