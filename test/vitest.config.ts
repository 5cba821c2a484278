import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { createClosingSummary } from './support/reporter.ts';

/** Where streams are played at their own pace, by players or by simulated TVs: that such tests run beside others, they would notice. */
const IN_REAL_TIME = [
  'test/e2e/{browser,desktop-players,load,players,several-relays,window-frames,window-load}.test.ts',
  'test/integration/{proxy,recovery,security}/**/*.test.ts',
  'test/integration/control/settings-change.test.ts',
];

/** One file after the other. */
const ALONE = { fileParallelism: false };

const E2E = { testTimeout: 240_000, hookTimeout: 120_000, expect: { poll: { timeout: 20_000 } } };

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    maxWorkers: 2,
    maxConcurrency: 3,
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
      level('integration', { testTimeout: 90_000, hookTimeout: 60_000, exclude: IN_REAL_TIME }),
      level('e2e', { ...E2E, exclude: IN_REAL_TIME }),
      level('packaging', { testTimeout: 300_000, hookTimeout: 300_000, ...ALONE }),
      level('real time', { ...E2E, ...ALONE, include: IN_REAL_TIME }),
    ],
  },
});

/** The tests of one folder, with time-outs wide enough for a busy machine. */
function level(name: string, options: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration {
  return { extends: true, test: { name, include: [`test/${name}/**/*.test.ts`], ...options } };
}
