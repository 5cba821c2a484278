import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { MAX_TEXT_CHARACTERS, type CommandName, type Reply } from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';
import { createConnections } from '../connections.ts';
import { ProxyError, systemErrorCode } from '../errors.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { Dispatch } from './dispatch.ts';
import { createEventStream, type EventStream } from './event-stream.ts';
import type { Events } from './events.ts';
import { pageHeaders } from './page-headers.ts';
import { readRendererFile } from './renderer-files.ts';
import { readBody } from './request-body.ts';
import {
  BUG,
  NO_JSON,
  NO_JSON_TYPE,
  NOT_ALLOWED,
  NOT_BUILT,
  NOT_FOUND,
  sendJson,
  sendRefusal,
  TOO_LONG,
} from './refusal.ts';
import { createWebGuard, type WebGuard } from './web-guard.ts';

/** What the control port answers with. */
export type ControlServerDeps = {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Whoever knows it is let in. */
  token: string;
  /** The folder that the window was built into. */
  rendererFolder: string;
  dispatch: Dispatch;
  events: Events;
  health: () => unknown;
  /** In the text format of Prometheus. */
  metrics: () => Promise<{ contentType: string; text: string }>;
  log: Logger;
  /** Milliseconds of a clock that is never set back. */
  steady: () => number;
};

/** The window and the contract over HTTP, for one who knows the token. */
export type ControlServer = Part & {
  /** Where a browser on this machine opens the window, token included. */
  readonly url: string;
};

type Exchange = { request: IncomingMessage; response: ServerResponse; url: URL };

type Gate = ControlServerDeps & { guard: WebGuard; stream: EventStream };

const MIB = 1024 * 1024;
const DEFAULT_BODY_BYTES = MIB;

/** Commands whose input may be long: whole lists as text, or all ids of a long list. */
const BODY_BYTES: Partial<Record<CommandName, number>> = {
  'lists.plan': bytesOfText(MAX_TEXT_CHARACTERS),
  'backup.restore': bytesOfText(MAX_TEXT_CHARACTERS),
  'channels.saveMany': 16 * MIB,
  'channels.remove': 16 * MIB,
  'channels.move': 16 * MIB,
  'health.checkMany': 16 * MIB,
};

const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** One that is full goes on taking newcomers: whoever holds many does not lock the others out. */
const MAX_CONNECTIONS = 256;
/** How long answers under way may take to finish when the app stops. */
const DRAIN_MS = 500;

export function createControlServer(deps: ControlServerDeps): ControlServer {
  const { host, token, log } = deps;
  const server = http.createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 2_000,
    noDelay: true,
  });
  const connections = createConnections({ max: MAX_CONNECTIONS });
  const port = (): number => (server.address() as AddressInfo | null)?.port ?? 0;
  const stream = createEventStream(deps);
  const gate: Gate = { ...deps, stream, guard: createWebGuard({ ...deps, port }) };

  server.on('connection', (socket: Socket) => connections.add(socket, true));
  server.on('request', (request, response) => {
    const answered = connections.requested(request.socket);
    if (answered === undefined) return void request.socket.destroy();
    response.once('close', answered);
    return void answer(gate, request, response);
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  server.on('upgrade', (_request, socket: Socket) => socket.destroy());

  return {
    name: 'control server',
    get url() {
      return `http://${nameForBrowser(host)}:${port()}/?token=${token}`;
    },
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', (cause) => reject(listenError(deps, cause)));
        server.listen({ host, port: deps.port }, () => {
          server.removeAllListeners('error');
          server.on('error', (error) => log.error({ err: error }, 'the control server had an error'));
          resolve();
        });
      }),
    stop: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        stream.stop();
        server.closeIdleConnections();
      }),
  };
}

/** The one error path: what is expected was answered on the way, so anything that gets here is a bug. */
async function answer(gate: Gate, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const url = targetOf(request);
    if (url === null) return sendRefusal(request, response, NOT_FOUND);
    await route(gate, { request, response, url });
  } catch (error) {
    if (request.errored !== null || response.destroyed) return;
    gate.log.error({ err: error, method: request.method }, 'a request to the control port ran into a bug');
    if (response.headersSent) response.destroy();
    else sendRefusal(request, response, BUG);
  }
}

/** Null for one that names another server (`//name/`, `http://name/`), or none (`*`). */
function targetOf({ url = '' }: IncomingMessage): URL | null {
  return /^\/(?![/\\])/.test(url) ? URL.parse(url, 'http://control') : null;
}

async function route(gate: Gate, { request, response, url }: Exchange): Promise<void> {
  const { guard } = gate;
  setHeaders(request, response);
  const foreign = guard.refusesOrigin(request);
  if (foreign !== undefined) return sendRefusal(request, response, foreign);
  if (url.pathname === '/health' && isRead(request)) return sendJson(response, 200, gate.health());

  const offered = url.pathname === '/' && isRead(request) ? (url.searchParams.get('token') ?? undefined) : undefined;
  const stranger = guard.refusesToken(request, offered);
  if (stranger !== undefined) return sendRefusal(request, response, stranger);
  // Out of the address bar, the history and every Referer.
  if (offered !== undefined) return void response.writeHead(303, { Location: '/', 'Set-Cookie': guard.cookie }).end();

  const [, command] = /^\/api\/([\w.]{1,50})$/.exec(url.pathname) ?? [];
  if (command === 'events' && request.method === 'GET') return gate.stream.open(response);
  if (command !== undefined && command !== 'events') return answerCommand(gate, { request, response, url }, command);
  if (!isRead(request)) return sendRefusal(request, response, { ...NOT_ALLOWED, headers: { Allow: 'GET, HEAD' } });
  if (url.pathname === '/metrics') return answerMetrics(gate, response);
  return answerFile(gate, { request, response, url });
}

async function answerCommand({ dispatch }: Gate, { request, response }: Exchange, command: string): Promise<void> {
  if (request.method !== 'POST') {
    return sendRefusal(request, response, { ...NOT_ALLOWED, headers: { Allow: 'POST' } });
  }
  if (!/^application\/json(?:$|[\s;])/i.test(request.headers['content-type'] ?? '')) {
    return sendRefusal(request, response, NO_JSON_TYPE);
  }
  const body = await readBody(request, maxBodyBytes(command));
  if (body === undefined) return sendRefusal(request, response, TOO_LONG);
  const input = parseJson(body);
  if (input === undefined) return sendRefusal(request, response, NO_JSON);
  const reply = await dispatch(command, input.value, { who: `web ${request.socket.remoteAddress ?? ''}` });
  sendJson(response, statusOf(reply), reply);
}

async function answerMetrics({ metrics }: Gate, response: ServerResponse): Promise<void> {
  const { contentType, text } = await metrics();
  response.writeHead(200, { 'Content-Type': contentType }).end(text);
}

async function answerFile({ rendererFolder }: Gate, { request, response, url }: Exchange): Promise<void> {
  const file = await readRendererFile(rendererFolder, url.pathname);
  if (file === undefined) return sendRefusal(request, response, url.pathname === '/' ? NOT_BUILT : NOT_FOUND);
  response.writeHead(200, {
    'Content-Type': file.contentType,
    'Content-Length': file.body.length,
    'Cache-Control': file.isHashed ? 'private, max-age=31536000, immutable' : 'no-cache',
  });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

function setHeaders({ headers: { host = '' } }: IncomingMessage, response: ServerResponse): void {
  // The window plays the relay's streams, also after the relay has moved to another port: any port, but of this host only.
  const relayOrigin = /^[\w.:[\]-]+$/.test(host) ? `http://${host.replace(/:\d+$/, '')}:*` : '';
  response.setHeaders(new Map(Object.entries(pageHeaders(relayOrigin))));
  response.setHeader('Cache-Control', 'no-store');
}

/** A failure of what was asked for is an answer too; only a wrong question gets a status of its own. */
function statusOf(reply: Reply<unknown>): number {
  if (reply.ok) return 200;
  switch (reply.error.code) {
    case 'BAD_INPUT':
      return 400;
    case 'UNKNOWN_COMMAND':
      return 404;
    case 'BUG':
      return 500;
    default:
      return 200;
  }
}

/** What a text takes as JSON in UTF-8, at most: three bytes for a Chinese character, two for a quote or a line break. */
function bytesOfText(characters: number): number {
  return 3 * characters + MIB;
}

function maxBodyBytes(command: string): number {
  return Object.hasOwn(BODY_BYTES, command)
    ? (BODY_BYTES[command as CommandName] ?? DEFAULT_BODY_BYTES)
    : DEFAULT_BODY_BYTES;
}

function parseJson(body: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return undefined;
  }
}

function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** A browser cannot open "all interfaces". */
function nameForBrowser(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function listenError({ host, port }: ControlServerDeps, cause: unknown): ProxyError {
  switch (systemErrorCode(cause)) {
    case 'EADDRINUSE':
      return new ProxyError('PORT_IN_USE', say('control.portInUse', { port }), { cause });
    case 'EACCES':
      return new ProxyError('PORT_IN_USE', say('control.portForbidden', { port }), { cause });
    default: {
      const code = systemErrorCode(cause) ?? say('unknown.error');
      return new ProxyError('PORT_IN_USE', say('control.cannotListen', { address: `${host}:${port}`, code }), {
        cause,
      });
    }
  }
}
