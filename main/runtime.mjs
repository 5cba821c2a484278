// Which Node everything real runs on, and running things on it: shared by the npm scripts and by the installed command.
// Plain JavaScript without dependencies, for any Node from 18 on.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const RUNTIME_NODE = 24;

/** How often to look whether npm is still there. */
const PARENT_POLL_MS = 250;

const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A failure that one sentence explains. */
export class SetupError extends Error {}

/**
 * The Node that everything real runs on: the running one when it is new enough, else the one that npm installed,
 * in the project's own folder or, where the project is a package among others, beside it.
 * Undefined when there is neither.
 */
export function chooseNode({ root, version, execPath, platform, arch }) {
  if (Number.parseInt(version, 10) >= RUNTIME_NODE) return execPath;
  const [system, binary] = platform === 'win32' ? ['win', 'node.exe'] : [platform, 'node'];
  try {
    return createRequire(join(root, 'package.json')).resolve(`node-${system}-${arch}/bin/${binary}`);
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** As `chooseNode`, for this process. @throws SetupError when there is none */
export function runtimeNode(root) {
  const { execPath, platform, arch, versions } = process;
  const node = chooseNode({ root, version: versions.node, execPath, platform, arch });
  if (node !== undefined) return node;
  throw new SetupError(
    `Hearthcast runs on Node ${RUNTIME_NODE} or newer; this is Node ${versions.node}, and npm installed no other for ${platform}-${arch}: install Node ${RUNTIME_NODE}, from https://nodejs.org.`,
  );
}

/** Runs an entry of ours: in this process when its Node will do, which saves a process and a start. */
export async function runEntry(root, entry, flags) {
  const node = runtimeNode(root);
  if (node !== process.execPath) return run(node, [entry, ...flags]);
  process.argv = [node, entry, ...flags];
  await import(pathToFileURL(entry).href);
  return process.exitCode;
}

/**
 * Runs a program to its end, passes the signals on that this process gets, and answers with the exit code.
 * @throws SetupError when the system cannot run it
 */
export async function run(command, args, { stdio = 'inherit', onSignal = () => undefined, ...options } = {}) {
  const child = spawn(command, args, { stdio, ...options });
  const forward = (signal) => {
    onSignal();
    // A terminal sends Ctrl+C to every process in its foreground, so the child has it already.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of FORWARDED_SIGNALS) process.on(signal, forward);
  try {
    const [code, signal] = await once(child, 'exit');
    return code ?? 128 + constants.signals[signal];
  } catch (error) {
    throw new SetupError(`This system cannot run ${command}: ${error.message}`, { cause: error });
  } finally {
    for (const signal of FORWARDED_SIGNALS) process.off(signal, forward);
  }
}

/**
 * npm and npx run things in a shell, and a shell that is told to stop often just dies: its end counts as the signal then.
 * Otherwise what runs would go on unseen, its port in use.
 */
export function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== shell) process.kill(process.pid, 'SIGTERM');
  }, PARENT_POLL_MS).unref();
  process.once('SIGTERM', () => {
    clearInterval(watch);
    const isHandled = process.listenerCount('SIGTERM') > 0;
    if (!isHandled) process.exit(128 + constants.signals.SIGTERM);
  });
}
