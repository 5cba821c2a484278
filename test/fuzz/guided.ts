import type { Coverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import { createRandom } from './random.ts';

/** Something that takes bytes from outside. */
export type Target = {
  name: string;
  /** Inputs to begin with: at least one that is right. */
  seeds: readonly [Buffer, ...Buffer[]];
  /** Words of its language. */
  dictionary: readonly string[];
  maxBytes: number;
  /** Far above what any input takes, on a busy machine too. */
  limitMs: number;
  /** @throws when a promise is broken: anything but an expected failure, a leak, an answer out of all proportion */
  run: (input: Buffer) => void | Promise<void>;
};

export type Finding = { target: string; input: Buffer; reason: string };

export type Report = { target: string; runs: number; inputsKept: number; finding: Finding | undefined };

/** Inputs between two looks at the coverage, which costs about as much as all of them. */
const BATCH = 8;
const KEPT_OF_BATCH = 2;

/**
 * Changes inputs and keeps those that reach code which none did before, until told to stop or a promise is broken.
 * The same seed and the same stop after so many runs do the same again.
 */
export async function fuzzGuided(
  target: Target,
  {
    seed,
    coverage,
    isOver,
    onInput = () => undefined,
  }: {
    seed: number;
    coverage: Coverage;
    isOver: (runs: number) => boolean;
    onInput?: (target: string, input: Buffer) => void;
  },
): Promise<Report> {
  const random = createRandom(seed);
  const corpus: [Buffer, ...Buffer[]] = [...target.seeds];
  let runs = 0;
  let finding: Finding | undefined;

  async function run(input: Buffer): Promise<void> {
    runs += 1;
    onInput(target.name, input);
    const reason = await whatBreaks(target, input);
    if (reason !== undefined) finding ??= { target: target.name, input, reason };
  }

  for (const input of target.seeds) await run(input);
  coverage.newBlocks();
  while (finding === undefined && !isOver(runs)) {
    const batch = Array.from({ length: BATCH }, () => mutate(corpus, { random, ...target }));
    for (const input of batch) await run(input);
    // Which of them it was is not worth finding out: the batch is small, and they all come from inputs that were worth keeping.
    if (coverage.newBlocks() > 0) corpus.push(...batch.filter((_, index) => index % KEPT_OF_BATCH === 0));
  }
  return { target: target.name, runs, inputsKept: corpus.length - target.seeds.length, finding };
}

/** Why an input breaks a promise; undefined when it does not. */
async function whatBreaks({ run, limitMs }: Target, input: Buffer): Promise<string | undefined> {
  const startedAt = performance.now();
  try {
    await run(Buffer.from(input));
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const tookMs = performance.now() - startedAt;
  return tookMs > limitMs ? `it took ${Math.round(tookMs)} ms, and ${limitMs} ms is far more than any may` : undefined;
}
