import { connect, type Socket } from 'node:net';
import { ResponseReader, type ResponseHead } from './response-reader.ts';
import { wallClockMs } from './measure.ts';

/** One finished response. Times are from the first request on, redirects included; TTFB is to the first byte of the body. */
export type ClientResponse = ResponseHead & {
  url: string;
  bodyBytes: number;
  ttfbMs: number;
  totalMs: number;
};

export type GetOptions = {
  method?: 'GET' | 'HEAD' | 'OPTIONS' | 'POST';
  headers?: Record<string, string>;
  timeoutMs?: number;
  /** Called once with the final response's head. */
  onHead?: (head: ResponseHead) => void;
  /** Called with each piece of the final response's body; the memory is reused after the call. */
  onData?: (bytes: Buffer) => void;
};

/** A request that got no complete answer. */
class ClientError extends Error {
  override readonly name = 'ClientError';
  /** Nothing at all came back: a kept-alive connection that the server had closed meanwhile looks like this. */
  readonly unanswered: boolean;

  constructor(message: string, { unanswered }: { unanswered: boolean }) {
    super(message);
    this.unanswered = unanswered;
  }
}

const MAX_REDIRECTS = 5;
const DEFAULT_TIMEOUT_MS = 30_000;
const READ_BUFFER_BYTES = 256 * 1024;

/** The memory that many clients of one process may read into, one at a time, so that none of them costs an allocation. */
export function createReadBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
}

/**
 * An HTTP/1.1 client like a TV's: one kept-alive connection a host, one request at a time, at most five redirects.
 * Lean enough for one core to be hundreds of TVs.
 */
export class RawClient {
  readonly #keepAlive: boolean;
  readonly #readBuffer: Buffer;
  readonly #connections = new Map<string, RawConnection>();
  #closed = false;

  constructor({
    keepAlive = true,
    readBuffer = createReadBuffer(),
  }: { keepAlive?: boolean; readBuffer?: Buffer } = {}) {
    this.#keepAlive = keepAlive;
    this.#readBuffer = readBuffer;
  }

  /** Opens the connection to a URL's host ahead of time. */
  async connect(url: string): Promise<void> {
    const { host } = new URL(url);
    await this.#open(new URL(url), host).opened;
  }

  async get(url: string, options: GetOptions = {}): Promise<ClientResponse> {
    const startedAt = wallClockMs();
    let current = new URL(url);
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const sentAt = wallClockMs();
      const { target, ...response } = await this.#followable(current, options);
      const lead = sentAt - startedAt;
      if (target === null) {
        return { ...response, url: current.href, ttfbMs: response.ttfbMs + lead, totalMs: response.totalMs + lead };
      }
      current = new URL(target, current);
    }
    throw new ClientError('too many redirects', { unanswered: false });
  }

  async getText(url: string, options: GetOptions = {}): Promise<ClientResponse & { text: string }> {
    const pieces: Buffer[] = [];
    const response = await this.get(url, { ...options, onData: (bytes) => pieces.push(Buffer.from(bytes)) });
    return { ...response, text: Buffer.concat(pieces).toString('utf8') };
  }

  /** Closes all connections for good; a request under way fails. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connections.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** One exchange; `target` is where a redirect leads, whose own body is nobody's. */
  async #followable(url: URL, options: GetOptions): Promise<ExchangeResult & { target: string | null }> {
    let target: string | null = null;
    const result = await this.#exchange(url, {
      ...options,
      onHead: (head) => {
        target = redirectTarget(head);
        if (target === null) options.onHead?.(head);
      },
      onData: (bytes) => {
        if (target === null) options.onData?.(bytes);
      },
    });
    return { ...result, target };
  }

  async #exchange(url: URL, options: GetOptions): Promise<ExchangeResult> {
    const kept = this.#connections.get(url.host);
    if (kept?.usable) {
      try {
        return await kept.request(url, options, this.#keepAlive);
      } catch (error) {
        if (this.#closed || !(error instanceof ClientError && error.unanswered)) throw error;
      }
    }
    const connection = this.#open(url, url.host);
    try {
      return await connection.request(url, options, this.#keepAlive);
    } finally {
      if (!this.#keepAlive) connection.destroy();
    }
  }

  #open(url: URL, host: string): RawConnection {
    const connection = new RawConnection(url, this.#readBuffer);
    this.#connections.get(host)?.destroy();
    this.#connections.set(host, connection);
    return connection;
  }
}

type ExchangeResult = ResponseHead & { bodyBytes: number; ttfbMs: number; totalMs: number };

type Exchange = {
  reader: ResponseReader;
  startedAt: number;
  headAt: number;
  firstByteAt: number;
  bodyBytes: number;
  timer: NodeJS.Timeout;
  resolve: (result: ExchangeResult) => void;
  reject: (error: ClientError) => void;
};

class RawConnection {
  readonly opened: Promise<void>;
  readonly #socket: Socket;
  #exchange: Exchange | null = null;
  #closed = false;

  constructor(url: URL, readBuffer: Buffer) {
    const opening = Promise.withResolvers<void>();
    this.opened = opening.promise;
    this.opened.catch(() => undefined);
    this.#socket = connect({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || 80),
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length, buffer) => {
          this.#receive(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    this.#socket.once('connect', () => opening.resolve());
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      opening.reject(error);
      this.#fail(error.code ?? error.message);
    });
    this.#socket.on('end', () => this.#ended());
    this.#socket.on('close', () => this.#fail('closed'));
  }

  get usable(): boolean {
    return !this.#closed && this.#exchange === null;
  }

  request(url: URL, options: GetOptions, keepAlive: boolean): Promise<ExchangeResult> {
    const { promise, resolve, reject } = Promise.withResolvers<ExchangeResult>();
    const { method = 'GET', headers = {}, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const exchange: Exchange = {
      reader: new ResponseReader({
        bodiless: method === 'HEAD',
        onHead: (head) => {
          exchange.headAt = wallClockMs();
          options.onHead?.(head);
        },
        onData: (bytes) => {
          if (exchange.bodyBytes === 0) exchange.firstByteAt = wallClockMs();
          exchange.bodyBytes += bytes.length;
          options.onData?.(bytes);
        },
      }),
      startedAt: wallClockMs(),
      headAt: 0,
      firstByteAt: 0,
      bodyBytes: 0,
      timer: setTimeout(() => this.#fail('timeout'), timeoutMs),
      resolve,
      reject,
    };
    this.#exchange = exchange;
    const lines = Object.entries({ Host: url.host, 'User-Agent': 'hearthcast-test-tv', ...headers });
    if (!keepAlive) lines.push(['Connection', 'close']);
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    this.#socket.write(`${method} ${url.pathname}${url.search} HTTP/1.1\r\n${head}\r\n`);
    return promise;
  }

  destroy(): void {
    this.#fail('closed');
  }

  #receive(bytes: Buffer): void {
    const exchange = this.#exchange;
    if (!exchange) return this.destroy();
    try {
      if (exchange.reader.push(bytes)) this.#complete(exchange);
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
  }

  #ended(): void {
    const exchange = this.#exchange;
    if (exchange?.reader.endsWithConnection) return this.#complete(exchange);
    this.#fail(exchange?.headAt ? 'truncated' : 'closed');
  }

  #complete(exchange: Exchange): void {
    const { head } = exchange.reader;
    if (!head) return this.#fail('closed');
    this.#exchange = null;
    clearTimeout(exchange.timer);
    if (exchange.reader.endsWithConnection || head.headers['connection']?.toLowerCase() === 'close') this.destroy();
    exchange.resolve({
      ...head,
      bodyBytes: exchange.bodyBytes,
      ttfbMs: (exchange.firstByteAt || exchange.headAt) - exchange.startedAt,
      totalMs: wallClockMs() - exchange.startedAt,
    });
  }

  #fail(reason: string): void {
    this.#closed = true;
    this.#socket.destroy();
    const exchange = this.#exchange;
    if (!exchange) return;
    this.#exchange = null;
    clearTimeout(exchange.timer);
    exchange.reject(new ClientError(reason, { unanswered: !exchange.reader.started && reason !== 'timeout' }));
  }
}

function redirectTarget({ status, headers }: ResponseHead): string | null {
  const isRedirect = status >= 301 && status <= 308 && status !== 304;
  return isRedirect ? (headers['location'] ?? null) : null;
}
