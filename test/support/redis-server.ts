import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { findProgram } from './requirements.ts';

/** A real redis-server of a test's own, on a loopback port, that keeps nothing on disk. Disposing of it ends it. */
export type RedisServer = AsyncDisposable & {
  url: string;
  /** Keeps its connections and answers nothing, until thawed. */
  freeze: () => void;
  thaw: () => void;
};

export type RedisServerOptions = {
  /** Where it listens; a free port unless given. */
  port?: number;
  password?: string;
};

/** @throws when redis-server is not on this machine: ask `needs('redis-server')` first */
export async function startRedisServer({ port, password }: RedisServerOptions = {}): Promise<RedisServer> {
  const program = findProgram('redis-server');
  if (program === undefined) throw new Error('there is no redis-server here');
  const ownPort = port ?? (await findFreePort());
  const secret = password === undefined ? [] : ['--requirepass', password];
  const listen = ['--bind', '127.0.0.1', '--port', String(ownPort)];
  const child = spawn(program, [...listen, '--save', '', '--appendonly', 'no', ...secret], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  await untilReady(child);

  return {
    url: `redis://127.0.0.1:${ownPort}`,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      process.off('exit', killWithUs);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A loopback port that nothing listens on right now. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilReady(child: ChildProcess): Promise<void> {
  if (child.stdout === null) throw new Error('redis-server has no output');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (!line.includes('Ready to accept connections')) continue;
    child.stdout.resume();
    return;
  }
  throw new Error(`redis-server did not start:\n${lines.join('\n')}`);
}
