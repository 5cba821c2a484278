import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { Server as SocketServer, type AddressInfo, type Socket } from 'node:net';
import { say } from '../../shared/sentences.ts';
import { ProxyError, systemErrorCode } from '../errors.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { createConnections } from '../connections.ts';
import { SOCKET_BUFFER_BYTES } from './respond.ts';
import type { Visitors } from './visitors.ts';

/** Port 0: any free one. */
export type ListenAddress = { host: string; port: number };

/** Who is let in, and what is answered. Another takes its place when settings change. */
export type Front = {
  /** @param address of the client, as its socket says */
  admits(address: string | undefined): boolean;
  answer(request: IncomingMessage, response: ServerResponse): void;
};

/** The sockets that TVs connect to. They outlive the settings: a change of what is answered cuts no connection. */
export type ProxyServer = Part & {
  /** The port it listens on; 0 while it does not. */
  readonly port: number;
  /**
   * Listens there, and has requests answered by this front from now on. What is being answered is finished by the front that began
   * it; only who may not connect any more is cut off. Where the port moves, connections to the old one live on until their clients end them.
   * @throws ProxyError PORT_IN_USE; everything is then as before
   */
  serve(front: Front, address: ListenAddress): Promise<void>;
};

export type ProxyServerDeps = { visitors: Visitors; log: Logger };

/** Listens as it was asked to. */
type Listening = { server: http.Server; address: ListenAddress };

/** How long running responses may take to finish when the app stops. */
const DRAIN_MS = 2_000;
const IDLE_CHECK_MS = 50;
const MAX_HEADER_BYTES = 16 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
/** A TV that asks for nothing keeps its connection this long; longer than most pause between two segments. */
const KEEP_ALIVE_MS = 75_000;
/** A client that takes nothing of its answer for this long is gone. */
const STUCK_TIMEOUT_MS = 120_000;
const MAX_CONNECTIONS = 12_000;
const BACKLOG = 4096;

export function createProxyServer({ visitors, log }: ProxyServerDeps): ProxyServer {
  const connections = createConnections({ max: MAX_CONNECTIONS });
  /** No longer accept anybody, and have connections still. */
  const former = new Set<http.Server>();
  let front: Front | undefined;
  let listening: Listening | undefined;

  function createServer(): http.Server {
    const server = http.createServer({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: HEADERS_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 2_000,
      highWaterMark: SOCKET_BUFFER_BYTES,
      noDelay: true,
    });
    server.timeout = STUCK_TIMEOUT_MS;

    server.on('connection', (socket: Socket) => {
      const isWelcome = front?.admits(socket.remoteAddress) === true;
      connections.add(socket, isWelcome);
      if (isWelcome) visitors.welcome(socket.remoteAddress);
      else refuse(socket);
    });
    server.on('request', (request, response) => {
      const answered = connections.requested(request.socket);
      if (answered === undefined) return request.socket.destroySoon();
      response.once('close', answered);
      return front?.answer(request, response);
    });
    server.on('clientError', (error, socket) => {
      if (!socket.writable || systemErrorCode(error) === 'ECONNRESET') return socket.destroy();
      const isTooLong = systemErrorCode(error) === 'HPE_HEADER_OVERFLOW';
      return socket.end(
        rawError(
          isTooLong ? '431 Request Header Fields Too Large' : '400 Bad Request',
          'This is not a request that the relay understands.',
          'BAD_REQUEST',
        ),
      );
    });
    // Without a listener Node would hang up without a word. (An offer to upgrade needs none: it is ignored, RFC 9110 7.8.)
    server.on('connect', (_request, socket) =>
      socket.end(
        rawError(
          '405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS',
          'The relay is no tunnel.',
          'METHOD_NOT_ALLOWED',
        ),
      ),
    );
    return server;
  }

  function refuse(socket: Socket): void {
    // Once for each: a stranger that goes on trying must not fill the log.
    if (visitors.refuse(socket.remoteAddress))
      log.warn({ client: socket.remoteAddress }, 'A client was refused: it may not connect.');
    socket.end(rawError('403 Forbidden', 'This relay serves its own network only.', 'FORBIDDEN'));
  }

  function listen(address: ListenAddress): Promise<Listening> {
    const server = createServer();
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => reject(listenError(address, cause)));
      server.listen({ ...address, backlog: BACKLOG }, () => {
        server.removeAllListeners('error');
        server.on('error', (error) => log.error({ err: error }, 'the server had an error'));
        resolve({ server, address });
      });
    });
  }

  async function move(before: Listening, address: ListenAddress): Promise<Listening> {
    const portBefore = portOf(before.server);
    const isAnyPort = address.port === 0 && before.address.port === 0;
    const port = isAnyPort ? portBefore : address.port;
    // One port is not listened on twice, be it at different addresses.
    const isPortFree = port !== portBefore;
    if (!isPortFree) stopAccepting(before.server);
    try {
      const { server } = await listen({ ...address, port });
      if (isPortFree) stopAccepting(before.server);
      // Who came by an address that is listened on no more goes, at the end of an answer.
      if (before.address.host !== address.host) void drain(before.server);
      return { server, address };
    } catch (error) {
      if (!isPortFree) listening = await listen({ ...before.address, port });
      throw error;
    }
  }

  function stopAccepting(server: http.Server): void {
    former.add(server);
    server.once('close', () => {
      former.delete(server);
      server.close(); // and no longer looks for connections that take too long
    });
    // Not http's own `close`: that ends every connection that is idle right now, and behind each is a TV between two segments.
    SocketServer.prototype.close.call(server);
  }

  return {
    name: 'proxy server',
    get port() {
      return listening === undefined ? 0 : portOf(listening.server);
    },

    async serve(next, address) {
      front ??= next;
      if (listening === undefined) listening = await listen(address);
      else if (!isAt(listening, address)) listening = await move(listening, address);
      front = next;
      connections.endUnlessAdmitted((client) => next.admits(client));
    },

    async stop() {
      const servers = [...former, ...(listening === undefined ? [] : [listening.server])];
      listening = undefined;
      const cut = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), DRAIN_MS);
      await Promise.all(servers.map(drain));
      clearTimeout(cut);
    },
  };
}

/** Accepts nobody and ends each connection once it is idle. Resolves when there is none left. */
function drain(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    // Again and again: a kept connection is idle only once its answer is finished.
    const closing = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    server.close(() => {
      clearInterval(closing);
      resolve();
    });
  });
}

function portOf(server: http.Server): number {
  return (server.address() as AddressInfo | null)?.port ?? 0;
}

/** "Any free port" is the one that was found. */
function isAt({ server, address }: Listening, { host, port }: ListenAddress): boolean {
  return address.host === host && (address.port === port || portOf(server) === port);
}

/** @param status and headers, if any, on lines of their own */
function rawError(status: string, sentence: string, code: string): string {
  const body = `${sentence}\n${code}\n`;
  return `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}

function listenError({ host, port }: ListenAddress, cause: unknown): ProxyError {
  switch (systemErrorCode(cause)) {
    case 'EADDRINUSE':
      return new ProxyError('PORT_IN_USE', say('relay.portInUse', { port }), { cause });
    case 'EACCES':
      return new ProxyError('PORT_IN_USE', say('relay.portForbidden', { port }), { cause });
    default: {
      const code = systemErrorCode(cause) ?? say('unknown.error');
      return new ProxyError('PORT_IN_USE', say('relay.cannotListen', { address: `${host}:${port}`, code }), { cause });
    }
  }
}
