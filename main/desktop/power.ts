/** What is used of Electron's `powerSaveBlocker`. */
export type PowerSaveBlocker = {
  start(kind: 'prevent-app-suspension'): number;
  stop(id: number): void;
};

/** Keeps the computer from falling asleep, while that is wanted. */
export type KeepAwake = { set(isWanted: boolean): void };

export function createKeepAwake(powerSaveBlocker: PowerSaveBlocker): KeepAwake {
  let id: number | undefined;
  return {
    set(isWanted) {
      if (isWanted) {
        id ??= powerSaveBlocker.start('prevent-app-suspension');
        return;
      }
      if (id !== undefined) powerSaveBlocker.stop(id);
      id = undefined;
    },
  };
}
