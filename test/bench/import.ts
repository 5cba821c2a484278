import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { RawClient } from '../support/client.ts';
import { startHeadless, type Headless } from '../support/headless.ts';
import { median, percentiles } from '../support/measure.ts';
import type { Measurement } from './measurement.ts';
import { untilQuiet } from './quiet.ts';
import { SERVER_CORE, type BenchOptions } from './setting.ts';

const ENTRIES = 50_000;
const MAX_IMPORT_MS = 2000;
const MAX_BLOCK_MS = 50;
const MAX_LIST_MS = 150;
const IMPORT_TIMEOUT_MS = 60_000;
const PROBE_EVERY_MS = 2;

const Health = z.object({ channels: z.number() });

/** A list of 50,000 channels: how long until they are there, what else waits meanwhile, how fast they are listed. */
export async function measureImport(options: BenchOptions): Promise<Measurement[]> {
  const emptyStartsMs: number[] = [];
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    await using empty = await startHeadless({ built: options.built, core: SERVER_CORE });
    emptyStartsMs.push(await untilServing(empty, 0));
  }
  await using relay = await startHeadless({ built: options.built, core: SERVER_CORE, list: listOf(ENTRIES, 'first') });
  const importMs = (await untilServing(relay, ENTRIES)) - median(emptyStartsMs);

  await untilQuiet();
  const idleMs = await probe(relay, sleep(1000));
  const replaced = replaceList(relay.listFile, listOf(ENTRIES + 1, 'second')).then(() =>
    untilServing(relay, ENTRIES + 1),
  );
  const busyMs = await probe(relay, replaced);

  const listsMs: number[] = [];
  using client = new RawClient();
  for (let repeat = 0; repeat < options.repeats; repeat += 1) {
    const response = await client.getText(relay.playlist);
    if (response.text.split('#EXTINF').length !== ENTRIES + 2) throw new Error('the list does not hold every channel');
    listsMs.push(response.totalMs);
  }
  const longest = Math.max(...busyMs);
  const measured = measurer({ emptyStartsMs, importMs, listsMs, idle: percentiles(idleMs), busy: percentiles(busyMs) });
  return [
    measured(`${ENTRIES} entries imported in`, importMs, MAX_IMPORT_MS),
    {
      ...measured('longest wait of another request during an import', longest, MAX_BLOCK_MS),
      reference: { name: 'idle', value: Math.max(...idleMs) },
    },
    measured(`/playlist.m3u of ${ENTRIES}`, median(listsMs), MAX_LIST_MS),
  ];
}

/** Milliseconds from starting the relay until it has that many channels. */
async function untilServing(relay: Headless, channels: number): Promise<number> {
  const listeningAt = performance.now();
  using client = new RawClient();
  while (performance.now() - listeningAt < IMPORT_TIMEOUT_MS) {
    const health = Health.parse(JSON.parse((await client.getText(`${relay.relay}/health`)).text));
    if (health.channels === channels) return relay.startMs + performance.now() - listeningAt;
    await sleep(20);
  }
  throw new Error(`the relay does not reach ${channels} channels`);
}

/** Asks for something small again and again until the work is done; how long each answer took. */
async function probe(relay: Headless, work: Promise<unknown>): Promise<number[]> {
  using client = new RawClient();
  const waitsMs: number[] = [];
  let working = true;
  const done = work.finally(() => {
    working = false;
  });
  while (working) {
    waitsMs.push((await client.get(`${relay.relay}/proxy/ch_nobody/stream.m3u8`)).totalMs);
    await sleep(PROBE_EVERY_MS);
  }
  await done;
  return waitsMs;
}

/** In one step, as careful programs write files. */
async function replaceList(file: string, list: string): Promise<void> {
  await writeFile(`${file}.new`, list);
  await rename(`${file}.new`, file);
}

function listOf(entries: number, version: string): string {
  const lines = Array.from({ length: entries }, (_, index) => {
    const attributes = `tvg-id="bench.${index}" tvg-name="Bench ${index}" tvg-logo="http://127.0.0.1:9/logo/${index}.png" group-title="Group ${index % 200}"`;
    return `#EXTINF:-1 ${attributes},Bench ${index} HD\nhttp://127.0.0.1:9/${version}/${index}/index.m3u8\n`;
  });
  return `#EXTM3U\n${lines.join('')}`;
}

function measurer(details: Record<string, unknown>) {
  return (name: string, value: number, atMost: number): Measurement => ({
    ...{ section: 'import', name, unit: 'ms', relay: value, reference: null, judged: value, bar: { atMost }, details },
  });
}
