import { homedir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultDataFolder } from '../../main/data-folder.ts';

const home = homedir();

describe('data is kept where the platform keeps it', () => {
  test.each<[NodeJS.Platform, NodeJS.ProcessEnv, string]>([
    ['linux', {}, path.join(home, '.local', 'share', 'hearthcast')],
    ['linux', { XDG_DATA_HOME: '/srv/data' }, path.join('/srv/data', 'hearthcast')],
    ['linux', { XDG_DATA_HOME: '' }, path.join(home, '.local', 'share', 'hearthcast')],
    ['linux', { XDG_DATA_HOME: 'relative/data' }, path.join(home, '.local', 'share', 'hearthcast')],
    ['freebsd', {}, path.join(home, '.local', 'share', 'hearthcast')],
    ['darwin', { XDG_DATA_HOME: '/srv/data' }, path.join(home, 'Library', 'Application Support', 'Hearthcast')],
    ['win32', { APPDATA: path.join(home, 'Roaming') }, path.join(home, 'Roaming', 'Hearthcast')],
    ['win32', {}, path.join(home, 'AppData', 'Roaming', 'Hearthcast')],
  ])('%s %j', (platform, environment, folder) => {
    expect(defaultDataFolder(platform, environment)).toBe(folder);
  });
});
