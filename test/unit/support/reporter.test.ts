import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const PASSES = `import { test } from 'vitest';\ntest('a', () => {});\n`;
const FAILS = `import { test } from 'vitest';\ntest('a', () => { throw new Error('no'); });\n`;
const DOES_NOT_LOAD = `import '../../main/nothing.ts';\n`;
const HOOK_FAILS = `import { beforeAll, test } from 'vitest';\nbeforeAll(() => { throw new Error('no'); });\ntest('a', () => {});\n`;
const LEAVES_AN_ERROR = `import { test } from 'vitest';\ntest('a', () => { void Promise.reject(new Error('late')); });\n`;
const SKIPS = `
  import { describe, test } from 'vitest';
  import { needs } from '../support/requirements.ts';
  describe('player', needs('ffmpeg'), () => { test('a', () => {}); test('b', () => {}); });
  test('c', needs('redis-server'), () => {});
  test('d', (context) => context.skip('not on a Tuesday'));
`;
const NEEDS_ELECTRON = `
  import { test } from 'vitest';
  import { needs } from '../support/requirements.ts';
  test('opens', needs('electron'), () => { throw new Error('ran'); });
`;

test('the last line counts the tests, and a passing run exits with 0', async () => {
  const { lines, code } = await runTests({ 'one.test.ts': PASSES, 'two.test.ts': PASSES });
  expect({ last: lines.at(-1), code }).toEqual({ last: '2 passed, 0 failed, 0 skipped', code: 0 });
});

test('what fails outside a test counts as a failure too', async () => {
  const files = {
    'fails.test.ts': FAILS,
    'loads.test.ts': DOES_NOT_LOAD,
    'hook.test.ts': HOOK_FAILS,
    'late.test.ts': LEAVES_AN_ERROR,
  };
  const { lines, code } = await runTests(files);
  expect({ last: lines.at(-1), code }).toEqual({ last: '1 passed, 4 failed, 1 skipped', code: 1 });
});

test('what was skipped is summed up with the reason and how to get it', async () => {
  const { lines, code } = await runTests({ 'skips.test.ts': SKIPS });
  expect(lines.slice(-8)).toEqual([
    '2 skipped: needs ffmpeg (apt-get install ffmpeg / brew install ffmpeg)',
    '  test/unit/skips.test.ts > player > a',
    '  test/unit/skips.test.ts > player > b',
    '1 skipped: needs redis-server (apt-get install redis-server / brew install redis)',
    '  test/unit/skips.test.ts > c',
    '1 skipped: not on a Tuesday',
    '  test/unit/skips.test.ts > d',
    '0 passed, 0 failed, 4 skipped',
  ]);
  expect(code).toBe(0);
});

test('what was run is summed up by level, with what it ran on and what was checked before', async () => {
  const { lines } = await runTests(
    { 'unit/one.test.ts': PASSES, 'unit/fails.test.ts': FAILS, 'e2e/skips.test.ts': SKIPS },
    { HEARTHCAST_CHECKED: 'types, lint' },
  );
  const summary = lines.slice(lines.indexOf('Checked: types, lint'));
  expect(summary.slice(1, 4)).toEqual([
    expect.stringMatching(/^unit {8}1 passed, 1 failed, 0 skipped, in 2 files, \d+ s$/),
    expect.stringMatching(/^e2e {9}0 passed, 0 failed, 4 skipped, in 1 file, \d+ s$/),
    `With Node ${process.versions.node}`,
  ]);
  expect(summary.at(-1)).toBe('1 passed, 1 failed, 4 skipped');
});

test('where nothing may be skipped, a skipped test fails the run', async () => {
  const { lines, code } = await runTests(
    { 'one.test.ts': PASSES, 'skips.test.ts': SKIPS },
    { HEARTHCAST_NO_SKIPS: '1' },
  );
  expect(lines.at(-2)).toBe('Nothing may be skipped here.');
  expect({ last: lines.at(-1), code }).toEqual({ last: '1 passed, 0 failed, 4 skipped', code: 1 });
});

test('a test that needs Electron is named among the skipped, and its absence excused everywhere', async () => {
  const files = { 'one.test.ts': PASSES, 'electron.test.ts': NEEDS_ELECTRON };
  const { lines, code } = await runTests(files, { HEARTHCAST_NO_SKIPS: '1' });
  expect(lines.slice(-3)).toEqual([
    '1 skipped: needs electron (its runtime and a display: only the release workflow has them)',
    '  test/unit/electron.test.ts > opens',
    '1 passed, 0 failed, 1 skipped',
  ]);
  expect(code).toBe(0);
});

/**
 * Runs test files the way `npm test` does, on a machine that has none of the programs.
 * @param files content by path in test/, or by name for one in test/unit
 */
async function runTests(
  files: Record<string, string>,
  environment: Record<string, string> = {},
): Promise<{ lines: string[]; code: number }> {
  await using project = await mkdtempDisposable(join(tmpdir(), 'hearthcast-reporter-'));
  await symlink(join(ROOT, 'node_modules'), join(project.path, 'node_modules'), 'junction');
  for (const path of [
    'package.json',
    'main/setup.mjs',
    'main/runtime.mjs',
    'test/vitest.config.ts',
    'test/support/chromium.ts',
    'test/support/close-chromium.ts',
    'test/support/reporter.ts',
    'test/support/requirements.ts',
    'test/support/system-environment.ts',
  ]) {
    await mkdir(dirname(join(project.path, path)), { recursive: true });
    await cp(join(ROOT, path), join(project.path, path));
  }
  for (const [name, source] of Object.entries(files)) {
    const path = join(project.path, 'test', name.includes('/') ? name : `unit/${name}`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, source);
  }

  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--config', 'test/vitest.config.ts'], {
    cwd: project.path,
    env: { ...environment, PATH: '', NO_COLOR: '1' },
  });
  const [stdout, , [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { lines: stdout.trimEnd().split('\n'), code };
}
