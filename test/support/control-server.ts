import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises';
import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDispatch, type Handlers } from '../../main/control/dispatch.ts';
import { createEvents, type Events } from '../../main/control/events.ts';
import { createControlServer, type ControlServerDeps } from '../../main/control/web.ts';
import { silentLogger } from '../../main/log.ts';
import { scriptedHandlers } from './scripted-handlers.ts';
import { emptySnapshot } from './snapshot.ts';

export const TOKEN = 'test-token-0123456789-0123456789-0123456789';

/** An answer of the control port. */
export type ControlAnswer = { status: number; headers: IncomingHttpHeaders; text: string };

/** A request of any shape; the token comes with it unless `authorization` says otherwise. */
export type ControlRequest = {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string | Buffer | Iterable<string>;
  /** Empty: none. */
  authorization?: string;
};

/** A control server on a free loopback port; disposing of it stops it. */
export type TestControlServer = AsyncDisposable & {
  /** Without path. */
  origin: string;
  port: number;
  /** Where a browser would begin, token included. */
  url: string;
  rendererFolder: string;
  ask: (path: string, request?: ControlRequest) => Promise<ControlAnswer>;
  /** A command with a JSON body. */
  command: (name: string, body: string, request?: ControlRequest) => Promise<ControlAnswer>;
};

/** Serves scripted handlers and a window that consists of `files`. */
export async function startControlServer({
  handlers = {},
  files = {},
  events = quietEvents(),
  ...overrides
}: Partial<ControlServerDeps> & {
  handlers?: Partial<Handlers>;
  files?: Record<string, string>;
  events?: Events;
} = {}): Promise<TestControlServer> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-window-'));
  const rendererFolder = join(folder.path, 'renderer');
  await writeFiles(rendererFolder, files);
  const server = createControlServer({
    host: '127.0.0.1',
    port: 0,
    token: TOKEN,
    rendererFolder,
    dispatch: createDispatch({ handlers: scriptedHandlers(handlers), log: silentLogger }),
    events,
    health: () => ({ status: 'ok' }),
    metrics: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'hearthcast_viewers 0\n' }),
    log: silentLogger,
    steady: Date.now,
    ...overrides,
  });
  await server.start?.();
  const { origin, port } = new URL(server.url);
  const ask = (path: string, request?: ControlRequest): Promise<ControlAnswer> => askAt(`${origin}${path}`, request);
  return {
    origin,
    port: Number(port),
    url: server.url,
    rendererFolder,
    ask,
    command: (name, body, { headers, ...request } = {}) =>
      ask(`/api/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body,
        ...request,
      }),
    [Symbol.asyncDispose]: async () => {
      await server.stop?.();
      await folder.remove();
    },
  };
}

/** The state of an idle relay once a second, and nothing else. */
export function quietEvents(): Events {
  return createEvents({ snapshot: () => ({ ...emptySnapshot }), followLog: () => () => undefined, log: silentLogger });
}

/** One request on a connection of its own, with whatever headers it says. */
export function askAt(
  url: string,
  { method = 'GET', headers = {}, body, authorization = `Bearer ${TOKEN}` }: ControlRequest = {},
): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const credentials = authorization === '' ? {} : { Authorization: authorization };
    const request = http.request(url, { method, agent: false, headers: { ...credentials, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status = 0, headers: answered } = response;
        resolve({ status, headers: answered, text: Buffer.concat(chunks).toString() });
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    if (body === undefined || typeof body === 'string' || body instanceof Buffer) return void request.end(body);
    for (const piece of body) request.write(piece);
    request.end();
  });
}

async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}
