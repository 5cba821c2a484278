import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Flow } from '../../../shared/stats.ts';
import { silentLogger } from '../../../main/log.ts';
import { createHistory, type History } from '../../../main/stats/history.ts';
import type { StatsDatabase } from '../../../main/stats/database.ts';
import { openDatabase, statsFolder } from './stats-folder.ts';

/** A full hour, so that all steps begin here. */
const START = Date.UTC(2026, 10, 22, 12);
const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;

const historyOf = (database: StatsDatabase): History => createHistory({ database, log: silentLogger });

/** One second in which each channel got 10 bytes from its source and sent 30. */
function second(history: History, at: number, channels: readonly string[] = ['ch_a']): void {
  const flow: Flow = { fromSource: 10, toClients: 30 };
  history.add({
    at,
    total: { fromSource: 10 * channels.length, toClients: 30 * channels.length },
    channels: new Map(channels.map((id) => [id, flow])),
  });
}

function seconds(history: History, from: number, count: number, channels?: readonly string[]): void {
  for (let index = 1; index <= count; index += 1) second(history, from + index * SECOND, channels);
}

const toClients = (samples: readonly Flow[]): number => samples.reduce((sum, sample) => sum + sample.toClients, 0);

describe('ten minutes by the second', () => {
  test('hold each second once, oldest first, in total and per channel', async () => {
    await using database = await openDatabase();
    const history = historyOf(database);
    second(history, START + 1003, ['ch_a', 'ch_b']);
    second(history, START + 1998, ['ch_b']);
    expect(history.query('10m', null)).toEqual({
      stepSeconds: 1,
      samples: [
        { at: START + 1000, fromSource: 20, toClients: 60 },
        { at: START + 2000, fromSource: 10, toClients: 30 },
      ],
    });
    expect(history.query('10m', 'ch_a').samples).toEqual([
      { at: START + 1000, fromSource: 10, toClients: 30 },
      { at: START + 2000, fromSource: 0, toClients: 0 },
    ]);
    expect(toClients(history.query('10m', 'ch_unknown').samples)).toBe(0);
  });

  test('forget what is older', async () => {
    await using database = await openDatabase();
    const history = historyOf(database);
    seconds(history, START, 700);
    const { samples } = history.query('10m', null);
    expect(samples).toHaveLength(600);
    expect(samples[0]?.at).toBe(START + 101 * SECOND);
    expect(samples.at(-1)?.at).toBe(START + 700 * SECOND);
  });

  test('leave out the time in which nothing was sampled', async () => {
    await using database = await openDatabase();
    const history = historyOf(database);
    second(history, START + SECOND);
    second(history, START + 60 * SECOND);
    expect(history.query('10m', null).samples.map(({ at }) => (at - START) / SECOND)).toEqual([1, 60]);
  });

  test('lose no byte whatever the clock does', async () => {
    await using database = await openDatabase();
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 1, maxLength: 50 }), (drifts) => {
        const history = historyOf(database);
        for (const [index, drift] of drifts.entries()) second(history, START + index * SECOND + drift);
        const { samples } = history.query('10m', 'ch_a');
        expect(toClients(samples)).toBe(30 * drifts.length);
        expect(samples.map(({ at }) => at)).toEqual(samples.map(({ at }) => at).toSorted((a, b) => a - b));
      }),
    );
  });

  test('go on at once when the clock is set back', async () => {
    await using database = await openDatabase();
    const history = historyOf(database);
    seconds(history, START, 25);
    seconds(history, START - 300 * SECOND, 25);
    const shown = history.query('10m', 'ch_a').samples;
    expect(shown).toHaveLength(25);
    expect(new Set(shown.map(({ toClients: bytes }) => bytes))).toEqual(new Set([30]));
    expect(history.query('2h', 'ch_a').samples.map(({ at }) => (at - START) / SECOND)).toEqual([-290, -280]);
  });
});

describe('two hours by ten seconds', () => {
  test('hold what is complete', async () => {
    await using database = await openDatabase();
    const history = historyOf(database);
    seconds(history, START, 25);
    expect(history.query('2h', 'ch_a')).toEqual({
      stepSeconds: 10,
      samples: [
        { at: START + 10 * SECOND, fromSource: 100, toClients: 300 },
        { at: START + 20 * SECOND, fromSource: 100, toClients: 300 },
      ],
    });
  });
});

describe('thirty days by five minutes', () => {
  test('survive a restart, in total and per channel, also what was under way', async () => {
    await using folder = await statsFolder();
    await using first = await openDatabase(folder.file);
    const before = historyOf(first);
    seconds(before, START, 301, ['ch_a', 'ch_b']);
    await before.stop?.();
    await first.stop?.();

    await using reopened = await openDatabase(folder.file);
    const after = historyOf(reopened);
    seconds(after, START + 301 * SECOND, 10, ['ch_a']);
    await after.stop?.();
    expect(after.query('30d', null)).toEqual({
      stepSeconds: 300,
      samples: [
        { at: START + 300 * SECOND, fromSource: 6000, toClients: 18_000 },
        { at: START + 600 * SECOND, fromSource: 120, toClients: 360 },
      ],
    });
    expect(after.query('30d', 'ch_b').samples.map((sample) => sample.toClients)).toEqual([9000, 30]);
    expect(after.query('30d', 'ch_never').samples.map((sample) => sample.toClients)).toEqual([0, 0]);
  });

  test('are written as they become complete', async () => {
    await using database = await openDatabase();
    const history = historyOf(database);
    seconds(history, START, 300);
    expect(history.query('30d', null).samples).toEqual([]);
    second(history, START + 301 * SECOND);
    expect(history.query('30d', null).samples).toEqual([
      { at: START + 300 * SECOND, fromSource: 3000, toClients: 9000 },
    ]);
  });

  test('end after thirty days', async () => {
    await using database = await openDatabase();
    const history = historyOf(database);
    for (const day of [0, 1, 31]) second(history, START + day * DAY);
    await history.stop?.();
    expect(history.query('30d', null).samples.map(({ at }) => (at - START) / DAY)).toEqual([31]);
  });

  test('outlive a clock that is a year ahead for a while, whose steps go', async () => {
    await using database = await openDatabase();
    const history = historyOf(database);
    const days = () => history.query('30d', null).samples.map(({ at }) => Math.floor((at - START) / DAY));
    for (const day of [0, 1, 366, 367]) second(history, START + day * DAY);
    second(history, START + 2 * DAY);
    expect(days()).toEqual([366, 367]);
    second(history, START + 3 * DAY);
    expect(days()).toEqual([0, 1, 2]);
    await history.stop?.();
    expect(days()).toEqual([0, 1, 2, 3]);
  });

  test('are no more than thirty days have, whatever the clock did', async () => {
    await using database = await openDatabase();
    const history = historyOf(database);
    database.connection
      ?.exec(`WITH RECURSIVE step(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM step WHERE number < 10000)
      INSERT INTO samples SELECT '', number * 300000, 1, 1 FROM step`);
    second(history, START);
    await history.stop?.();
    const count = database.connection?.prepare(`SELECT count(*) AS count FROM samples WHERE channel = ''`).get()?.[
      'count'
    ];
    expect(count).toBe(30 * 288);
  });

  test('are empty, and nothing fails, without a database', () => {
    const history = historyOf({ name: 'none', connection: undefined });
    seconds(history, START, 301);
    expect(history.query('30d', null).samples).toEqual([]);
    expect(history.query('10m', null).samples).not.toEqual([]);
  });
});

test('a history of very many channels keeps those that were used last', async () => {
  await using database = await openDatabase();
  const history = historyOf(database);
  const ids = Array.from({ length: 400 }, (_, index) => `ch_${index}`);
  for (const [index, id] of ids.entries()) second(history, START + (index + 1) * 100, [id]);
  expect(toClients(history.query('10m', 'ch_399').samples)).toBe(30);
  expect(toClients(history.query('10m', 'ch_0').samples)).toBe(0);
  expect(toClients(history.query('10m', null).samples)).toBe(30 * 400);
});
