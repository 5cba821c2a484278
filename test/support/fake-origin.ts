import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

/** A request as the origin received it. `url` is the raw request target, query and percent-encoding untouched. */
export type RecordedRequest = { method: string; url: string; path: string; headers: IncomingHttpHeaders };

export type FakeHandler = (request: RecordedRequest, response: ServerResponse) => void | Promise<void>;

/** Answers by raw path (without the query), or one handler for everything. */
export type FakeRoutes = FakeHandler | Record<string, FakeHandler>;

/** A scripted origin on loopback. Disposing of it breaks off what is under way, and throws when a handler failed. */
export type FakeOrigin = AsyncDisposable & {
  /** Without a slash at the end. */
  url: string;
  port: number;
  /** All requests so far, oldest first. */
  requests: readonly RecordedRequest[];
  /** Those for one path, whatever their query. */
  requestsTo: (path: string) => RecordedRequest[];
  /** Adds or replaces an answer of the table. */
  route: (path: string, handler: FakeHandler) => void;
  openConnections: () => number;
  /** Breaks all connections, as when a provider restarts. */
  dropConnections: () => void;
};

type Where = {
  /** Another loopback address (`127.0.0.2`, `::1`) is another host. */
  host?: string;
  port?: number;
};

/** Starts a scripted origin; paths that are not in its table answer 404. */
export async function startFakeOrigin(
  routes: FakeRoutes,
  { host = '127.0.0.1', port = 0 }: Where = {},
): Promise<FakeOrigin> {
  const requests: RecordedRequest[] = [];
  const failures: unknown[] = [];
  const sockets = new Set<Socket>();
  const table = new Map(Object.entries(typeof routes === 'function' ? {} : routes));
  const notFound = status(404, 'no such thing');

  const server = createServer((incoming, response) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const path = url.replace(/[?#].*/s, '');
    const request = { method, url, path, headers };
    requests.push(request);
    const handler = table.get(path) ?? (typeof routes === 'function' ? routes : notFound);
    const answering = async (): Promise<void> => handler(request, response);
    answering().catch((error: unknown) => {
      failures.push(error);
      response.destroy();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen({ host, port });
  await once(server, 'listening');
  const address = server.address() as AddressInfo;

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    requests,
    requestsTo: (path) => requests.filter((request) => request.path === path),
    route: (path, handler) => void table.set(path, handler),
    openConnections: () => sockets.size,
    dropConnections: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
      if (failures.length > 0) throw new AggregateError(failures, 'a handler of the fake origin failed');
    },
  };
}

/** A complete answer with Content-Length. */
export function body(content: string | Buffer, headers: OutgoingHttpHeaders = {}): FakeHandler {
  return (request, response) => finish(request, response, 200, headers, Buffer.from(content));
}

/** A playlist as most origins send one. */
export function playlist(content: string, headers: OutgoingHttpHeaders = {}): FakeHandler {
  return body(content, { 'Content-Type': 'application/vnd.apple.mpegurl', ...headers });
}

/** Any other status, with a short body. */
export function status(code: number, content = '', headers: OutgoingHttpHeaders = {}): FakeHandler {
  return (request, response) => finish(request, response, code, headers, Buffer.from(content));
}

/** A redirect; `location` as it is to stand in the header. */
export function redirect(location: string, code = 302, headers: OutgoingHttpHeaders = {}): FakeHandler {
  return status(code, '', { Location: location, ...headers });
}

/** A compressed answer, whatever the request accepts. */
export function compressed(
  coding: 'gzip' | 'deflate' | 'br',
  content: string | Buffer,
  headers: OutgoingHttpHeaders = {},
): FakeHandler {
  const compress = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }[coding];
  return body(compress(content), { 'Content-Encoding': coding, ...headers });
}

/** An answer without Content-Length, in these chunks. */
export function chunked(chunks: readonly (string | Buffer)[], headers: OutgoingHttpHeaders = {}): FakeHandler {
  return async (_, response) => {
    response.writeHead(200, headers);
    for (const chunk of chunks) {
      response.write(chunk);
      await sleep(5);
    }
    response.end();
  };
}

/** An answer that honours Range (and If-Range against its ETag, when it has one). */
export function ranged(content: Buffer, headers: OutgoingHttpHeaders & { ETag?: string } = {}): FakeHandler {
  return (request, response) => {
    const range = request.headers['if-range'] === undefined || request.headers['if-range'] === headers.ETag;
    const match = range ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') : null;
    const common = { 'Accept-Ranges': 'bytes', ...headers };
    if (!match) return finish(request, response, 200, common, content);
    const from = Number(match[1]);
    const to = match[2] ? Math.min(content.length, Number(match[2]) + 1) : content.length;
    if (from >= to) {
      return finish(
        request,
        response,
        416,
        { ...common, 'Content-Range': `bytes */${content.length}` },
        Buffer.alloc(0),
      );
    }
    const contentRange = { ...common, 'Content-Range': `bytes ${from}-${to - 1}/${content.length}` };
    finish(request, response, 206, contentRange, content.subarray(from, to));
  };
}

/** Announces the whole body, sends its first `bytes`, and breaks the connection. */
export function diesAfter(bytes: number, content: Buffer, headers: OutgoingHttpHeaders = {}): FakeHandler {
  return async (_, response) => {
    await sendStart(response, bytes, content, headers);
    response.socket?.resetAndDestroy();
  };
}

/** Announces the whole body, sends its first `bytes`, and nothing more; the rest after `forMs`, when given. */
export function stallsAfter(
  bytes: number,
  content: Buffer,
  { forMs, headers = {} }: { forMs?: number; headers?: OutgoingHttpHeaders } = {},
): FakeHandler {
  return async (_, response) => {
    await sendStart(response, bytes, content, headers);
    if (forMs === undefined) return;
    await sleep(forMs);
    response.end(content.subarray(bytes));
  };
}

/** Sends the body in equal pieces over a time. */
export function paced(content: Buffer, overMs: number, headers: OutgoingHttpHeaders = {}): FakeHandler {
  const pieces = 10;
  const size = Math.ceil(content.length / pieces);
  return async (_, response) => {
    response.writeHead(200, { 'Content-Length': content.length, ...headers });
    for (let offset = 0; offset < content.length && !response.destroyed; offset += size) {
      response.write(content.subarray(offset, offset + size));
      await sleep(overMs / pieces);
    }
    response.end();
  };
}

/** Takes the request and never answers. */
export function silence(): FakeHandler {
  return () => undefined;
}

/** Breaks the connection without an answer. */
export function hangUp(): FakeHandler {
  return (_, response) => void response.socket?.resetAndDestroy();
}

/** Waits, then answers. */
export function after(delayMs: number, handler: FakeHandler): FakeHandler {
  return async (request, response) => {
    await sleep(delayMs);
    if (!response.destroyed) await handler(request, response);
  };
}

/** A different answer to each request; the last one from then on. */
export function inTurn(...handlers: [FakeHandler, ...FakeHandler[]]): FakeHandler {
  let turn = 0;
  return (request, response) => {
    const handler = handlers[Math.min(turn, handlers.length - 1)] ?? handlers[0];
    turn += 1;
    return handler(request, response);
  };
}

function finish(
  request: RecordedRequest,
  response: ServerResponse,
  code: number,
  headers: OutgoingHttpHeaders,
  content: Buffer,
): void {
  response.writeHead(code, { 'Content-Length': content.length, ...headers });
  response.end(request.method === 'HEAD' ? undefined : content);
}

/** Flushed to the client before what comes next, so that "after so many bytes" is true. */
async function sendStart(
  response: ServerResponse,
  bytes: number,
  content: Buffer,
  headers: OutgoingHttpHeaders,
): Promise<void> {
  response.writeHead(200, { 'Content-Length': content.length, ...headers });
  response.flushHeaders();
  await new Promise((resolve) => response.write(content.subarray(0, bytes), resolve));
  await sleep(20);
}
