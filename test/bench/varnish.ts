import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';

const START_TIMEOUT_MS = 15_000;

/** A Varnish in front of an origin. */
export type Varnish = AsyncDisposable & { url: string };

/** Starts Varnish, the best of the caches that were measured for the design; null where it is not installed. */
export async function startVarnish({ originUrl, core }: { originUrl: string; core: number }): Promise<Varnish | null> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'hearthcast-varnish-')));
  const { hostname, port: originPort } = new URL(originUrl);
  const vcl = join(folder.path, 'default.vcl');
  await writeFile(vcl, `vcl 4.1; backend origin { .host = "${hostname}"; .port = "${originPort}"; }\n`);
  const port = await freePort();
  const flags = [
    '-F',
    '-j',
    'none',
    '-n',
    join(folder.path, 'work'),
    '-a',
    `127.0.0.1:${port}`,
    '-f',
    vcl,
    '-s',
    'malloc,512m',
  ];
  /* By taskset from the start, so that its own child process is pinned too. */
  const varnish = spawn('taskset', ['-c', String(core), 'varnishd', ...flags], { stdio: 'ignore' });
  const ended = once(varnish, 'exit').catch(() => undefined);
  stack.defer(async () => {
    varnish.kill('SIGTERM');
    await ended;
  });
  if (!(await isListening(port, ended))) return null;
  const started = stack.move();
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function isListening(port: number, ended: Promise<unknown>): Promise<boolean> {
  let gone = false;
  void ended.then(() => {
    gone = true;
  });
  const until = performance.now() + START_TIMEOUT_MS;
  while (!gone && performance.now() < until) {
    const socket = connect({ port, host: '127.0.0.1' });
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return true;
    await sleep(100);
  }
  return false;
}
