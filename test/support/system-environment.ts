import { delimiter, sep } from 'node:path';

const BINARIES = `${sep}node_modules${sep}.bin`;

/**
 * What to change in this process's environment so that a program sees what a user's shell would show it: `npm test` puts the project's own
 * Node and tools first in PATH, and its settings into variables. Undefined takes a variable away.
 */
export function systemEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string | undefined> {
  const ours = Object.keys(environment).filter((name) => /^(?:npm_|INIT_CWD$|NODE|VITEST|TEST$)/i.test(name));
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => !folder.endsWith(BINARIES));
  return { ...Object.fromEntries(ours.map((name) => [name, undefined])), PATH: folders.join(delimiter) };
}
