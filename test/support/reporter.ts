import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';
import { isExcused, PROGRAMS } from './requirements.ts';

type ClosingSummaryDeps = {
  print: (line: string) => void;
  /** A skipped test fails the run, unless it is excused: for machines that are to have everything that one can get. */
  failOnSkips: boolean;
};

/**
 * Ends a test run with what was skipped, why and how to get it, and as its last line `N passed, N failed, N skipped`.
 * What fails outside a test (a file that does not load, a hook, an error nobody caught) counts as one failure each.
 */
export function createClosingSummary({ print, failOnSkips }: ClosingSummaryDeps): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const tests = modules.flatMap((module) => [...module.children.allTests()]);
      const skipped = tests.filter((test) => test.result().state === 'skipped');
      const passed = tests.filter((test) => test.result().state === 'passed').length;
      const failed = tests.length - passed - skipped.length + failuresOutsideTests(modules, unhandledErrors);
      for (const [reason, { length }] of Map.groupBy(skipped, reasonOfSkip)) print(`${length} skipped: ${reason}`);
      const mayNotBeSkipped = failOnSkips && skipped.some((test) => !isExcused(test.meta().missing ?? []));
      if (mayNotBeSkipped) print('Nothing may be skipped here.');
      if (failed > 0 || mayNotBeSkipped) process.exitCode = 1;
      print(`${passed} passed, ${failed} failed, ${skipped.length} skipped`);
    },
  };
}

function failuresOutsideTests(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): number {
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  return unhandledErrors.length + suites.filter((suite) => suite.errors().length > 0).length;
}

function reasonOfSkip(test: TestCase): string {
  const missing = test.meta().missing ?? [];
  if (missing.length > 0) return missing.map((name) => `needs ${name} (${PROGRAMS[name].howToGet})`).join(', ');
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? 'no reason given';
}
