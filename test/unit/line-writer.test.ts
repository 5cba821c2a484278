import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createFileTarget, createLineWriter, type LineTarget } from '../../main/line-writer.ts';

/** Has room for so many bytes at a time, as long as it is not full. */
function scriptedTarget(roomBytes: number): LineTarget & { written: () => string; isFull: boolean; attempts: number } {
  let written = Buffer.alloc(0);
  return {
    isFull: false,
    attempts: 0,
    written: () => written.toString(),
    append(bytes) {
      this.attempts += 1;
      if (this.isFull) return Promise.reject(new Error('ENOSPC'));
      const taken = bytes.subarray(0, roomBytes);
      written = Buffer.concat([written, taken]);
      return Promise.resolve(taken.length);
    },
    appendNow: () => undefined,
  };
}

test('lines arrive in their order, however little is taken at a time', async () => {
  const target = scriptedTarget(3);
  const writer = createLineWriter(target);
  for (const line of ['first\n', 'the second\n', '第三\n']) writer.write(line);
  await writer.close();
  writer.write('too late\n');
  expect(target.written()).toBe('first\nthe second\n第三\n');
});

test('what a full disk does not take is written once there is room, and nobody has to ask for it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const target = scriptedTarget(4);
  const writer = createLineWriter(target);
  writer.write('before\n');
  await vi.waitFor(() => expect(target.written()).toBe('before\n'));
  target.isFull = true;
  for (let line = 0; line < 100; line += 1) writer.write(`line ${line}\n`);
  for (let second = 0; second < 10; second += 1) {
    await nextTurn();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(target.written()).toBe('before\n');
  expect(target.attempts).toBeLessThan(20);
  target.isFull = false;
  await vi.advanceTimersByTimeAsync(1_000);
  await nextTurn();
  await nextTurn();
  expect(target.written()).toBe(`before\n${Array.from({ length: 100 }, (_, line) => `line ${line}\n`).join('')}`);
  vi.useRealTimers();
  await writer.close();
});

test('lines beyond what the memory holds for a full disk are left out whole', async () => {
  const target = scriptedTarget(Infinity);
  const writer = createLineWriter(target);
  target.isFull = true;
  const line = `${'x'.repeat(1023)}\n`;
  for (let count = 0; count < 20_000; count += 1) writer.write(line);
  target.isFull = false;
  await writer.close();
  const lines = target.written().split('\n');
  expect(lines.length).toBeGreaterThan(5_000);
  expect(lines.length).toBeLessThan(10_000);
  expect(new Set(lines)).toEqual(new Set([line.trim(), '']));
});

test('closing does not wait for a target that takes nothing', async () => {
  const writer = createLineWriter({ append: () => new Promise(() => undefined), appendNow: () => undefined });
  writer.write('never\n');
  await expect(writer.close()).resolves.toBeUndefined();
});

test('a file is put away between two lines only', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-lines-'));
  const [file, older] = [join(folder.path, 'log'), join(folder.path, 'log.1')];
  const target = createFileTarget({ file, older, maxBytes: 8, mode: 0o600 });
  const writer = createLineWriter({
    append: (bytes) => target.append(bytes),
    appendNow: () => undefined,
  });
  await writeFile(file, 'earlier\n');
  writer.write('one\n');
  await vi.waitFor(async () => expect(await readFile(older, 'utf8')).toBe('earlier\none\n'));
  writer.write('two\n');
  await writer.close();
  expect(await readFile(file, 'utf8')).toBe('two\n');
});
