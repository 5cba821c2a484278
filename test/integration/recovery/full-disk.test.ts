import { readdir, readFile, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { m3uOf, startHeadless } from '../../support/headless.ts';
import { createRelayClient, type RelayClient } from '../../support/relay-client.ts';
import { needs } from '../../support/requirements.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';
import { startSmallDisk, type SmallDisk } from '../../support/small-disk.ts';

const FULL = /The disk is full/;
const PASSPHRASE = 'correct horse battery staple';
/** In each generation more than the database has room for within itself. */
const CHANNELS = [2_000, 12_000] as const;

function listOf(generation: 0 | 1): string {
  const entries = Array.from({ length: CHANNELS[generation] }, (_, index) => ({
    id: `c${index}`,
    url: `http://panel.example/${generation}/${index}.m3u8`,
  }));
  return m3uOf(entries);
}

async function importList({ ask }: RelayClient, generation: 0 | 1): Promise<unknown> {
  const origin = { kind: 'text', name: 'Home', text: listOf(generation) } as const;
  const { planId } = await ask('lists.plan', { origin, taskId: 'plan' });
  return ask('lists.apply', { planId, taskId: 'apply' });
}

/** What people would miss if it were lost. */
async function belongings({ ask }: RelayClient): Promise<unknown> {
  const { total, rows } = await ask('channels.query', { offset: 0, limit: 1_000 });
  const { text } = await ask('lists.export', { urls: 'original' });
  const { theme, userAgent } = await ask('settings.get', {});
  return {
    total,
    notes: rows.flatMap(({ id, notes }) => (notes === '' ? [] : [{ id, notes }])),
    text,
    theme,
    userAgent,
  };
}

async function logOf({ folder }: SmallDisk): Promise<{ msg: string }[]> {
  const text = await readFile(join(folder, 'hearthcast.log'), 'utf8');
  expect(text).toMatch(/^$|\n$/);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { msg: string });
}

describe('when the disk is full', needs('mount'), () => {
  test('every change is refused in a sentence that says so, TVs play on, and with room again all is as ever', async () => {
    await using disk = await startSmallDisk();
    await using siege = await startSiege({ dataFolder: disk.folder, flags: ['--log-level', 'debug'] });
    const client = createRelayClient(siege.relay);
    const { ask } = client;
    await importList(client, 0);
    await ask('settings.save', { settings: { theme: 'dark', userAgent: 'before' } });
    await ask('channels.save', { id: 'ch_c1', edit: { notes: 'kept' } });
    const { text: backup } = await ask('backup.create', { passphrase: PASSPHRASE });
    const before = await belongings(client);

    const changes = {
      'settings.save': () => ask('settings.save', { settings: { theme: 'light' } }),
      'settings.save with a restart': () => ask('settings.save', { settings: { userAgent: 'after' } }),
      'lists.apply': () => importList(client, 1),
      'backup.restore': () => ask('backup.restore', { text: backup, passphrase: PASSPHRASE }),
    };

    const disturbance = await siege.during(async () => {
      await disk.fill();
      for (const [name, change] of Object.entries(changes)) await expect(change(), name).rejects.toThrow(FULL);
      expect(await belongings(client)).toEqual(before);
      // For a single channel there may be room in what the database has already.
      await ask('channels.save', { id: 'ch_c2', edit: { notes: 'new' } }).then(
        () => ask('channels.undo', {}),
        (error: unknown) => expect(String(error)).toMatch(FULL),
      );
      expect(await belongings(client)).toEqual(before);
      expect((await ask('backup.create', { passphrase: PASSPHRASE })).text.length).toBeGreaterThan(1_000);
      await ask('app.pause', { paused: false });
      expect(await readdir(disk.folder)).not.toContainEqual(expect.stringMatching(/\.new$|\.restored$/));
    });
    expect(disturbance).toEqual(UNDISTURBED);

    const again = await siege.during(async () => {
      await disk.makeRoom();
      for (const change of Object.values(changes)) await change();
    });
    expect(again).toEqual(UNDISTURBED);
    expect(await belongings(client)).toEqual(before);
    await ask('channels.save', { id: 'ch_c2', edit: { notes: 'after' } });
    await expect
      .poll(async () => (await logOf(disk)).filter(({ msg }) => FULL.test(msg)).length, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(Object.keys(changes).length);
    expect(await siege.bugs()).toEqual([]);
    const operations = await ask('operations.query', { before: null, limit: 100 });

    expect(await siege.relay.stop()).toBe(0);
    await using restarted = await startHeadless({ dataFolder: disk.folder });
    const next = createRelayClient(restarted);
    expect((await next.ask('channels.get', { id: 'ch_c2' })).notes).toBe('after');
    expect(await next.ask('operations.query', { before: null, limit: 100 })).toEqual(operations);
  });

  test('the relay can be stopped, with log lines that found no room', async () => {
    await using disk = await startSmallDisk();
    await using relay = await startHeadless({ dataFolder: disk.folder, flags: ['--log-level', 'debug'] });
    const { ask } = createRelayClient(relay);
    await disk.fill();
    await expect(ask('settings.save', { settings: { theme: 'light' } })).rejects.toThrow(FULL);
    expect(await relay.stop()).toBe(0);
    await disk.makeRoom();
    await logOf(disk);
  });

  test('the copy of the day is not made, the one before it stays whole, and the next is made when there is room', async () => {
    await using disk = await startSmallDisk();
    const copy = join(disk.folder, 'channels.sqlite.copy-of-the-day');
    const longAgo = new Date(Date.now() - 3 * 86_400_000);
    {
      await using relay = await startHeadless({ dataFolder: disk.folder });
      await importList(createRelayClient(relay), 0);
    }
    {
      await using relay = await startHeadless({ dataFolder: disk.folder });
      expect(relay.stderr).toEqual([]);
      await expect.poll(() => readdir(disk.folder)).toContain('channels.sqlite.copy-of-the-day');
    }
    await utimes(copy, longAgo, longAgo);
    const before = await readFile(copy);
    await disk.fill(160 * 1024);
    {
      await using relay = await startHeadless({ dataFolder: disk.folder });
      await expect.poll(() => relay.stderr.join('\n')).toContain('could not be copied today');
      expect((await readFile(copy)).equals(before)).toBe(true);
      expect(await readdir(disk.folder)).not.toContainEqual(expect.stringMatching(/\.new/));
    }
    await disk.makeRoom();
    await using relay = await startHeadless({ dataFolder: disk.folder });
    await expect.poll(async () => (await stat(copy)).mtimeMs).toBeGreaterThan(Date.now() - 86_400_000);
    expect(relay.stderr).toEqual([]);
  });

  test('the relay does not start, says so in a sentence, and starts once there is room', async () => {
    await using disk = await startSmallDisk();
    const start = async (): Promise<void> => {
      const relay = await startHeadless({ dataFolder: disk.folder });
      await relay[Symbol.asyncDispose]();
    };
    await disk.fill();
    await expect(start()).rejects.toThrow(/did not start:\nHearthcast cannot start\. The disk is full: [^\n]+\.$/);
    await disk.makeRoom();
    await start();
    await disk.fill();
    await expect(start()).rejects.toThrow(/did not start:\nHearthcast cannot start\. The disk is full: [^\n]+\.$/);
    await disk.makeRoom();
    await start();
  });
});
