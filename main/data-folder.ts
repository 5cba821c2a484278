import { homedir } from 'node:os';
import path from 'node:path';

/** Where this platform keeps the data of an app for its user. */
export function defaultDataFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  switch (platform) {
    case 'win32':
      return path.join(env['APPDATA'] ?? path.join(homedir(), 'AppData', 'Roaming'), 'Hearthcast');
    case 'darwin':
      return path.join(homedir(), 'Library', 'Application Support', 'Hearthcast');
    default:
      return path.join(env['XDG_DATA_HOME'] ?? path.join(homedir(), '.local', 'share'), 'hearthcast');
  }
}
