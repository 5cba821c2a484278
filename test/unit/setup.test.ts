import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm, symlink, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  buildFingerprint,
  electronProgram,
  findWindowObstacle,
  isBuilt,
  isInstalled,
  packagingOptions,
  recordInstall,
  whileLocked,
} from '../../main/setup.mjs';
import { createProject, type Project } from '../support/project.ts';
import { needs } from '../support/requirements.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NO_SUCH_PROCESS = 2 ** 22 + 1;

describe('packages', () => {
  test('are not installed until that was noted', async () => {
    await using project = await createProject({ 'package-lock.json': '{}', 'node_modules/a/index.js': '' });
    expect(isInstalled(project.path)).toBe(false);
    recordInstall(project.path);
    expect(isInstalled(project.path)).toBe(true);
  });

  test('are to be installed again when the lock file changed', async () => {
    await using project = await createProject({ 'package-lock.json': '{}', 'node_modules/a/index.js': '' });
    recordInstall(project.path);
    await project.write('package-lock.json', '{ "lockfileVersion": 3 }');
    expect(isInstalled(project.path)).toBe(false);
  });

  test('are to be installed again when node_modules was deleted', async () => {
    await using project = await createProject({ 'package-lock.json': '{}', 'node_modules/a/index.js': '' });
    recordInstall(project.path);
    await rm(join(project.path, 'node_modules'), { recursive: true });
    expect(isInstalled(project.path)).toBe(false);
  });
});

describe('what is built is stale', () => {
  const SOURCES = {
    'package-lock.json': '{}',
    'main/headless.ts': 'one',
    'main/hls/rewrite.ts': 'one',
    'shared/a.ts': 'one',
  };

  test.for<[what: string, change: (project: Project) => Promise<void>]>([
    ['when a file changed', (project) => project.write('main/hls/rewrite.ts', 'changed')],
    ['when a file was added', (project) => project.write('main/hls/playlist.ts', 'new')],
    ['when a file was deleted', (project) => rm(join(project.path, 'shared/a.ts'))],
    ['when a file gave way to an older one', (project) => utimes(join(project.path, 'shared/a.ts'), 1_000, 1_000)],
    ['when the renderer appeared', (project) => project.write('renderer/main.tsx', 'new')],
    ['when the lock file changed', (project) => project.write('package-lock.json', '{ "lockfileVersion": 3 }')],
  ])('%s', async ([, change]) => {
    await using project = await createProject(SOURCES);
    const before = buildFingerprint(project.path);
    await change(project);
    expect(buildFingerprint(project.path)).not.toBe(before);
  });

  test('not when only a test changed', async () => {
    await using project = await createProject(SOURCES);
    const before = buildFingerprint(project.path);
    await project.write('test/unit/hls/rewrite.test.ts', 'new');
    expect(buildFingerprint(project.path)).toBe(before);
  });

  test('when there is none', async () => {
    await using project = await createProject(SOURCES);
    expect(isBuilt(project.path)).toBe(false);
  });
});

describe('two commands at once', () => {
  test('set up one after the other', async () => {
    await using project = await createProject({});
    const events: string[] = [];
    const setUp = (name: string): Promise<void> =>
      whileLocked(project.path, async () => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        events.push(`${name} ends`);
      });
    await Promise.all([setUp('one'), setUp('two')]);
    expect(events).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });

  test('do not wait for one that is gone', async () => {
    await using project = await createProject({ 'out/.setup-lock': String(NO_SUCH_PROCESS) });
    expect(await whileLocked(project.path, async () => 'done')).toBe('done');
  });

  test('wait for one that failed only until it failed', async () => {
    await using project = await createProject({});
    await expect(whileLocked(project.path, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
    expect(await whileLocked(project.path, async () => 'done')).toBe('done');
  });
});

describe('npm run headless', () => {
  const ENTRY = `
    const alive = setInterval(() => undefined, 1_000);
    process.on('SIGTERM', () => {
      console.log('stopping');
      clearInterval(alive);
      process.exitCode = 7;
    });
    console.log(JSON.stringify({ version: 'one', flags: process.argv.slice(2) }));
  `;

  test(
    'builds, prints nothing of its own on stdout, hands the flags on and passes signal and exit code through',
    needs('POSIX'),
    async () => {
      await using project = await createInstalledProject({ 'main/headless.ts': ENTRY });
      const first = await runHeadless(project, ['--port', '0', '--help']);
      expect(first).toEqual({
        stdout: '{"version":"one","flags":["--port","0","--help"]}\nstopping\n',
        stderr: 'Building\n',
        code: 7,
      });
      expect(isBuilt(project.path)).toBe(true);
    },
  );

  test('builds again only what changed', async () => {
    await using project = await createInstalledProject({ 'main/headless.ts': ENTRY });
    await runHeadless(project, []);
    expect(await runHeadless(project, [])).toMatchObject({ stderr: '' });
    await project.write('main/headless.ts', ENTRY.replace('one', 'two'));
    expect(await runHeadless(project, [])).toMatchObject({
      stderr: 'Building\n',
      stdout: '{"version":"two","flags":[]}\nstopping\n',
    });
  });

  test('stops when the shell that npm runs it in was killed', needs('POSIX'), async () => {
    await using project = await createInstalledProject({ 'main/headless.ts': ENTRY });
    const script = `"${process.execPath}" main/setup.mjs headless; true`;
    const env = { ...process.env, npm_lifecycle_event: 'headless' };
    const shell = spawn('sh', ['-c', script], { cwd: project.path, env, stdio: ['ignore', 'pipe', 'inherit'] });
    shell.stdout.once('data', () => shell.kill('SIGTERM'));
    // Its end is the end of all who can write to it: the entry too.
    expect(await text(shell.stdout)).toMatch(/"version":"one".*\nstopping\n$/);
  });

  test('fails with the reason on stderr when the build fails', async () => {
    await using project = await createInstalledProject({ 'main/headless.ts': 'const = ;' });
    const { stdout, stderr, code } = await runHeadless(project, []);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toMatch(/The build failed: see above\.\n$/);
  });
});

describe('npm start', () => {
  test.runIf(process.platform === 'linux')(
    'runs headless where no window can open, and says why in one line',
    async () => {
      await using project = await createInstalledProject({
        'main/headless.ts': 'console.log(JSON.stringify(process.argv.slice(2)));',
      });
      const { stdout, stderr, code } = await runSetup(project, ['start', '--port', '0']);
      expect({ stdout, code }).toEqual({ stdout: '["--port","0"]\n', code: 0 });
      expect(stderr).toBe('Building\nThere is no display here: running headless.\n');
    },
  );

  test.for<
    [what: string, platform: NodeJS.Platform, env: NodeJS.ProcessEnv, uid: number, obstacle: string | undefined]
  >([
    ['on a Linux without a display', 'linux', {}, 1000, 'There is no display here'],
    ['on a Linux whose display has no name', 'linux', { DISPLAY: '' }, 1000, 'There is no display here'],
    ['for root', 'linux', { DISPLAY: ':0' }, 0, 'Electron does not run as root'],
    ['on X11', 'linux', { DISPLAY: ':0' }, 1000, undefined],
    ['on Wayland', 'linux', { WAYLAND_DISPLAY: 'wayland-0' }, 1000, undefined],
    ['on macOS', 'darwin', {}, 501, undefined],
    ['on Windows', 'win32', {}, 0, undefined],
  ])('finds what keeps a window from opening %s', ([, platform, env, uid, obstacle]) => {
    expect(findWindowObstacle({ platform, env, getuid: () => uid })).toBe(obstacle);
  });

  test("finds Electron's runtime where its package puts it, once it is there", async () => {
    await using project = await createProject({ 'node_modules/electron/path.txt': 'electron' });
    expect(electronProgram(project.path)).toBeUndefined();
    await project.write('node_modules/electron/dist/electron', '');
    expect(electronProgram(project.path)).toBe(join(project.path, 'node_modules/electron/dist/electron'));
  });
});

test('an unknown command is answered with the known ones', async () => {
  const child = spawn(process.execPath, [join(ROOT, 'main/setup.mjs'), 'fly']);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
  expect(stderr).toMatch(/^Usage: .*start\|headless/);
});

/** The least that can be built. */
const LEAST_TO_BUILD = {
  'main/index.ts': '',
  'main/headless.ts': '',
  'main/desktop/preload.ts': '',
  'renderer/index.html': '<!doctype html>',
};

describe('packages look for updates', () => {
  const KEY = { HEARTHCAST_UPDATE_KEY: 'MCowBQ==' };

  test('nowhere, unless a feed is given', () => {
    expect(packagingOptions(KEY)).toEqual({ options: [] });
    expect(packagingOptions({ HEARTHCAST_UPDATE_FEED: '', HEARTHCAST_HOMEPAGE: 'https://example.org' })).toEqual({
      options: ['-c.extraMetadata.homepage=https://example.org'],
    });
  });

  test('in a folder of a web server', () => {
    expect(packagingOptions({ ...KEY, HEARTHCAST_UPDATE_FEED: 'https://example.org/feed' }).options).toEqual([
      '-c.publish.provider=generic',
      '-c.publish.url=https://example.org/feed',
      '-c.extraMetadata.updateKey=MCowBQ==',
    ]);
  });

  test('in the releases of a repository', () => {
    expect(packagingOptions({ ...KEY, HEARTHCAST_UPDATE_FEED: 'github:someone/hearthcast' }).options).toEqual([
      '-c.publish.provider=github',
      '-c.publish.owner=someone',
      '-c.publish.repo=hearthcast',
      '-c.extraMetadata.updateKey=MCowBQ==',
    ]);
  });

  test.for([
    [{ HEARTHCAST_UPDATE_FEED: 'https://example.org/feed' }, 'nobody signed'],
    [{ ...KEY, HEARTHCAST_UPDATE_FEED: 'http://example.org/feed' }, 'neither'],
    [{ ...KEY, HEARTHCAST_UPDATE_FEED: 'github:someone' }, 'neither'],
  ] as const)('and never where nothing could be trusted: %o', ([env, lack]) => {
    expect(packagingOptions(env).lack).toContain(lack);
  });
});

/** A project with this one's set-up, build settings and packages: those linked one by one, out of reach of an installation. */
async function createInstalledProject(files: Record<string, string>): Promise<Project> {
  const project = await createProject({ ...LEAST_TO_BUILD, ...files });
  for (const path of [
    'package.json',
    'package-lock.json',
    'main/setup.mjs',
    'main/runtime.mjs',
    'main/electron.vite.config.ts',
    'main/packaging/notices.ts',
  ]) {
    await project.write(path, await readFile(join(ROOT, path), 'utf8'));
  }
  const packages = join(project.path, 'node_modules');
  await mkdir(packages);
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.')) await symlink(join(ROOT, 'node_modules', name), join(packages, name), 'junction');
  }
  recordInstall(project.path);
  return project;
}

/** Runs the entry until it has printed its line or ended by itself; then asks it to stop. */
async function runHeadless(
  project: Project,
  flags: string[],
): Promise<{ stdout: string; stderr: string; code: number }> {
  return runSetup(
    project,
    ['headless', ...flags],
    (child) => void child.stdout.once('data', () => child.kill('SIGTERM')),
  );
}

/** Runs a command to its end, on a machine without a display. */
async function runSetup(
  project: Project,
  args: string[],
  watch: (child: ChildProcessWithoutNullStreams) => void = () => undefined,
): Promise<{ stdout: string; stderr: string; code: number }> {
  const { DISPLAY: _x11, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  const child = spawn(process.execPath, [join(project.path, 'main/setup.mjs'), ...args], { env });
  watch(child);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { stdout, stderr, code };
}
