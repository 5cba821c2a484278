/** What is used of Electron's `safeStorage`. */
export type SafeStorage = {
  isAsyncEncryptionAvailable(): Promise<boolean>;
  encryptStringAsync(text: string): Promise<Buffer>;
  decryptStringAsync(encrypted: Buffer): Promise<{ result: string }>;
  /** On Linux only. */
  getSelectedStorageBackend(): string;
};

/** Locks secrets with a key that the system keeps for this user. */
export type Vault = { lock(secret: string): Promise<string>; unlock(locked: string): Promise<string> };

/** Undefined where the system keeps no such key. */
export async function openVault(safeStorage: SafeStorage, platform: NodeJS.Platform): Promise<Vault | undefined> {
  // There, the key is known to everybody who knows Chromium.
  const isPretence = platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text';
  if (isPretence || !(await safeStorage.isAsyncEncryptionAvailable())) return undefined;
  return {
    lock: async (secret) => (await safeStorage.encryptStringAsync(secret)).toString('base64'),
    unlock: async (locked) => (await safeStorage.decryptStringAsync(Buffer.from(locked, 'base64'))).result,
  };
}
