import { chmod, copyFile, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { lineOf, observeChannels } from './channel-story.ts';
import type { StartStory } from './start-story.ts';

const CHANNELS = 4_000;
const SCHEMAS = {
  1: new URL('../integration/channels/version-1.sql', import.meta.url),
  2: new URL('../integration/channels/version-2.sql', import.meta.url),
} as const;

/**
 * A database of an earlier version is brought up to date.
 * @param original where a database of that version is to be kept between the kills
 */
export async function createUpgradeStory({
  version,
  folder,
  original,
}: {
  version: keyof typeof SCHEMAS;
  folder: string;
  original: string;
}): Promise<StartStory> {
  await writeOldDatabase(original, version);
  const file = join(folder, 'channels.sqlite');
  const copy = `${file}.version-${version}`;
  return {
    name: `upgrade from version ${version}`,
    begins: `channels.sqlite.version-${version}.new`,
    // What is opened next.
    ends: 'stats.sqlite',
    async prepare() {
      for (const name of await readdir(folder)) {
        if (name !== 'settings.json') await rm(join(folder, name));
      }
      await copyFile(original, file);
      await chmod(file, 0o600);
    },
    observe: observeChannels,
    expected: Array.from({ length: CHANNELS }, (_, index) => lineOf(nameOf(index), addressOf(index))).toSorted(),
    async findFaults() {
      const isCopied = await stat(copy).then(
        () => true,
        () => false,
      );
      return {
        faults: isCopied ? faultsOfCopy(copy, { version, channels: CHANNELS }) : [],
        isDone: versionOf(file) > version,
      };
    },
  };
}

/** What is wrong with a copy of a channel database, in sentences. */
export function faultsOfCopy(copy: string, expected: { version?: number; channels: number }): string[] {
  try {
    const version = versionOf(copy);
    using database = new DatabaseSync(copy, { readOnly: true });
    const check = database.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
    const channels = Number(database.prepare('SELECT count(*) AS count FROM channels').get()?.['count']);
    return [
      ...(check === 'ok' ? [] : [`${copy} is damaged: ${String(check)}`]),
      ...(channels === expected.channels ? [] : [`${copy} has ${channels} channels`]),
      ...(expected.version === undefined || expected.version === version ? [] : [`${copy} is of version ${version}`]),
    ];
  } catch (error) {
    return [`${copy} cannot be read: ${String(error)}`];
  }
}

function versionOf(file: string): number {
  using database = new DatabaseSync(file);
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

async function writeOldDatabase(file: string, version: keyof typeof SCHEMAS): Promise<void> {
  using database = new DatabaseSync(file);
  database.exec(await readFile(SCHEMAS[version], 'utf8'));
  database.exec('BEGIN; DELETE FROM sources; DELETE FROM channels');
  database.exec(`INSERT OR IGNORE INTO lists (key, origin) VALUES (1, '/lists/home.m3u')`);
  const putChannel = database.prepare(
    `INSERT INTO channels (key, id, list, position, name, group_title, logo, tvg_id, attributes)
     VALUES (?, ?, 1, ?, ?, 'All', '', ?, '{}')`,
  );
  const putSource = database.prepare(
    `INSERT INTO sources (channel, list, position, url, headers) VALUES (?, 1, 0, ?, '{}')`,
  );
  for (let index = 0; index < CHANNELS; index += 1) {
    const key = index + 1;
    putChannel.run(key, `ch_old${index}`, 2 ** 32 + key * 1024, nameOf(index), `old${index}`);
    putSource.run(key, addressOf(index));
  }
  database.exec('COMMIT');
}

function nameOf(index: number): string {
  return `Old ${index}`;
}

function addressOf(index: number): string {
  return `http://panel.example/old${index}.m3u8`;
}
