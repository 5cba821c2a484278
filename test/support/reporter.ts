import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { isExcused, PROGRAMS, versionOf } from './requirements.ts';

type ClosingSummaryDeps = {
  print: (line: string) => void;
  /** A skipped test fails the run, unless it is excused: for machines that are to have everything that one can get. */
  failOnSkips: boolean;
  /** What was checked before the tests, in words. */
  checkedBefore?: string | undefined;
};

/**
 * Ends a test run with a summary: what was run, level by level, and with what; each skipped test, why, and how to get what it misses.
 * Its last line is `N passed, N failed, N skipped`. What fails outside a test (a file that does not load, a hook, an error nobody
 * caught) counts as one failure each.
 */
export function createClosingSummary({ print, failOnSkips, checkedBefore }: ClosingSummaryDeps): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const total = countTests(modules);
      const failed = total.failed + unhandledErrors.length;
      const skipped = testsOf(modules).filter((test) => test.result().state === 'skipped');

      if (checkedBefore !== undefined) print(`Checked: ${checkedBefore}`);
      for (const [level, ofLevel] of Map.groupBy(modules, ({ project }) => project.name)) {
        print(`${level.padEnd(LEVEL_WIDTH)} ${inWords(countTests(ofLevel))}, in ${filesAndTime(ofLevel)}`);
      }
      print(`With ${versionsUsed(modules).join(', ')}`);
      for (const [reason, tests] of Map.groupBy(skipped, reasonOfSkip)) {
        print(`${tests.length} skipped: ${reason}`);
        // Of those that were not asked for (`-t`), nobody wants to hear.
        const isToBeNamed = reason !== NO_REASON || failOnSkips;
        for (const test of isToBeNamed ? tests : []) print(`  ${test.module.relativeModuleId} > ${test.fullName}`);
      }
      const mayNotBeSkipped = failOnSkips && skipped.some((test) => !isExcused(test.meta().missing ?? []));
      if (mayNotBeSkipped) print('Nothing may be skipped here.');
      if (failed > 0 || mayNotBeSkipped) process.exitCode = 1;
      print(inWords({ ...total, failed }));
    },
  };
}

type Counts = { passed: number; failed: number; skipped: number };

const LEVEL_WIDTH = 11;
const NO_REASON = 'no reason given';

function testsOf(modules: readonly TestModule[]): TestCase[] {
  return modules.flatMap((module) => [...module.children.allTests()]);
}

function countTests(modules: readonly TestModule[]): Counts {
  const states = testsOf(modules).map((test) => test.result().state);
  const passed = states.filter((state) => state === 'passed').length;
  const skipped = states.filter((state) => state === 'skipped').length;
  return { passed, skipped, failed: states.length - passed - skipped + failuresOutsideTests(modules) };
}

function failuresOutsideTests(modules: readonly TestModule[]): number {
  const suites = modules.flatMap((module) => [module, ...module.children.allSuites()]);
  return suites.filter((suite) => suite.errors().length > 0).length;
}

function inWords({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** Time in files that run side by side counts twice. */
function filesAndTime(modules: readonly TestModule[]): string {
  const seconds = modules.reduce((sum, module) => sum + module.diagnostic().duration, 0) / 1000;
  return `${modules.length} ${modules.length === 1 ? 'file' : 'files'}, ${seconds.toFixed(0)} s`;
}

/** What the tests ran on, and what they drove. */
function versionsUsed(modules: readonly TestModule[]): string[] {
  const used = new Set(testsOf(modules).flatMap((test) => test.meta().needed ?? []));
  const found = [...used].map((name) => [name, versionOf(name)] as const);
  return [
    `Node ${process.versions.node}`,
    ...found.flatMap(([name, version]) => (version === undefined ? [] : `${name} ${version}`)),
  ];
}

function reasonOfSkip(test: TestCase): string {
  const missing = test.meta().missing ?? [];
  if (missing.length > 0) return missing.map((name) => `needs ${name} (${PROGRAMS[name].howToGet})`).join(', ');
  const result = test.result();
  return (result.state === 'skipped' ? result.note : undefined) ?? NO_REASON;
}
