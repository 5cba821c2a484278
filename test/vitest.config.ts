import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { createClosingSummary } from './support/reporter.ts';

/** One after the other: tests with real players and timed streams spoil each other's measurements when run side by side. */
const ALONE = { fileParallelism: false };

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    maxWorkers: 2,
    reporters: [
      'default',
      createClosingSummary({
        print: console.log,
        failOnSkips: process.env['HEARTHCAST_NO_SKIPS'] === '1',
        checkedBefore: process.env['HEARTHCAST_CHECKED'],
      }),
    ],
    projects: [
      level('unit', { testTimeout: 60_000, hookTimeout: 60_000 }),
      level('contract', { testTimeout: 60_000, hookTimeout: 60_000 }),
      level('integration', { testTimeout: 90_000, hookTimeout: 60_000, ...ALONE }),
      level('e2e', { testTimeout: 240_000, hookTimeout: 120_000, expect: { poll: { timeout: 20_000 } }, ...ALONE }),
      level('packaging', { testTimeout: 300_000, hookTimeout: 300_000, ...ALONE }),
    ],
  },
});

/** The tests of one folder, with time-outs wide enough for a busy machine. */
function level(name: string, options: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include: [`test/${name}/**/*.test.ts`], ...options } };
}
