/**
 * The one channel of Electron's IPC: commands are invoked on it as `(name, input)`, events arrive on it as `(name, value)`.
 * In a file of its own, because a preload script in a sandbox can import no package, nor anything that does.
 */
export const IPC_CHANNEL = 'hearthcast';
