import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, crc32, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ListOrigin } from '../../../shared/contract.ts';
import { say } from '../../../shared/sentences.ts';
import { body, startFakeOrigin, type FakeHandler } from '../../support/fake-origin.ts';
import { createRelayClient } from '../../support/relay-client.ts';
import { startSiege, UNDISTURBED } from '../../support/siege.ts';

/* What the author of a list, or whoever answers in the author's place, does to the relay that takes it over. */

const MIB = 1024 * 1024;
const ONE = '#EXTM3U\n#EXTINF:-1 tvg-id="one",One\nhttp://x.example/1.m3u8\n';

/** A mebibyte after the other, so that what unpacks to gigabytes is made in little memory. */
function gzipOf(mebibytes: number, unit: string): Buffer {
  return gzipSync(Buffer.alloc(mebibytes * MIB, unit), { level: 1 });
}

/** A ZIP archive that claims many entries, each of a size that no disk has. */
function zipThatLies(entries: number): Buffer {
  const files = Array.from({ length: entries }, (_, index) => {
    const name = Buffer.from(`${index}.m3u`);
    const header = Buffer.alloc(30);
    header.write('PK\x03\x04', 'latin1');
    header.writeUInt32LE(crc32(name), 14);
    header.writeUInt32LE(10, 18);
    header.writeUInt32LE(0xfffffffe, 22);
    header.writeUInt16LE(name.length, 26);
    return Buffer.concat([header, name, Buffer.alloc(10)]);
  });
  return Buffer.concat(files);
}

function withWrongEnd(packed: Buffer): Buffer {
  const lying = Buffer.from(packed);
  lying.writeUInt32LE(1, lying.length - 4);
  return lying;
}

const TOO_MANY_LINES = say('list.manyLines', { count: 4_000_000 }).text;

const BOMBS: Record<string, { bytes: Buffer; refusal: string }> = {
  'larger than lists are': { bytes: gzipOf(300, '\n'), refusal: say('list.badGzip').text },
  'one line': { bytes: gzipOf(250, 'x'), refusal: 'The list names no channel that can be played' },
  'packed twice': { bytes: gzipSync(gzipOf(300, '\n')), refusal: say('list.compressed').text },
  'broken off': { bytes: gzipOf(1, ONE).subarray(0, 2_000), refusal: say('list.badGzip').text },
  'of another length than it says': { bytes: withWrongEnd(gzipSync(ONE)), refusal: say('list.badGzip').text },
  'an archive with many entries': { bytes: zipThatLies(20_000), refusal: say('list.compressed').text },
};

/** What else a web server sends; a coding is its own, and is undone before anybody looks at the list. */
const FROM_THE_WEB: Record<string, { handler: FakeHandler; refusal: string }> = {
  'a bomb in gzip': {
    handler: body(gzipOf(300, '\n'), { 'Content-Encoding': 'gzip' }),
    refusal: say('origin.tooMuch').text,
  },
  'a bomb in brotli': {
    handler: body(
      brotliCompressSync(Buffer.alloc(300 * MIB, '\n'), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
      { 'Content-Encoding': 'br' },
    ),
    refusal: say('origin.tooMuch').text,
  },
  'all line breaks': { handler: body(gzipOf(250, '\n')), refusal: TOO_MANY_LINES },
  'a bomb in a bomb': {
    handler: body(gzipSync(gzipOf(300, '\n')), { 'Content-Encoding': 'gzip' }),
    refusal: say('list.badGzip').text,
  },
};

/** What a panel answers instead of a list of its streams. */
const PANELS: Record<string, { streams: Buffer; refusal: string }> = {
  'more streams than anybody watches': {
    streams: gzipSync(`[${'{"stream_id":1,"name":"x"},'.repeat(600_000)}1]`),
    refusal: say('list.tooLong', { count: 500_000 }).text,
  },
  'numbers without end': {
    streams: gzipSync(`[${'1,'.repeat(60 * MIB)}1]`),
    refusal: say('list.tooLong', { count: 500_000 }).text,
  },
  'brackets without end': {
    streams: gzipSync(Buffer.alloc(200 * MIB, '[')),
    refusal: say('xtream.noPanel').text,
  },
};

test(
  'lists that are bombs are refused in words, by whatever way they come, and no TV waits',
  { timeout: 240_000 },
  async () => {
    await using web = await startFakeOrigin({});
    await using siege = await startSiege();
    const client = createRelayClient(siege.relay);
    const plan = (origin: ListOrigin) => client.ask('lists.plan', { origin, taskId: 'bomb' });
    const before = await siege.memoryMiB();

    const disturbance = await siege.during(async () => {
      for (const [what, { bytes, refusal }] of Object.entries(BOMBS)) {
        web.route('/list.m3u', body(bytes));
        const path = join(siege.relay.dataFolder, 'bomb.m3u');
        await writeFile(path, bytes);
        for (const origin of [
          { kind: 'url' as const, url: `${web.url}/list.m3u` },
          { kind: 'file' as const, path },
        ]) {
          await expect(plan(origin), `${what}, ${origin.kind}`).rejects.toThrow(refusal);
        }
      }
      for (const [what, { handler, refusal }] of Object.entries(FROM_THE_WEB)) {
        web.route('/list.m3u', handler);
        await expect(plan({ kind: 'url', url: `${web.url}/list.m3u` }), what).rejects.toThrow(refusal);
      }
      for (const [what, { streams, refusal }] of Object.entries(PANELS)) {
        web.route('/player_api.php', (request, response) =>
          body(request.url.includes('categories') ? '[]' : streams)(request, response),
        );
        const account = { kind: 'xtream' as const, server: web.url, username: 'anna', password: 'x' };
        await expect(plan(account), what).rejects.toThrow(refusal);
      }
    }, 10);

    expect(disturbance).toEqual(UNDISTURBED);
    expect(await client.listedNames()).toEqual(['live']);
    expect((await siege.memoryMiB()) - before).toBeLessThan(1_500);
    expect(await siege.bugs()).toEqual([]);
  },
);

test('a list that is pasted is read within the same bounds', { timeout: 120_000 }, async () => {
  await using siege = await startSiege();
  const client = createRelayClient(siege.relay);
  const paste = (text: string) =>
    client.ask('lists.plan', { origin: { kind: 'text', name: 'pasted', text }, taskId: 'bomb' });
  const inherited = Array.from({ length: 2_000 }, (_, index) => `#EXTM3U catchup-${index}="x"\n`).join('');
  const channels = Array.from({ length: 30_000 }, (_, index) => `Channel ${index},http://x.example/${index}\n`).join(
    '',
  );
  const before = await siege.memoryMiB();

  const disturbance = await siege.during(async () => {
    await expect(paste('\n'.repeat(4_500_000))).rejects.toThrow(TOO_MANY_LINES);
    await expect(paste('PK\u0003\u0004 and so on')).rejects.toThrow(say('list.compressed').text);
    await expect(paste('x'.repeat(20_000_000))).rejects.toThrow('The list names no channel that can be played');
    await expect(paste(`#EXTINF:-1 ${'a="'.repeat(10_000_000)}`)).rejects.toThrow('no channel');
    expect((await paste(inherited + channels)).counts.added).toBe(30_000);
  }, 4);

  expect(disturbance).toEqual(UNDISTURBED);
  expect(await client.listedNames()).toEqual(['live']);
  expect((await siege.memoryMiB()) - before).toBeLessThan(1_000);
  expect(await siege.bugs()).toEqual([]);
});
