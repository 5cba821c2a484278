import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { noUpdates } from '../../main/control/updates.ts';
import { createControlledRelay } from '../../main/controlled-relay.ts';
import type { CommandOutput } from '../../shared/contract.ts';
import type { Ask } from './relay-process.ts';

/** Starts the relay once more on a data folder, in this process, and stops it in order. */
export async function reopen<Result>(dataFolder: string, use: (ask: Ask) => Promise<Result>): Promise<Result> {
  const { supervisor, control, log, operations } = await createControlledRelay({
    dataFolder,
    overrides: { host: '127.0.0.1', port: 0, announce: false, logLevel: 'silent' },
    lists: [],
    version: '0.0.0',
    onSettings: () => undefined,
    vault: undefined,
    openUpdates: () => Promise.resolve(noUpdates('headless')),
  });
  try {
    await operations.start?.();
    await supervisor.start();
    return await use(async (name, input) => {
      const reply = await control.dispatch(name, input, { who: 'the inspector' });
      if (!reply.ok) throw new Error(`${name}: ${reply.error.code}: ${reply.error.sentence.text}`);
      return reply.value as CommandOutput<typeof name>;
    });
  } finally {
    control.stop();
    await supervisor.stop();
    await operations.stop?.();
    await log.close();
  }
}

/** What belongs into a data folder while no relay runs on it. A file whose writing was cut short is written over by the next. */
const BELONGS =
  /^(?:settings\.json(?:\.new)?|channels\.sqlite(?:\.copy-of-the-day|\.version-\d+)?|stats\.sqlite|operations\.log|control-token(?:\.new)?|hearthcast\.log(?:\.1)?)$/;

/** What is wrong with the files of a data folder that a relay was stopped on in order; one sentence each. */
export async function findFileFaults(dataFolder: string): Promise<string[]> {
  const names = await readdir(dataFolder);
  const leftOver = names.filter((name) => !BELONGS.test(name)).map((name) => `${name} was left over`);
  if (leftOver.length > 0) return leftOver;
  return [
    ...(await findOpenFiles(dataFolder)),
    ...names.filter((name) => /\.sqlite(?!-)/.test(name)).flatMap((name) => findDamage(join(dataFolder, name))),
  ];
}

/** The files that others than their owner may read. */
export async function findOpenFiles(dataFolder: string): Promise<string[]> {
  const files = await readdir(dataFolder);
  const modes = await Promise.all(
    files.map(async (name) => [name, (await stat(join(dataFolder, name))).mode] as const),
  );
  return modes
    .filter(([, mode]) => (mode & 0o077) !== 0)
    .map(([name, mode]) => `${name} has the mode ${(mode & 0o777).toString(8)}`);
}

function findDamage(file: string): string[] {
  using database = new DatabaseSync(file, { readOnly: true });
  const check = database.prepare('PRAGMA integrity_check').get()?.['integrity_check'];
  const strays = database.prepare('PRAGMA foreign_key_check').all().length;
  return [
    ...(check === 'ok' ? [] : [`${file} is damaged: ${String(check)}`]),
    ...(strays === 0 ? [] : [`${file} has ${strays} rows that refer to nothing`]),
  ];
}
