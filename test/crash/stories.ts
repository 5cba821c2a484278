import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backUp, createBackupStory } from './backup-story.ts';
import { channelStory } from './channel-story.ts';
import { createCopyStory } from './copy-story.ts';
import { powerCutDisk } from './power-cut.ts';
import { reopen } from './reopen.ts';
import { settingsStory } from './settings-story.ts';
import { killWhileStarting } from './start-story.ts';
import { putUnderFire, type Disk, type Story } from './under-fire.ts';
import { createUpgradeStory } from './upgrade-story.ts';

type Options = { times: number; random: () => number; onKill?: (killed: number) => void };

/** What came of it, in figures. */
type Figures = Readonly<Record<string, number>>;

/** Everything that a relay is killed in the middle of. Each throws at the first thing that is lost, half done or left over. */
export const STORIES = {
  import: (options) => onPlainDisk((disk) => putUnderFire(channelStory, { ...options, disk })),
  settings: (options) => onPlainDisk((disk) => putUnderFire(settingsStory, { ...options, disk })),
  'upgrade from 1': (options) => upgrade(1, options),
  'upgrade from 2': (options) => upgrade(2, options),
  backup: (options) => onPlainDisk(async (disk) => putUnderFire(await twoBackups(), { ...options, disk })),
  'copy of the day': (options) =>
    onPlainDisk(async ({ folder }) => killWhileStarting(await createCopyStory(folder), { ...options, folder })),
  'import, power cut': (options) => onPowerCutDisk((disk) => putUnderFire(channelStory, { ...options, disk })),
  'settings, power cut': (options) => onPowerCutDisk((disk) => putUnderFire(settingsStory, { ...options, disk })),
} as const satisfies Record<string, (options: Options) => Promise<Figures>>;

export type StoryName = keyof typeof STORIES;

/** Those that need root and a loop device. */
export const NEEDS_LOOP_DEVICE: ReadonlySet<StoryName> = new Set(['import, power cut', 'settings, power cut']);

async function onPlainDisk(use: (disk: Disk) => Promise<Figures>): Promise<Figures> {
  await using folder = await temporaryFolder();
  return await use({ folder: folder.path, strike: () => Promise.resolve() });
}

async function onPowerCutDisk(use: (disk: Disk) => Promise<Figures>): Promise<Figures> {
  await using disk = await powerCutDisk();
  return await use(disk);
}

async function upgrade(version: 1 | 2, options: Options): Promise<Figures> {
  await using folder = await temporaryFolder();
  await using old = await temporaryFolder();
  const original = join(old.path, 'channels.sqlite');
  const story = await createUpgradeStory({ version, folder: folder.path, original });
  return await killWhileStarting(story, { ...options, folder: folder.path });
}

async function twoBackups(): Promise<Story<unknown>> {
  await using folder = await temporaryFolder();
  const first = await reopen(folder.path, (ask) => backUp(ask, 0));
  const second = await reopen(folder.path, (ask) => backUp(ask, 1));
  return createBackupStory([first, second]) as Story<unknown>;
}

function temporaryFolder() {
  return mkdtempDisposable(join(tmpdir(), 'hearthcast-crash-'));
}
