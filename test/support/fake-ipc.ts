type Listener = (event: FakeIpcEvent, ...values: readonly unknown[]) => Promise<unknown>;

/** Who sends, as a handler sees it. */
export type FakeIpcEvent = { senderFrame: { url: string } };

/** A window's side: what a preload script has of `ipcRenderer`, and what the main process has of its `webContents`. */
export type FakeWindow = {
  ipcRenderer: {
    invoke: (channel: string, ...values: readonly unknown[]) => Promise<unknown>;
    on: (channel: string, listener: (event: object, ...values: readonly unknown[]) => void) => void;
  };
  webContents: {
    send: (channel: string, ...values: readonly unknown[]) => void;
    isDestroyed: () => boolean;
  };
  /** Closes the window: sending to it throws, as Electron does. */
  destroy: () => void;
};

/** Electron's IPC in one process: values are copied as between processes, and of an error only the message arrives. */
export function createFakeIpc() {
  const handlers = new Map<string, Listener>();

  async function invoke(url: string, channel: string, values: readonly unknown[]): Promise<unknown> {
    const handler = handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    try {
      return structuredClone(await handler({ senderFrame: { url } }, ...structuredClone(values)));
    } catch (error) {
      // oxlint-disable-next-line eslint/preserve-caught-error -- Only the message crosses.
      throw new Error(`Error invoking remote method '${channel}': ${String(error)}`);
    }
  }

  function openWindow(url: string): FakeWindow {
    const listeners: [channel: string, listener: (event: object, ...values: readonly unknown[]) => void][] = [];
    let isDestroyed = false;
    return {
      ipcRenderer: {
        invoke: (channel, ...values) => invoke(url, channel, values),
        on: (channel, listener) => void listeners.push([channel, listener]),
      },
      webContents: {
        send(channel, ...values) {
          if (isDestroyed) throw new TypeError('Object has been destroyed');
          for (const [name, listener] of listeners) {
            if (name === channel) listener({}, ...structuredClone(values));
          }
        },
        isDestroyed: () => isDestroyed,
      },
      destroy() {
        isDestroyed = true;
      },
    };
  }

  return {
    ipcMain: {
      handle(channel: string, listener: Listener): void {
        if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
        handlers.set(channel, listener);
      },
      removeHandler: (channel: string): void => void handlers.delete(channel),
    },

    /** @param url of the page in the window */
    openWindow,
  };
}
