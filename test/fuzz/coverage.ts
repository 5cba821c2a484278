import { Session, type Profiler } from 'node:inspector';

/** What of the project's code has been run, block by block, as V8 counts it. */
export type Coverage = Disposable & {
  /** Blocks run since the last call that never were before. */
  newBlocks: () => number;
};

/** How often, by powers of two: once through a loop is another thing than a thousand times. */
function magnitudeOf(count: number): number {
  return Math.min(8, Math.ceil(Math.log2(count + 1)));
}

/**
 * V8's own block coverage: nothing to install, nothing to instrument, the sources as they are. (Jazzer.js's prebuilt
 * fuzzer wants a newer C library than the Debian that CI runs on has.)
 */
export function startCoverage(): Coverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const seen = new Set<string>();

  return {
    newBlocks() {
      let scripts: Profiler.ScriptCoverage[] = [];
      session.post('Profiler.takePreciseCoverage', (_error, answer) => {
        scripts = answer.result;
      });
      const before = seen.size;
      for (const { url, functions } of scripts) {
        if (!/\/(?:main|shared)\/(?!.*node_modules)/.test(url)) continue;
        for (const { ranges } of functions) {
          for (const { startOffset, endOffset, count } of ranges) {
            if (count > 0) seen.add(`${url} ${startOffset} ${endOffset} ${magnitudeOf(count)}`);
          }
        }
      }
      return seen.size - before;
    },
    [Symbol.dispose]: () => session.disconnect(),
  };
}
