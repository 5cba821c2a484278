import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { createClosingSummary } from './support/reporter.ts';

/** Where the machine itself is held against a clock or filled to its limits: nothing may run beside them. */
const ALONE = [
  'test/e2e/{load,several-relays,window-frames,window-load}.test.ts',
  'test/integration/security/connections.test.ts',
];

/** Where streams are played at their own pace, which is mostly waiting: beside each other, but not beside what fills both cores. */
const IN_REAL_TIME = [
  'test/e2e/{browser,desktop-players,players}.test.ts',
  'test/integration/{proxy,recovery,security}/**/*.test.ts',
  'test/integration/control/settings-change.test.ts',
];

const E2E = { testTimeout: 240_000, hookTimeout: 120_000, expect: { poll: { timeout: 20_000 } } };

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    maxWorkers: 2,
    maxConcurrency: 3,
    setupFiles: 'test/support/close-chromium.ts',
    reporters: [
      'default',
      createClosingSummary({
        print: console.log,
        failOnSkips: process.env['HEARTHCAST_NO_SKIPS'] === '1',
        checkedBefore: process.env['HEARTHCAST_CHECKED'],
      }),
    ],
    projects: [
      // They have no state that could pass from one file to the next.
      level('unit', { testTimeout: 60_000, hookTimeout: 60_000, isolate: false }),
      level('contract', { testTimeout: 60_000, hookTimeout: 60_000 }),
      level('integration', { testTimeout: 90_000, hookTimeout: 60_000, exclude: [...IN_REAL_TIME, ...ALONE] }),
      level('e2e', { ...E2E, exclude: [...IN_REAL_TIME, ...ALONE] }),
      level('packaging', { testTimeout: 300_000, hookTimeout: 300_000 }),
      level('real time', { ...E2E, include: IN_REAL_TIME, exclude: ALONE, sequence: { groupOrder: 1 } }),
      level('alone', { ...E2E, include: ALONE, fileParallelism: false, sequence: { groupOrder: 2 } }),
    ],
  },
});

/** The tests of one folder, with time-outs wide enough for a busy machine. */
function level(name: string, options: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include: [`test/${name}/**/*.test.ts`], ...options } };
}
