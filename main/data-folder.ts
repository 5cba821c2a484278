import { homedir } from 'node:os';
import path from 'node:path';

/** Where this platform keeps the data of an app for its user. A relative path in a variable does not count, as the XDG base directory specification has it. */
export function defaultDataFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  const folderFrom = (variable: string): string | undefined => {
    const folder = env[variable] ?? '';
    return path.isAbsolute(folder) ? folder : undefined;
  };
  switch (platform) {
    case 'win32':
      return path.join(folderFrom('APPDATA') ?? path.join(homedir(), 'AppData', 'Roaming'), 'Hearthcast');
    case 'darwin':
      return path.join(homedir(), 'Library', 'Application Support', 'Hearthcast');
    default:
      return path.join(folderFrom('XDG_DATA_HOME') ?? path.join(homedir(), '.local', 'share'), 'hearthcast');
  }
}
