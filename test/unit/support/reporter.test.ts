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
  expect(lines.slice(-4)).toEqual([
    '2 skipped: needs ffmpeg (apt-get install ffmpeg / brew install ffmpeg)',
    '1 skipped: needs redis-server (apt-get install redis-server / brew install redis)',
    '1 skipped: not on a Tuesday',
    '0 passed, 0 failed, 4 skipped',
  ]);
  expect(code).toBe(0);
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
  expect(lines.slice(-2)).toEqual([
    '1 skipped: needs electron (its runtime and a display: only the release workflow has them)',
    '1 passed, 0 failed, 1 skipped',
  ]);
  expect(code).toBe(0);
});

/** Runs test files the way `npm test` does, on a machine that has none of the programs. */
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
    'test/support/reporter.ts',
    'test/support/requirements.ts',
  ]) {
    await mkdir(dirname(join(project.path, path)), { recursive: true });
    await cp(join(ROOT, path), join(project.path, path));
  }
  await mkdir(join(project.path, 'test/unit'));
  for (const [name, source] of Object.entries(files)) await writeFile(join(project.path, 'test/unit', name), source);

  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--config', 'test/vitest.config.ts'], {
    cwd: project.path,
    env: { ...environment, PATH: '', NO_COLOR: '1' },
  });
  const [stdout, , [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { lines: stdout.trimEnd().split('\n'), code };
}
