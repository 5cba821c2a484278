// The npm scripts: `node main/setup.mjs COMMAND [flags]` installs what is missing, builds what is stale, then runs.
// Plain JavaScript without dependencies, because it runs before anything is installed, on any Node from 20 on.
// It writes to stderr only: stdout belongs to what it runs.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run, runEntry, runtimeNode, SetupError, stopWithNpm } from './runtime.mjs';

const OLDEST_NODE = 20;
const LOCK_FILE = 'package-lock.json';
const INSTALL_STAMP = 'node_modules/.installed-from';
const BUILD_STAMP = 'out/.built-from';
const SETUP_LOCK = 'out/.setup-lock';
const HEADLESS_ENTRY = 'out/main/headless.js';
const BUILD_INPUTS = ['main', 'shared', 'renderer', LOCK_FILE, 'package.json', 'tsconfig.json'];

/** What npm itself calls (`dependencies` in package.json) when it changed node_modules, so that nothing is installed twice. */
const AFTER_INSTALL = 'installed';

/** A set-up in progress never takes longer; a lock older than this belongs to a process whose id was given to another. */
const LOCK_EXPIRES_AFTER_MS = 20 * 60_000;
const LOCK_POLL_MS = 200;

/** For 110 MB; a network that lets nothing through may never say so. */
const ELECTRON_FETCH_MS = 5 * 60_000;

/** How Electron ends on a Linux that keeps unprivileged programs from making a sandbox. */
const SANDBOX_REFUSED = 128 + constants.signals.SIGTRAP;

/** Send everything that a child prints to stderr. */
const QUIET_STDOUT = ['ignore', 2, 2];

/** The checks of `npm run check` before the tests, by what they check. */
const CHECKS = [
  { what: 'types', tool: ['typescript', 'tsc'], flags: ['--project', '.'] },
  { what: 'lint', tool: ['oxlint', 'oxlint'], flags: ['--type-aware', '--deny-warnings'] },
  { what: 'format', tool: ['prettier', 'prettier'], flags: ['--check', '.'] },
  { what: 'dead code', tool: ['knip', 'knip'], flags: [] },
];

/** What the npm scripts do once everything is installed, by name. Each answers with its exit code. */
const COMMANDS = {
  async start(root, flags) {
    await build(root);
    const obstacle = await findObstacle(root);
    const code = obstacle === undefined ? await runElectron(root, flags) : undefined;
    if (code !== undefined && code !== SANDBOX_REFUSED) return code;
    say(`${obstacle ?? "This system does not let Electron's sandbox run"}: running headless.`);
    return COMMANDS.headless(root, flags);
  },

  async headless(root, flags) {
    await build(root);
    return runEntry(root, join(root, HEADLESS_ENTRY), flags);
  },

  async dev(root, flags) {
    const obstacle = await findObstacle(root);
    if (obstacle === undefined) {
      const devFlags = ['dev', '--watch', '--config', 'main/electron.vite.config.ts', '--', ...flags];
      return runTool(root, 'electron-vite', 'electron-vite', devFlags);
    }
    say(`${obstacle}: the window is served to a browser.`);
    return run(runtimeNode(root), [join(root, 'main/dev.ts'), ...flags]);
  },

  async build(root) {
    await build(root);
    return 0;
  },

  async test(root, flags) {
    await build(root);
    return runTool(root, 'vitest', 'vitest', ['run', '--config', 'test/vitest.config.ts', ...flags]);
  },

  async check(root, flags) {
    say(`Checking ${CHECKS.map(({ what }) => what).join(', ')}`);
    // All at once: some of them use one core only.
    const codes = await Promise.all(CHECKS.map(({ tool, flags: toolFlags }) => runTool(root, ...tool, toolFlags)));
    const failed = CHECKS.filter((_, index) => codes[index] !== 0);
    if (failed.length > 0) throw new SetupError(`Failed: ${failed.map(({ what }) => what).join(', ')}.`);
    return flags.includes('--no-tests') ? 0 : COMMANDS.test(root, []);
  },

  async screenshots(root, flags) {
    await build(root);
    return run(runtimeNode(root), [join(root, 'test/e2e/screenshots.ts'), ...flags]);
  },

  async fuzz(root, flags) {
    return run(runtimeNode(root), [join(root, 'test/fuzz/fuzz.ts'), ...flags]);
  },

  async bench(root, flags) {
    await build(root);
    return run(runtimeNode(root), [join(root, 'test/bench/bench.ts'), ...flags]);
  },

  async crash(root, flags) {
    await build(root);
    return run(runtimeNode(root), [join(root, 'test/crash/crash.ts'), ...flags]);
  },

  async package(root, flags) {
    const { options, lack } = packagingOptions(process.env);
    if (lack !== undefined) throw new SetupError(lack);
    await build(root);
    const isGiven = flags.some((flag) => /^(?:-c|--config)\.electronDist\b/.test(flag));
    if (!isGiven && !(await fetchElectron(root))) throw new SetupError(electronLack(root));
    // A workflow sets a secret that there is none of to nothing, which electron-builder takes for the path of a certificate.
    for (const [name, value] of Object.entries(process.env)) {
      if (value === '' && /^(?:WIN_)?CSC_|^APPLE_/.test(name)) delete process.env[name];
    }
    // Packages are published by hand, or by the release workflow.
    return runTool(root, 'electron-builder', 'electron-builder', ['--publish', 'never', ...options, ...flags]);
  },

  async icons(root) {
    return run(runtimeNode(root), [join(root, 'test/e2e/draw-icons.ts')]);
  },
};

/**
 * What the environment decides of packages: HEARTHCAST_UPDATE_FEED is where they look for updates (the URL of a folder, or
 * `github:OWNER/REPOSITORY`), HEARTHCAST_UPDATE_KEY the public key that those are signed with (see main/packaging/sign-feed.ts),
 * HEARTHCAST_HOMEPAGE where they come from.
 * @param {Record<string, string | undefined>} env
 * @returns {{ options: string[], lack?: string }} options of electron-builder; `lack`: why packages cannot be made so
 */
export function packagingOptions(env) {
  const { HEARTHCAST_UPDATE_FEED: feed, HEARTHCAST_UPDATE_KEY: key, HEARTHCAST_HOMEPAGE: homepage } = env;
  const options = homepage ? [`-c.extraMetadata.homepage=${homepage}`] : [];
  if (!feed) return { options };
  if (!key) {
    const lack = 'HEARTHCAST_UPDATE_FEED needs HEARTHCAST_UPDATE_KEY: updates that nobody signed are not installed.';
    return { options, lack };
  }
  const [, owner, repository] = /^github:([\w.-]+)\/([\w.-]+)$/.exec(feed) ?? [];
  if (repository === undefined && !feed.startsWith('https://')) {
    return { options, lack: 'HEARTHCAST_UPDATE_FEED is neither an https:// URL nor github:OWNER/REPOSITORY.' };
  }
  const publish =
    repository === undefined
      ? ['-c.publish.provider=generic', `-c.publish.url=${feed}`]
      : ['-c.publish.provider=github', `-c.publish.owner=${owner}`, `-c.publish.repo=${repository}`];
  return { options: [...options, ...publish, `-c.extraMetadata.updateKey=${key}`] };
}

/** Whether node_modules was installed from the lock file as it is now, for this platform. */
export function isInstalled(root) {
  return readIfThere(join(root, INSTALL_STAMP)) === lockFingerprint(root);
}

/** Notes that node_modules now holds what the lock file says. */
export function recordInstall(root) {
  writeFileSync(join(root, INSTALL_STAMP), lockFingerprint(root));
}

/** Whether `out/` was built from the sources as they are now. */
export function isBuilt(root) {
  return existsSync(join(root, HEADLESS_ENTRY)) && readIfThere(join(root, BUILD_STAMP)) === buildFingerprint(root);
}

/**
 * What stands for the content of everything that is built: path, size and time of each file.
 * Not the newest time alone, which misses a deleted file and an older one put in its place.
 */
export function buildFingerprint(root) {
  const hash = createHash('sha256');
  for (const input of BUILD_INPUTS) addToFingerprint(hash, root, input);
  return hash.digest('hex');
}

/**
 * Runs `task` while no other process sets up the same folder; waits for its turn.
 * A lock left behind by a process that is gone is taken over.
 */
export async function whileLocked(root, task) {
  const lock = join(root, SETUP_LOCK);
  mkdirSync(dirname(lock), { recursive: true });
  for (let waited = false; !takeLock(lock); waited = true) {
    if (!waited) say('Waiting for another command that is installing or building');
    await sleep(LOCK_POLL_MS);
  }
  try {
    return await task();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock(lock) {
  if (isAbandoned(lock)) rmSync(lock, { force: true });
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function isAbandoned(lock) {
  const owner = Number(readIfThere(lock));
  const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  // An empty lock file is one that its owner is about to write its id to.
  return age > LOCK_EXPIRES_AFTER_MS || (owner > 0 && !isAlive(owner));
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function install(root) {
  if (isInstalled(root)) return;
  await whileLocked(root, async () => {
    if (isInstalled(root)) return;
    if (process.platform === 'win32' && process.execPath.startsWith(join(root, 'node_modules'))) {
      throw new SetupError('The packages changed, and Windows does not replace a Node that runs: type "npm ci" first.');
    }
    say('Installing packages (npm ci)');
    let interrupted = false;
    const attempt = async () => (await npmCi(root, () => (interrupted = true))) === 0;
    // A second try, because a registry may fail once.
    const installed = (await attempt()) || (!interrupted && (await attempt()));
    if (!installed) throw new SetupError('The packages could not be installed: see what npm said above.');
    recordInstall(root);
  });
}

/** `npm ci`, without install scripts: no package that is used has one. */
function npmCi(root, onSignal) {
  const flags = ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--loglevel=error'];
  const options = { cwd: root, stdio: QUIET_STDOUT, onSignal };
  // npm's own Node, since this process may run on the one in node_modules, which is about to be replaced.
  const { npm_execpath: npm, npm_node_execpath: npmNode } = process.env;
  if (npmNode !== undefined && basename(npm ?? '') === 'npm-cli.js') return run(npmNode, [npm, ...flags], options);
  return run('npm', flags, { ...options, shell: process.platform === 'win32' });
}

async function build(root) {
  if (isBuilt(root)) return;
  await whileLocked(root, async () => {
    if (isBuilt(root)) return;
    say('Building');
    // Taken before the build, so that what changes meanwhile is built next time.
    const builtFrom = buildFingerprint(root);
    const flags = ['build', '--config', 'main/electron.vite.config.ts', '--logLevel', 'warn', '--ignoreConfigWarning'];
    const code = await runTool(root, 'electron-vite', 'electron-vite', flags, QUIET_STDOUT);
    if (code !== 0) throw new SetupError('The build failed: see above.');
    writeFileSync(join(root, BUILD_STAMP), builtFrom);
  });
}

/** Whether Electron's runtime is there, or could be fetched. */
async function fetchElectron(root) {
  if (electronProgram(root) !== undefined) return true;
  say("Fetching Electron's runtime");
  const options = { cwd: root, stdio: 'ignore', timeout: ELECTRON_FETCH_MS };
  await run(runtimeNode(root), [join(root, 'node_modules/electron/install.js')], options);
  return electronProgram(root) !== undefined;
}

function electronLack(root) {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'));
  return (
    `Packaging needs Electron's runtime, version ${version}, and it could not be fetched from GitHub. ` +
    'ELECTRON_MIRROR may name another place to fetch it from, and --config.electronDist=FOLDER one where it is unpacked.'
  );
}

/** What keeps the desktop app from opening, in words; undefined: nothing known. */
async function findObstacle(root) {
  const obstacle = findWindowObstacle(process);
  if (obstacle !== undefined) return obstacle;
  return (await fetchElectron(root)) ? undefined : "Electron's runtime could not be fetched";
}

/**
 * What keeps a window from opening on this machine, in words; undefined: nothing.
 * @param {{ platform: string, env: Record<string, string | undefined>, getuid?: () => number }} machine
 */
export function findWindowObstacle({ platform, env, getuid }) {
  if (platform !== 'linux') return undefined;
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return 'There is no display here';
  return getuid?.() === 0 ? 'Electron does not run as root' : undefined;
}

/** Where Electron's runtime is; undefined when it is not. */
export function electronProgram(root) {
  const folder = join(root, 'node_modules/electron');
  const name = readIfThere(join(folder, 'path.txt'));
  if (name === undefined) return undefined;
  const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), name);
  return existsSync(program) ? program : undefined;
}

function runElectron(root, flags) {
  // Set, it would make Electron a Node without windows.
  const { ELECTRON_RUN_AS_NODE: _, ...env } = process.env;
  return run(electronProgram(root), [root, ...flags], { env });
}

/** Runs a package's command on our Node. Not through node_modules/.bin, which holds no such files on Windows. */
function runTool(root, packageName, command, flags, stdio = 'inherit') {
  const folder = join(root, 'node_modules', packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const script = join(folder, typeof bin === 'string' ? bin : bin[command]);
  return run(runtimeNode(root), [script, ...flags], { cwd: root, stdio });
}

/** The platform counts, because packages hold its binaries and a folder may be shared between two. */
function lockFingerprint(root) {
  const { platform, arch } = process;
  return createHash('sha256')
    .update(`${platform}-${arch}\n`)
    .update(readFileSync(join(root, LOCK_FILE)))
    .digest('hex');
}

function addToFingerprint(hash, root, path) {
  const stats = statSync(join(root, path), { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    hash.update(`${path}\0${stats.size}\0${stats.mtimeMs}\n`);
    return;
  }
  for (const name of readdirSync(join(root, path)).toSorted()) addToFingerprint(hash, root, `${path}/${name}`);
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}

function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

/** Does what one npm script asks for; answers with the exit code, undefined while an entry goes on in this process. */
async function main(root, [name, ...flags]) {
  if (majorOf(process.versions.node) < OLDEST_NODE) {
    throw new SetupError(`Hearthcast needs Node ${OLDEST_NODE} or newer; this is Node ${process.versions.node}.`);
  }
  if (name === AFTER_INSTALL) {
    const isComplete = existsSync(join(root, 'node_modules/vitest')); // Not after `npm install --omit=dev`.
    if (isComplete) recordInstall(root);
    return 0;
  }
  stopWithNpm();
  if (!Object.hasOwn(COMMANDS, name)) {
    say(`Usage: node main/setup.mjs ${Object.keys(COMMANDS).join('|')} [flags]`);
    return 2;
  }
  await install(root);
  return COMMANDS[name](root, flags);
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main(dirname(dirname(fileURLToPath(import.meta.url))), process.argv.slice(2));
  } catch (error) {
    say(error instanceof SetupError ? error.message : error.stack);
    process.exitCode = 1;
  }
}
