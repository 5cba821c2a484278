import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LogLine } from '../../shared/contract.ts';
import { createLogStore, type LogQuery } from '../../main/log-store.ts';

const START = Date.UTC(2026, 10, 22, 12);
const ANY: LogQuery = { level: 'debug', text: '', from: null, to: null, before: null, limit: 200 };
const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

/** A line as pino writes it. */
function line(
  msg: string,
  {
    at = START,
    level = 'info',
    ...rest
  }: { at?: number; level?: keyof typeof LEVELS; channel?: string; url?: string } = {},
) {
  return `${JSON.stringify({ level: LEVELS[level], time: new Date(at).toISOString(), ...rest, msg })}\n`;
}

const texts = (lines: readonly LogLine[]): string[] => lines.map(({ text }) => text);

describe('the log', () => {
  test('is told newest first, each line with its time, level and what else it says', async () => {
    const store = createLogStore({ files: [] });
    store.write(line('first', { at: START, level: 'warn', channel: 'ch_news' }));
    store.write(line('second', { at: START + 1 }));
    expect(await store.query(ANY)).toEqual([
      { id: (START + 1) * 1000, at: START + 1, level: 'info', text: 'second', detail: '' },
      { id: START * 1000, at: START, level: 'warn', text: 'first', detail: '{"channel":"ch_news"}' },
    ]);
  });

  test('goes back page by page, also within a millisecond', async () => {
    const store = createLogStore({ files: [] });
    for (let index = 0; index < 7; index += 1) store.write(line(`line ${index}`));
    const first = await store.query({ ...ANY, limit: 3 });
    expect(texts(first)).toEqual(['line 6', 'line 5', 'line 4']);
    const second = await store.query({ ...ANY, limit: 3, before: first.at(-1)?.id ?? null });
    expect(texts(second)).toEqual(['line 3', 'line 2', 'line 1']);
    expect(texts(await store.query({ ...ANY, limit: 3, before: second.at(-1)?.id ?? null }))).toEqual(['line 0']);
  });

  test('is narrowed by level, time and text', async () => {
    const store = createLogStore({ files: [] });
    store.write(line('trace', { level: 'trace' }));
    store.write(line('info', { at: START + 1000 }));
    store.write(line('Warned', { at: START + 2000, level: 'warn', channel: 'ch_sport' }));
    store.write(line('fatal', { at: START + 3000, level: 'fatal' }));
    const found = async (query: Partial<LogQuery>) => texts(await store.query({ ...ANY, ...query }));
    expect(await found({ level: 'debug' })).toHaveLength(4);
    expect(await found({ level: 'info' })).toEqual(['fatal', 'Warned', 'info']);
    expect(await found({ level: 'error' })).toEqual(['fatal']);
    expect(await found({ from: START + 1000, to: START + 2000 })).toEqual(['Warned', 'info']);
    expect(await found({ text: 'warned' })).toEqual(['Warned']);
    expect(await found({ text: 'CH_SPORT' })).toEqual(['Warned']);
  });

  test('tells no credential, neither in a sentence nor beside it', async () => {
    const store = createLogStore({ files: [] });
    store.write(line('Loaded http://p.example/live/anna/geheim/1.ts.', { url: 'http://anna:geheim@p.example/' }));
    store.write(line('GET /tv?key=geheim HTTP/1.1'));
    const shown = JSON.stringify(await store.query(ANY));
    expect(shown).not.toContain('geheim');
    expect(shown).toContain('p.example');
    expect(await store.query({ ...ANY, text: 'geheim' })).toEqual([]);
  });

  test('is heard live until nobody wants to hear it', () => {
    const store = createLogStore({ files: [] });
    const heard: string[] = [];
    const stop = store.onLine(({ text }) => heard.push(text));
    store.write(line('one'));
    stop();
    store.write(line('two'));
    expect(heard).toEqual(['one']);
  });

  test('is not troubled by what is no line', async () => {
    const store = createLogStore({ files: ['/nowhere/hearthcast.log'] });
    for (const text of ['', 'no JSON\n', 'null\n', '{}\n', '{"time":"yesterday"}\n', '[1]\n']) store.write(text);
    store.write(line('a line'));
    expect(texts(await store.query(ANY))).toEqual(['a line']);
  });
});

describe('what is no longer in memory', () => {
  test('is read back from the files, in one row with what is, each line once', async () => {
    await using folder = await mkdtempDisposable(path.join(tmpdir(), 'hearthcast-log-'));
    const files = ['hearthcast.log.1', 'hearthcast.log'].map((name) => path.join(folder.path, name));
    const store = createLogStore({ files, maxLines: 20 });
    const lines = Array.from({ length: 100 }, (_, index) =>
      line(`line ${index}`, { at: START + Math.floor(index / 3) }),
    );
    await writeFile(files[0] ?? '', lines.slice(0, 40).join(''));
    await writeFile(files[1] ?? '', lines.slice(40).join(''));
    for (const written of lines.slice(50)) store.write(written);

    const found: LogLine[] = [];
    for (;;) {
      const page = await store.query({ ...ANY, limit: 15, before: found.at(-1)?.id ?? null });
      if (page.length === 0) break;
      found.push(...page);
    }
    expect(texts(found)).toEqual(lines.map((_, index) => `line ${99 - index}`));
  });

  test('is found by its text, however far back', async () => {
    await using folder = await mkdtempDisposable(path.join(tmpdir(), 'hearthcast-log-'));
    const file = path.join(folder.path, 'hearthcast.log');
    const lines = Array.from({ length: 5000 }, (_, index) =>
      line(index === 7 ? 'needle' : 'hay', { at: START + index }),
    );
    await writeFile(file, lines.join(''));
    const store = createLogStore({ files: [file] });
    expect(texts(await store.query({ ...ANY, text: 'needle' }))).toEqual(['needle']);
  });
});

test('memory holds so many lines and no more', async () => {
  const store = createLogStore({ files: [], maxLines: 100 });
  for (let index = 0; index < 1000; index += 1) store.write(line(`line ${index}`, { at: START + index }));
  const lines = await store.query({ ...ANY, limit: 1000 });
  expect(lines.length).toBeGreaterThanOrEqual(100);
  expect(lines.length).toBeLessThanOrEqual(110);
  expect(lines[0]?.text).toBe('line 999');
});
