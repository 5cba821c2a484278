/* Entry: measures the relay against the bars of its design. `npm run bench -- --only hit,storm --flood-seconds 3` */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pinToCore } from '../support/process-usage.ts';
import { measureHit, measurePlaylist } from './cached.ts';
import { measureImport } from './import.ts';
import { passes, toMarkdown, type Measurement } from './measurement.ts';
import { LOAD_CORE, type BenchOptions } from './setting.ts';
import { measureStart } from './start.ts';
import { measureStorm } from './storm.ts';
import { measureCrowd, measureFaults, measureTelevisions } from './televisions.ts';

const SECTIONS: Record<string, (options: BenchOptions) => Promise<Measurement[]>> = {
  hit: measureHit,
  playlist: measurePlaylist,
  storm: measureStorm,
  tvs: measureTelevisions,
  crowd: measureCrowd,
  faults: measureFaults,
  start: measureStart,
  import: measureImport,
};

const USAGE = `usage: npm run bench -- [--only ${Object.keys(SECTIONS).join(',')}] [--flood-seconds 3] [--tv-seconds 10] [--repeats 5] [--source]`;
const ARTEFACTS = new URL('../artefacts/', import.meta.url);

const { sections, options } = parseOptions();
const pinned = await pinToCore(process.pid, LOAD_CORE);
process.stderr.write(`${pinned ? 'server on core 0, load on core 1' : 'not pinned to cores: figures are noisier'}\n`);
const measurements: Measurement[] = [];
for (const section of sections) {
  process.stderr.write(`${section} ...\n`);
  measurements.push(...((await SECTIONS[section]?.(options)) ?? []));
}
process.stdout.write(`${toMarkdown(measurements)}\n`);
process.stderr.write(`kept as ${await keep()}\n`);

function parseOptions(): { sections: string[]; options: BenchOptions } {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: Object.keys(SECTIONS).join(',') },
      'flood-seconds': { type: 'string', default: '3' },
      'tv-seconds': { type: 'string', default: '10' },
      repeats: { type: 'string', default: '5' },
      source: { type: 'boolean', default: false },
    },
  });
  const chosen = values.only.split(',');
  const numbers = [values['flood-seconds'], values['tv-seconds'], values.repeats].map(Number);
  const [floodSeconds = NaN, televisionSeconds = NaN, repeats = NaN] = numbers;
  if (!chosen.every((section) => section in SECTIONS) || !numbers.every((number) => number > 0)) {
    process.stderr.write(`${USAGE}\n`);
    process.exit(2);
  }
  return { sections: chosen, options: { built: !values.source, floodSeconds, televisionSeconds, repeats } };
}

async function keep(): Promise<string> {
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length, pinned };
  const rows = measurements.map((measurement) => ({ ...measurement, passes: passes(measurement) }));
  const file = fileURLToPath(new URL('bench.json', ARTEFACTS));
  await mkdir(ARTEFACTS, { recursive: true });
  await writeFile(file, `${JSON.stringify({ machine, options, measurements: rows }, null, 2)}\n`);
  return file;
}
