import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { createStatsDatabase } from '../../../main/stats/database.ts';
import { recordLog } from '../../support/recorded-log.ts';
import { statsFolder } from './stats-folder.ts';
import { needs } from '../../support/requirements.ts';

function create(file: string) {
  const { log, messages } = recordLog();
  return { database: createStatsDatabase({ file, log, now: () => 0 }), messages };
}

const insertSample = (connection: DatabaseSync | undefined) =>
  connection?.exec(`INSERT INTO samples VALUES ('', 1, 2, 3)`);
const countSamples = (connection: DatabaseSync | undefined) =>
  connection?.prepare('SELECT count(*) AS count FROM samples').get()?.['count'];

describe('the database of statistics', () => {
  test(
    'is made in a folder of its own, for its owner alone, and is there again after a restart',
    needs('POSIX'),
    async () => {
      await using folder = await statsFolder();
      const file = path.join(path.dirname(folder.file), 'new', 'stats.sqlite');
      const first = create(file);
      await first.database.start?.();
      insertSample(first.database.connection);
      await first.database.stop?.();
      expect(first.database.connection).toBeUndefined();
      expect((await stat(file)).mode & 0o077).toBe(0);

      const second = create(file);
      await second.database.start?.();
      expect(countSamples(second.database.connection)).toBe(1);
      await second.database.stop?.();
      expect(second.messages).toEqual([]);
    },
  );

  test('is set aside with a warning when it is damaged, and begun anew', async () => {
    await using folder = await statsFolder();
    await writeFile(folder.file, 'no database at all'.repeat(1000));
    const { database, messages } = create(folder.file);
    await database.start?.();
    expect(countSamples(database.connection)).toBe(0);
    expect(messages).toHaveLength(1);
    await database.stop?.();
    const files = await readdir(path.dirname(folder.file));
    expect(files.filter((name) => name.includes('.corrupt-1970-01-01T00'))).toHaveLength(1);
  });

  test('is in memory when it cannot be in its file, and the file is left alone', async () => {
    await using folder = await statsFolder();
    await mkdir(folder.file);
    const { database, messages } = create(folder.file);
    await database.start?.();
    insertSample(database.connection);
    expect(countSamples(database.connection)).toBe(1);
    expect(messages).toHaveLength(1);
    await database.stop?.();
    expect((await stat(folder.file)).isDirectory()).toBe(true);
  });

  test('of a newer version is not touched', async () => {
    await using folder = await statsFolder();
    const newer = new DatabaseSync(folder.file);
    newer.exec('PRAGMA user_version = 99; CREATE TABLE theirs (a)');
    newer.close();
    const { database, messages } = create(folder.file);
    await database.start?.();
    expect(countSamples(database.connection)).toBe(0);
    expect(messages).toHaveLength(1);
    await database.stop?.();
    const again = new DatabaseSync(folder.file);
    expect(again.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all()).toEqual([{ name: 'theirs' }]);
    again.close();
  });
});
