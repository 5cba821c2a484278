/** Status and headers of a response; names in lower case, the last of repeated ones. */
export type ResponseHead = { status: number; headers: Record<string, string> };

type Body =
  { framing: 'length'; left: number } | { framing: 'chunked'; chunks: ChunkReader } | { framing: 'connection' };

const MAX_HEAD_CHARACTERS = 64 * 1024;

/** Reads one HTTP/1.1 response as its bytes arrive, in whatever pieces. */
export class ResponseReader {
  readonly #bodiless: boolean;
  readonly #onHead: (head: ResponseHead) => void;
  readonly #onData: (bytes: Buffer) => void;
  #headText = '';
  #head: ResponseHead | null = null;
  #body: Body | null = null;

  /** `bodiless`: the request was a HEAD, so that Content-Length announces nothing. */
  constructor(options: { bodiless: boolean; onHead: (head: ResponseHead) => void; onData: (bytes: Buffer) => void }) {
    this.#bodiless = options.bodiless;
    this.#onHead = options.onHead;
    this.#onData = options.onData;
  }

  get head(): ResponseHead | null {
    return this.#head;
  }

  /** Whether anything of the response has arrived. */
  get started(): boolean {
    return this.#headText !== '';
  }

  /** Whether closing the connection is what completes this response. */
  get endsWithConnection(): boolean {
    return this.#body?.framing === 'connection';
  }

  /** Takes the next bytes; true once the response is complete. Throws when they are not HTTP. */
  push(bytes: Buffer): boolean {
    if (this.#body) return this.#readBody(this.#body, bytes);
    const seen = this.#headText.length;
    this.#headText += bytes.toString('latin1', 0, MAX_HEAD_CHARACTERS);
    const end = this.#headText.indexOf('\r\n\r\n', Math.max(0, seen - 3));
    if (end < 0) {
      if (this.#headText.length > MAX_HEAD_CHARACTERS) throw new Error('header too large');
      return false;
    }
    const head = parseHead(this.#headText.slice(0, end));
    const rest = bytes.subarray(end + 4 - seen);
    if (head.status >= 100 && head.status < 200) {
      this.#headText = '';
      return rest.length > 0 && this.push(rest);
    }
    this.#head = head;
    this.#body = this.#bodiless ? { framing: 'length', left: 0 } : bodyOf(head);
    this.#onHead(head);
    return this.#readBody(this.#body, rest);
  }

  #readBody(body: Body, bytes: Buffer): boolean {
    switch (body.framing) {
      case 'chunked':
        return body.chunks.push(bytes, this.#onData);
      case 'connection':
        if (bytes.length > 0) this.#onData(bytes);
        return false;
      case 'length': {
        if (bytes.length > body.left) throw new Error('more than the announced length');
        body.left -= bytes.length;
        if (bytes.length > 0) this.#onData(bytes);
        return body.left === 0;
      }
    }
  }
}

/** Decodes the chunked transfer coding (RFC 9112 section 7.1). */
class ChunkReader {
  #line = '';
  #left = 0;
  #state: 'size' | 'data' | 'after-data' | 'trailer' = 'size';

  /** Hands on the payload; true after the last chunk and its trailer. */
  push(bytes: Buffer, onData: (bytes: Buffer) => void): boolean {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#state === 'data') {
        const payload = rest.subarray(0, this.#left);
        rest = rest.subarray(payload.length);
        this.#left -= payload.length;
        if (this.#left === 0) this.#state = 'after-data';
        onData(payload);
        continue;
      }
      const lineEnd = rest.indexOf('\n');
      this.#line += rest.toString('latin1', 0, lineEnd < 0 ? rest.length : lineEnd);
      if (lineEnd < 0) return false;
      rest = rest.subarray(lineEnd + 1);
      if (this.#endOfLine()) return true;
    }
    return false;
  }

  #endOfLine(): boolean {
    const line = this.#line.trimEnd();
    this.#line = '';
    if (this.#state === 'trailer') return line === '';
    if (this.#state === 'after-data') {
      this.#state = 'size';
      return false;
    }
    this.#left = Number.parseInt(line, 16);
    if (Number.isNaN(this.#left)) throw new Error('bad chunk size');
    this.#state = this.#left === 0 ? 'trailer' : 'data';
    return false;
  }
}

function parseHead(text: string): ResponseHead {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1]);
  if (Number.isNaN(status)) throw new Error('not an HTTP response');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { status, headers: Object.fromEntries(headers) };
}

function bodyOf({ status, headers }: ResponseHead): Body {
  if (status === 204 || status === 304) return { framing: 'length', left: 0 };
  if (/\bchunked\b/i.test(headers['transfer-encoding'] ?? '')) return { framing: 'chunked', chunks: new ChunkReader() };
  const length = headers['content-length'];
  return length === undefined ? { framing: 'connection' } : { framing: 'length', left: Number(length) };
}
