import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { createServer } from 'vite';
import * as z from 'zod';
import config from './electron.vite.config.ts';

/*
 * `npm run dev` where no desktop app can open: the headless entry, run again whenever its sources change, and its window for a browser
 * on this machine, with hot reload. Everything is printed that the headless entry prints.
 */

const HEADLESS = path.resolve(import.meta.dirname, 'headless.ts');
const ROOT = path.resolve(import.meta.dirname, '..');

const Listening = z.object({ event: z.literal('listening'), control: z.url() });

async function main(flags: readonly string[]): Promise<void> {
  const watched = ['--watch', '--watch-preserve-output', HEADLESS, ...flags];
  const relay = spawn(process.execPath, watched, { stdio: ['ignore', 'pipe', 'inherit'] });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => relay.kill(signal));

  // The relay has another token, and perhaps port, after each change.
  let control: URL | undefined;
  const isUp = Promise.withResolvers<void>();
  createInterface({ input: relay.stdout }).on('line', (line) => {
    process.stdout.write(`${line}\n`);
    control = controlUrlIn(line) ?? control;
    if (control !== undefined) isUp.resolve();
  });
  const end = once(relay, 'exit');
  await Promise.race([isUp.promise, end]);

  const server = await createServer({
    configFile: false,
    root: path.join(ROOT, 'renderer'),
    cacheDir: path.join(ROOT, 'node_modules/.vite'),
    plugins: [
      config.renderer?.plugins,
      {
        name: 'relay',
        configureServer: ({ middlewares }) =>
          void middlewares.use((request, response, next) => {
            // Not by the path that `use` can take: that would have /api.ts too.
            if (request.url?.startsWith('/api/') === true) forward(request, response, control);
            else next();
          }),
      },
    ],
  });
  if (relay.exitCode === null) {
    await server.listen();
    process.stderr.write(`The window, with hot reload: ${server.resolvedUrls?.local[0] ?? ''}\n`);
  }
  await end;
  await server.close();
  process.exitCode = relay.exitCode ?? 0;
}

function controlUrlIn(line: string): URL | undefined {
  if (!line.startsWith('{')) return undefined;
  const { data } = Listening.safeParse(JSON.parse(line));
  return data && new URL(data.control);
}

/** Passes a command on as the relay's own page would send it. */
function forward(request: IncomingMessage, response: ServerResponse, control?: URL): void {
  const headers = {
    'Content-Type': request.headers['content-type'] ?? '',
    Authorization: `Bearer ${control?.searchParams.get('token') ?? ''}`,
  };
  const url = new URL(request.url ?? '', control);
  const command = http.request(url, { method: request.method ?? 'GET', headers, agent: false }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  command.on('error', () => response.destroy());
  response.on('close', () => command.destroy());
  request.pipe(command);
}

await main(process.argv.slice(2));
