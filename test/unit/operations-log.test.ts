import { appendFile, mkdir, mkdtempDisposable, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../main/log.ts';
import { createOperationsLog } from '../../main/operations-log.ts';
import { recordLog } from '../support/recorded-log.ts';
import { foreign } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { needs } from '../support/requirements.ts';

const ALL = { before: null, limit: 1000 };

async function arrange() {
  const folder = await mkdtempDisposable(path.join(tmpdir(), 'hearthcast-operations-'));
  const file = path.join(folder.path, 'operations.jsonl');
  const open = async (log = silentLogger) => {
    const operations = createOperationsLog({ file, log, now: () => 1000 });
    await operations.start?.();
    return operations;
  };
  return { file, open, [Symbol.asyncDispose]: () => folder.remove() };
}

describe('who changed what', () => {
  test('is told newest first, page by page, also after a restart', needs('POSIX'), async () => {
    await using arranged = await arrange();
    const first = await arranged.open();
    first.note('window', say('did.add', { name: 'News' }));
    first.note('list refresh', say('did.move', { count: 3 }));
    await first.stop?.();
    const second = await arranged.open();
    second.note('window', say('did.clearCache'));
    expect(second.query(ALL)).toEqual([
      { id: 3, at: 1000, who: 'window', what: say('did.clearCache') },
      { id: 2, at: 1000, who: 'list refresh', what: say('did.move', { count: 3 }) },
      { id: 1, at: 1000, who: 'window', what: say('did.add', { name: 'News' }) },
    ]);
    expect(second.query({ before: 3, limit: 1 }).map(({ id }) => id)).toEqual([2]);
    await second.stop?.();
    expect((await stat(arranged.file)).mode & 0o077).toBe(0);
  });

  test('names no credential', async () => {
    await using arranged = await arrange();
    const operations = await arranged.open();
    const name = 'http://anna:geheim@panel.example/get.php?password=geheim';
    operations.note('window', say('did.undo', { what: say('did.add', { name }) }));
    await operations.stop?.();
    expect(await readFile(arranged.file, 'utf8')).not.toContain('geheim');
  });

  test('outlives a line that was cut off', async () => {
    await using arranged = await arrange();
    const first = await arranged.open();
    first.note('window', say('did.pause'));
    await first.stop?.();
    await appendFile(arranged.file, '{"id":2,"at":1,"wh');
    const second = await arranged.open();
    second.note('window', say('did.resume'));
    await second.stop?.();
    expect((await arranged.open()).query(ALL).map(({ what }) => what)).toEqual([say('did.resume'), say('did.pause')]);
  });

  test('of an older version stays what it was', async () => {
    await using arranged = await arrange();
    await writeFile(arranged.file, '{"id":1,"at":1,"who":"window","what":"Cleared the cache."}\n');
    const operations = await arranged.open();
    expect(operations.query(ALL)).toEqual([{ id: 1, at: 1, who: 'window', what: foreign('Cleared the cache.') }]);
    await operations.stop?.();
  });

  test('is bounded, in memory and on disk', async () => {
    await using arranged = await arrange();
    const operation = (id: number) => `${JSON.stringify({ id, at: 1, who: 'window', what: 'x' })}\n`;
    await writeFile(arranged.file, Array.from({ length: 9000 }, (_, index) => operation(index + 1)).join(''));
    const operations = await arranged.open();
    await operations.stop?.();
    const rows = operations.query({ before: null, limit: 9000 });
    expect(rows).toHaveLength(2000);
    expect(rows[0]?.id).toBe(9000);
    expect((await readFile(arranged.file, 'utf8')).split('\n')).toHaveLength(2001);
  });

  test('is in memory when it cannot be written, which is said', async () => {
    await using arranged = await arrange();
    await mkdir(arranged.file);
    const { log, messages } = recordLog();
    const operations = await arranged.open(log);
    operations.note('window', say('did.pause'));
    await operations.stop?.();
    expect(operations.query(ALL)).toHaveLength(1);
    expect(messages).toContain('The log of operations could not be written.');
  });

  test('has every operation once it can be written again, also what a full disk cut off', async () => {
    await using arranged = await arrange();
    const first = await arranged.open();
    first.note('window', say('did.pause'));
    await first.stop?.();
    const whole = await readFile(arranged.file, 'utf8');
    const { log, messages } = recordLog();
    const operations = await arranged.open(log);
    await rm(arranged.file);
    await mkdir(arranged.file);
    operations.note('window', say('did.resume'));
    await vi.waitFor(() => expect(messages).toHaveLength(1));
    await rm(arranged.file, { recursive: true });
    await writeFile(arranged.file, `${whole}{"id":2,"at"`);
    operations.note('window', say('did.pause'));
    await operations.stop?.();
    const known = (await arranged.open()).query(ALL).map(({ what }) => what);
    expect(known).toEqual([say('did.pause'), say('did.resume'), say('did.pause')]);
  });
});
