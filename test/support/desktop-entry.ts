import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import type { Snapshot } from '../../shared/stats.ts';
import type { Request } from './fake-electron/electron-module.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REGISTER = fileURLToPath(new URL('fake-electron/register.ts', import.meta.url));
export const WAIT = { timeout: 20_000 };

/** What the stand-in for Electron has seen. */
export type EntryState = {
  windows: { url: string; isShown: boolean }[];
  heard: { name: string; value: Snapshot }[];
  tray: string[][];
  asked: string[];
  userData: string;
  schemes: { scheme: string }[];
};

/**
 * The desktop entry, as it was built, in a process of its own on a stand-in for Electron.
 * @param root the folder of the app: that of the project, or what a package holds
 * @param env further variables of its environment
 */
export async function startEntry(flags: readonly string[] = [], root = ROOT, env: Record<string, string> = {}) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-entry-'));
  const { main } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { main: string };
  const args = ['--host', '127.0.0.1', '--port', '0', '--data', folder.path, ...flags];
  const child = fork(join(root, main), args, {
    ...{ cwd: root, execArgv: ['--import', REGISTER], silent: true },
    env: { ...process.env, ...env },
  });
  const exit = once(child, 'exit');
  const ask = async <Answer>(request: Request): Promise<Answer> => sendTo<Answer>(child, request);
  await vi.waitFor(async () => expect((await ask<EntryState>({ ask: 'state' })).tray).toHaveLength(1), WAIT);
  return {
    ask,
    state: () => ask<EntryState>({ ask: 'state' }),
    exit,
    folder: folder.path,
    /** Where TVs connect, once they can. */
    relayUrl: () =>
      vi.waitFor(async () => {
        const { value } = await ask<{ value: Snapshot }>({ ask: 'call', name: 'app.snapshot', input: {} });
        expect(value.status).toBe('running');
        return `http://127.0.0.1:${value.relayPort}`;
      }, WAIT),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exit;
      await folder.remove();
    },
  };
}

async function sendTo<Answer>(child: ChildProcess, request: Request): Promise<Answer> {
  child.send(request);
  const [answer] = (await once(child, 'message')) as [{ value: Answer } | { failure: string }];
  if ('failure' in answer) throw new Error(answer.failure);
  return answer.value;
}
