/* Entry: kills relays at random moments, again and again. `npm run crash -- --times 200 --seed 7 --only "import;settings"` */
import { parseArgs } from 'node:util';
import { findProgram } from '../support/requirements.ts';
import { createRandom } from './random.ts';
import { NEEDS_LOOP_DEVICE, STORIES, type StoryName } from './stories.ts';

const NAMES = Object.keys(STORIES) as StoryName[];
const USAGE = `usage: npm run crash -- [--times 200] [--seed N] [--only ${NAMES.map((name) => JSON.stringify(name)).join(';')}]`;
const REPORT_EVERY = 20;

const { times, seed, chosen } = parseOptions();
process.stderr.write(`seed ${seed}\n`);
for (const name of chosen) {
  if (NEEDS_LOOP_DEVICE.has(name) && findProgram('loop device') === undefined) {
    process.stderr.write(`${name}: skipped, needs root and a loop device\n`);
    continue;
  }
  const startedAt = performance.now();
  const figures = await STORIES[name]({
    times,
    random: createRandom(seed),
    onKill: (killed) => {
      if (killed % REPORT_EVERY === 0) process.stderr.write(`${name}: ${killed} of ${times}\n`);
    },
  });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(`${JSON.stringify({ story: name, seed, ...figures, seconds })}\n`);
}

function parseOptions() {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '200' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      only: { type: 'string', default: NAMES.join(';') },
    },
  });
  const asked = values.only.split(';');
  const options = {
    times: Number(values.times),
    seed: Number(values.seed),
    chosen: NAMES.filter((name) => asked.includes(name)),
  };
  if (!(options.times > 0) || !Number.isInteger(options.seed) || options.chosen.length !== asked.length) {
    process.stderr.write(`${USAGE}\n`);
    process.exit(2);
  }
  return options;
}
