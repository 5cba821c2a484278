import { open, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { say } from '../../../shared/sentences.ts';
import { openService, work } from './opened-service.ts';

const MIB = 1024 * 1024;

/** Writes a file of at least so many bytes, a mebibyte at a time. */
async function writeLarge(path: string, bytes: number, textOf: (index: number) => string): Promise<void> {
  await using file = await open(path, 'w');
  for (let written = 0, index = 0; written < bytes;) {
    const lines: string[] = [];
    for (let size = 0; size < MIB; index += 1) size += lines[lines.push(textOf(index)) - 1]?.length ?? 0;
    written += (await file.write(lines.join(''))).bytesWritten;
  }
}

test('a list of 200 MB with more channels than anybody watches is refused, in words and in bounded memory', async () => {
  await using opened = await openService();
  const path = opened.path('huge.m3u');
  await writeLarge(path, 200 * MIB, (at) => `#EXTINF:-1 tvg-id="${at}",Channel ${at}\nhttp://x.example/${at}.m3u8\n`);
  await expect(opened.service.plan({ kind: 'file', path }, work)).rejects.toMatchObject({
    code: 'BAD_LIST',
    message: 'The list names more than 500,000 channels: choose a smaller one.',
  });
  expect(opened.service.lists()).toEqual([]);
}, 120_000);

test('a list of 200 MB with few channels is taken over', async () => {
  await using opened = await openService();
  const path = opened.path('chatty.m3u');
  await writeLarge(path, 200 * MIB, (at) =>
    at % 200 ? `#${'x'.repeat(20_000)}\n` : `N${at},http://x.example/${at}\n`,
  );
  const { planId, counts } = await opened.service.plan({ kind: 'file', path }, work);
  await opened.service.apply(planId, null, 0, work);
  expect(counts.added).toBeGreaterThan(40);
  expect(await opened.names({ limit: 1000 })).toHaveLength(counts.added);
}, 120_000);

test('a list larger than any is refused before it is read', async () => {
  await using opened = await openService();
  const path = opened.path('sparse.m3u');
  await using file = await open(path, 'w');
  await file.truncate(300 * MIB);
  await expect(opened.service.plan({ kind: 'file', path }, work)).rejects.toMatchObject({
    message: 'The list is larger than 256 MiB.',
  });
});

test('names of 10,000 characters, control characters, spaces in addresses and other kinds of addresses do no harm', async () => {
  await using opened = await openService();
  const path = opened.path('odd.m3u');
  const lines = [
    `#EXTINF:-1,${'Long '.repeat(2000)}\nhttp://x.example/long`,
    '#EXTINF:-1 group-title="A\u0000B\u001b[31m",Bell\u0007\nhttp://x.example/a b c.m3u8',
    '#EXTINF:-1,Script\njavascript:alert(1)',
    '#EXTINF:-1,File\nfile:///etc/passwd',
    '#EXTINF:-1 tvg-id="same",One\nhttp://x.example/1',
    '#EXTINF:-1 tvg-id="same",Two\nhttp://x.example/2',
    '#EXTINF:-1 tvg-id="same",Two\nhttp://x.example/2',
  ];
  await writeFile(path, `#EXTM3U\n${lines.join('\n')}\n`);
  const plan = await opened.service.plan({ kind: 'file', path }, work);
  expect(plan.skipped).toEqual([
    { line: 7, reason: say('skipped.scheme', { scheme: 'javascript' }) },
    { line: 9, reason: say('skipped.scheme', { scheme: 'file' }) },
  ]);
  await opened.service.apply(plan.planId, null, 0, work);
  const rows = await opened.rows();
  expect(rows.map(({ name }) => name.length)).toEqual([299, 4, 3]);
  expect(rows[1]).toMatchObject({ name: 'Bell', group: 'A B [31m' });
  expect(opened.channels.get('ch_same')?.sources.map(({ url }) => url)).toEqual([
    'http://x.example/1',
    'http://x.example/2',
  ]);
  expect(rows.map(({ id }) => opened.channels.get(id)?.sources[0]?.url)).toContain('http://x.example/a%20b%20c.m3u8');
});
