/* Entry: `npm run fuzz -- [--seconds 60] [--seed N] [--target NAME]`. Ends with 1 when something broke a promise. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { randomInt } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { fuzzContract } from './contract.ts';
import { startCoverage } from './coverage.ts';
import { fuzzGuided, type Report } from './guided.ts';
import { TARGETS } from './targets.ts';
import { startWatchdog } from './watchdog.ts';

const ARTEFACTS = fileURLToPath(new URL('../artefacts/fuzz', import.meta.url));

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    target: { type: 'string' },
  },
});
const seed = Number(values.seed);
const chosen = [...TARGETS.map(({ name }) => name), 'contract'].filter((name) => (values.target ?? name) === name);
const msEach = (Number(values.seconds) * 1000) / Math.max(1, chosen.length);
if (chosen.length === 0 || !Number.isFinite(msEach) || !Number.isSafeInteger(seed)) {
  console.error(
    `usage: npm run fuzz -- [--seconds 60] [--seed N] [--target ${TARGETS.map(({ name }) => `"${name}"`).join('|')}|contract]`,
  );
  process.exit(2);
}

console.log(`Seed ${seed}: ${values.seconds} s over ${chosen.length} targets`);
const findings: string[] = [];
await using watchdog = startWatchdog();
using coverage = startCoverage();
for (const name of chosen) {
  const endsAt = performance.now() + msEach;
  const isOver = (): boolean => performance.now() >= endsAt;
  const target = TARGETS.find((known) => known.name === name);
  const report = await (target === undefined
    ? fuzzContract({ seed, isOver })
    : fuzzGuided(target, { seed, coverage, isOver, onInput: watchdog.noteInput }));
  tell(report);
}
process.exitCode = findings.length === 0 ? 0 : 1;

function tell({ target, runs, inputsKept, finding }: Report): void {
  console.log(`${target}: ${runs} inputs, ${inputsKept} kept for the new code they reached`);
  if (finding === undefined) return;
  mkdirSync(ARTEFACTS, { recursive: true });
  const file = path.join(ARTEFACTS, `${target.replaceAll(' ', '-')}-${seed}.bin`);
  writeFileSync(file, finding.input);
  findings.push(target);
  console.log(`  FINDING in ${target} with seed ${seed}, ${finding.input.length} bytes, kept as ${file}`);
  console.log(`  ${JSON.stringify(finding.input.toString('latin1').slice(0, 500))}`);
  console.log(`  ${finding.reason}`);
}
