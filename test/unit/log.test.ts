import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../main/log.ts';
import { needs } from '../support/requirements.ts';

const LOG_MODULE = new URL('../../main/log.ts', import.meta.url).href;

/** Runs a script that has `createLog` in a process of its own, since a log writes to stderr. */
async function runWithLog(script: string, folder: string): Promise<{ stdout: string; stderr: string; file: string }> {
  const program = `import { createLog } from ${JSON.stringify(LOG_MODULE)}; const folder = process.argv[1]; ${script}`;
  const run = promisify(execFile);
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module-typescript', '-e', program, folder], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return { stdout, stderr, file: await readFile(path.join(folder, 'hearthcast.log'), 'utf8') };
}

/** Logs a line, waits until it is written, and logs another. */
const TWO_LINES = `
  const log = createLog({ folder, level: 'info' });
  log.logger.info('before');
  await new Promise((resolve) => setTimeout(resolve, 200));
  log.logger.info('after');
  await log.close();`;

/** More than a log file may hold. */
const LARGE = Buffer.alloc(8 * 1024 * 1024 + 1, '\n');

const temporaryFolder = () => mkdtempDisposable(path.join(tmpdir(), 'hearthcast-log-'));
const messagesOf = (text: string) =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { msg: string }).msg]));

describe('a log', () => {
  test('can be read by its owner only, also one that was open', needs('POSIX'), async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'hearthcast.log');
    const script = `const log = createLog({ folder, level: 'info' }); log.logger.info('hello'); await log.close();`;
    await runWithLog(script, folder.path);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await chmod(file, 0o644);
    await runWithLog(script, folder.path);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('goes as JSON lines to the file and to stderr, and never to stdout', async () => {
    await using temporary = await temporaryFolder();
    const folder = path.join(temporary.path, 'new');
    const { stdout, stderr, file } = await runWithLog(
      `const log = createLog({ folder, level: 'info' });
       log.logger.debug('below the level');
       log.logger.info({ channel: 'ch_news' }, 'first');
       log.logger.error('second');
       await log.close();
       log.logger.error('too late');`,
      folder,
    );
    expect(stdout).toBe('');
    expect(messagesOf(file)).toEqual(['first', 'second']);
    expect(messagesOf(stderr)).toEqual(['first', 'second']);
    expect(JSON.parse(file.split('\n')[0] ?? '')).toMatchObject({ channel: 'ch_news', msg: 'first' });
  });

  test('loses nothing that was written before it was closed, however soon the process ends', async () => {
    await using temporary = await temporaryFolder();
    const { file, stderr } = await runWithLog(
      `const log = createLog({ folder, level: 'info' });
       for (let line = 0; line < 20_000; line += 1) log.logger.info('line ' + line);
       await log.close();
       process.exit(0);`,
      temporary.path,
    );
    for (const text of [file, stderr]) {
      const messages = messagesOf(text);
      expect(messages).toHaveLength(20_000);
      expect(messages.at(-1)).toBe('line 19999');
    }
  });

  test('is continued after a restart, and begun anew when the file has become large', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'hearthcast.log');
    await writeFile(file, `${JSON.stringify({ msg: 'earlier' })}\n`);
    expect(messagesOf((await runWithLog(TWO_LINES, folder.path)).file)).toEqual(['earlier', 'before', 'after']);

    await writeFile(file, LARGE);
    expect(messagesOf((await runWithLog(TWO_LINES, folder.path)).file)).toEqual(['after']);
    const previous = await readFile(`${file}.1`);
    expect(previous.length).toBeGreaterThan(LARGE.length);
    expect(messagesOf(previous.toString())).toEqual(['before']);
  });

  test('goes on in a new file when somebody removed the one there was', async () => {
    await using folder = await temporaryFolder();
    const script = TWO_LINES.replace(
      "log.logger.info('after')",
      "(await import('node:fs')).rmSync(folder + '/hearthcast.log'); log.logger.info('after')",
    );
    expect(messagesOf((await runWithLog(script, folder.path)).file)).toEqual(['after']);
  });

  test('has the last lines of a process that ends without closing it', async () => {
    await using folder = await temporaryFolder();
    const script = `createLog({ folder, level: 'info' }).logger.info('last words'); process.exit(0);`;
    expect(messagesOf((await runWithLog(script, folder.path)).file)).toEqual(['last words']);
  });

  test('goes on in the large file when that cannot be put away', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'hearthcast.log');
    await writeFile(file, LARGE);
    await mkdir(path.join(`${file}.1`, 'in the way'), { recursive: true });
    expect(messagesOf((await runWithLog(TWO_LINES, folder.path)).file)).toEqual(['before', 'after']);
  });
});

test('the silent log says that no level is worth preparing a message for', () => {
  expect(silentLogger.isLevelEnabled('error')).toBe(false);
});
