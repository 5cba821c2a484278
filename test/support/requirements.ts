import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { electronProgram, findWindowObstacle } from '../../main/setup.mjs';
import { systemEnvironment } from './system-environment.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const REGISTRY_PATIENCE_MS = 20_000;
const VERSION_PATIENCE_MS = 10_000;

type Program = {
  howToGet: string;
  /** Where to look for it: names of commands, and whole paths. */
  commands: readonly string[];
  /** The variable that says where it is. */
  pathVariable?: string;
  /** What makes it say its version, if not `--version`. */
  versionFlag?: string;
  /** For what is no command. */
  find?: (environment: NodeJS.ProcessEnv) => string | undefined;
  /** Tests that need it may be skipped even where nothing else may. */
  mayBeMissing?: boolean;
};

/** The programs that some tests drive and that npm does not bring. */
export const PROGRAMS = {
  ffmpeg: {
    commands: ['ffmpeg', 'ffmpeg.exe'],
    versionFlag: '-version',
    howToGet: 'apt-get install ffmpeg / brew install ffmpeg',
  },
  'redis-server': {
    commands: ['redis-server', 'redis-server.exe'],
    howToGet: 'apt-get install redis-server / brew install redis',
  },
  chromium: {
    pathVariable: 'CHROME_PATH',
    commands: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
    howToGet: 'apt-get install chromium / brew install --cask google-chrome, or set CHROME_PATH',
  },
  mpv: {
    commands: ['mpv'],
    howToGet: 'apt-get install mpv / brew install mpv',
  },
  cvlc: {
    commands: ['cvlc'],
    howToGet: 'apt-get install vlc-bin vlc-plugin-base',
  },
  'gst-launch-1.0': {
    commands: ['gst-launch-1.0'],
    howToGet:
      'apt-get install gstreamer1.0-tools gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav',
  },
  'systemd-analyze': {
    commands: ['systemd-analyze'],
    howToGet: 'apt-get install systemd; Linux only',
  },
  electron: {
    commands: [],
    find: (environment) => {
      const { platform, getuid } = process;
      const canOpenWindow = findWindowObstacle({ platform, env: environment, ...(getuid && { getuid }) }) === undefined;
      return canOpenWindow ? electronProgram(ROOT) : undefined;
    },
    howToGet: 'its runtime and a display: only the release workflow has them',
    mayBeMissing: true,
  },
  'npm registry': {
    commands: [],
    find: () => {
      const { status, stderr } = spawnSync('npm', ['ping', '--fetch-retries=0'], {
        env: { ...process.env, ...systemEnvironment() },
        encoding: 'utf8',
        timeout: REGISTRY_PATIENCE_MS,
      });
      return status === 0 ? /https?:\S+/.exec(stderr)?.[0] : undefined;
    },
    howToGet: 'a network in which `npm ping` gets an answer',
  },
  'loop device': {
    commands: [],
    find: () =>
      isRoot() && isExecutable('/sbin/mkfs.ext4') && isWritable('/dev/loop-control') ? '/dev/loop-control' : undefined,
    howToGet: 'Linux, root and loop devices: a power cut is simulated on a file system of its own',
    mayBeMissing: true,
  },
  Linux: {
    commands: [],
    find: () => (process.platform === 'linux' ? '/' : undefined),
    howToGet: 'a Linux kernel: its loopback has 127.0.0.0/8 whole, and its /proc tells what a process takes',
    mayBeMissing: true,
  },
  'network namespace': {
    commands: [],
    find: () =>
      isRoot() &&
      spawnSync('unshare', ['--net', 'ip', 'link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan1']).status === 0
        ? 'unshare'
        : undefined,
    howToGet: 'Linux, root and iproute2: addresses come and go in a network of its own',
    mayBeMissing: true,
  },
  POSIX: {
    commands: [],
    find: () => (process.platform === 'win32' ? undefined : '/'),
    howToGet: 'signals that a program can answer, and modes of files: any system but Windows',
    mayBeMissing: true,
  },
  mount: {
    commands: [],
    find: () => (isRoot() && process.platform === 'linux' ? '/bin/mount' : undefined),
    howToGet: 'Linux and root: a disk is made full on a file system of its own',
    mayBeMissing: true,
  },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;

declare module 'vitest' {
  interface TaskMeta {
    /** What a test needs, and what of it was not found, for the closing summary. */
    needed?: readonly ProgramName[];
    missing?: readonly ProgramName[];
  }
}

/** The path of a program on this machine, if it has it. */
export function findProgram(name: ProgramName, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const program: Program = PROGRAMS[name];
  if (program.find !== undefined) return program.find(environment);
  const chosen = program.pathVariable === undefined ? undefined : environment[program.pathVariable];
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = program.commands.flatMap((command) =>
    isAbsolute(command) ? [command] : folders.map((folder) => join(folder, command)),
  );
  return [...(chosen === undefined ? [] : [chosen]), ...candidates].find(isExecutable);
}

/** The version of a command on this machine, as it says it itself. */
export function versionOf(name: ProgramName): string | undefined {
  const program: Program = PROGRAMS[name];
  const path = program.find === undefined ? findProgram(name) : undefined;
  if (path === undefined) return undefined;
  const { stdout } = spawnSync(path, [program.versionFlag ?? '--version'], {
    encoding: 'utf8',
    timeout: VERSION_PATIENCE_MS,
  });
  return /\d[\w.+~-]*/.exec(stdout.replaceAll(name, ''))?.[0]; // A name may hold a number.
}

/**
 * Options for `describe` and `test`: skip where a program is missing, and let the closing summary name it.
 * @throws when the variable HEARTHCAST_MUST_HAVE names it (several with commas): for runs whose point it is
 */
export function needs(...programs: readonly ProgramName[]): {
  skip: boolean;
  meta: { needed: readonly ProgramName[]; missing: readonly ProgramName[] };
} {
  const missing = programs.filter((program) => findProgram(program) === undefined);
  const promised = (process.env['HEARTHCAST_MUST_HAVE'] ?? '').split(',');
  const absent = missing.filter((program) => promised.includes(program));
  if (absent.length > 0) throw new Error(`HEARTHCAST_MUST_HAVE names what is not here: ${absent.join(', ')}`);
  return { skip: missing.length > 0, meta: { needed: programs, missing } };
}

/** Whether all that a skipped test missed is known to be missing almost everywhere. */
export function isExcused(missing: readonly ProgramName[]): boolean {
  return missing.length > 0 && missing.every((name) => (PROGRAMS[name] as Program).mayBeMissing === true);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function isExecutable(path: string): boolean {
  return may(path, constants.X_OK);
}

function isWritable(path: string): boolean {
  return may(path, constants.W_OK);
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
