import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** What is used of Electron's `app` to start at login. */
export type LoginApp = {
  readonly isPackaged: boolean;
  setLoginItemSettings(settings: { openAtLogin: boolean; args: string[] }): void;
};

/** Starts the app, without its window, when its user logs in. */
export type LoginItem = { set(isWanted: boolean): Promise<void> };

/**
 * A copy that is being developed is never started at login.
 * @param executable what to start: on Linux an AppImage is another file than the program in it
 * @param autostartFolder of a Linux desktop, as the XDG autostart specification has it
 */
export function createLoginItem({
  app,
  platform,
  executable,
  autostartFolder,
}: {
  app: LoginApp;
  platform: NodeJS.Platform;
  executable: string;
  autostartFolder: string;
}): LoginItem {
  const entryFile = path.join(autostartFolder, 'hearthcast.desktop');
  return {
    async set(isWanted) {
      if (!app.isPackaged) return;
      if (platform !== 'linux') return app.setLoginItemSettings({ openAtLogin: isWanted, args: ['--hidden'] });
      if (!isWanted) return rm(entryFile, { force: true });
      await mkdir(autostartFolder, { recursive: true });
      await writeFile(entryFile, autostartEntry(executable));
    },
  };
}

function autostartEntry(executable: string): string {
  // Quoted as the desktop entry specification has it: once for the argument, once more for the string.
  const quoted = executable
    .replaceAll(/["`$\\]/g, String.raw`\$&`)
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%');
  return `[Desktop Entry]\nType=Application\nName=Hearthcast\nExec="${quoted}" --hidden\nX-GNOME-Autostart-enabled=true\n`;
}
