import type { IncomingMessage, ServerResponse } from 'node:http';
import { say } from '../../shared/sentences.ts';
import { parseRange, resolveRange, type ByteRange } from '../byte-range.ts';
import type { Entry, EntryHead, Stored } from '../cache/entry.ts';
import type { Reader } from '../cache/passage.ts';
import type { Opened, Outcome } from '../cache/response-cache.ts';
import { ProxyError } from '../errors.ts';
import type { CacheOutcomesCounter } from '../stats/cache-outcomes.ts';
import type { Device } from '../stats/device-store.ts';
import type { Traffic } from '../stats/traffic.ts';
import { contentTypeOf } from './media-type.ts';

/** A request being answered, and where that is counted. */
export type Exchange = {
  request: IncomingMessage;
  response: ServerResponse;
  traffic: Traffic;
  outcomes: CacheOutcomesCounter;
  /** Who asked, once it is known. */
  viewer: Device | undefined;
};

const SEGMENT_MAX_AGE_SECONDS = 60;
/** What waits in a socket before following pauses; less costs a wake-up per 64 KiB. */
export const SOCKET_BUFFER_BYTES = 1024 * 1024;
/** A body over this goes out in pieces: of one that is written at once, nobody knows how much a TV took that went away. */
const LARGE_BYTES = 2 * SOCKET_BUFFER_BYTES;

/** Headers of every answer: browsers on other pages may play it, and none may guess another type. */
const COMMON_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Content-Length, Content-Range, X-Cache',
  'X-Content-Type-Options': 'nosniff',
} as const;

/**
 * Answers with a playlist of a channel.
 * @param body its bytes as latin1 text: a string leaves in one piece with the head, which halves the cost of a small answer
 */
export function respondPlaylist(exchange: Exchange, channelId: string, body: string, outcome: Outcome): void {
  exchange.response.writeHead(200, {
    'Content-Type': 'application/vnd.apple.mpegurl',
    'Content-Length': body.length,
    'Cache-Control': 'no-cache',
    'X-Cache': outcome,
    ...COMMON_HEADERS,
  });
  sendWhole(exchange, channelId, body);
}

/** Answers with a document of our own. */
export function respondDocument({ request, response }: Exchange, contentType: string, body: string | Buffer): void {
  response.writeHead(200, {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-cache',
    ...COMMON_HEADERS,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Answers a preflight (Fetch standard, 3.2.2). */
export function respondOptions({ response }: Exchange): void {
  response.writeHead(204, {
    Allow: 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': 'Range, If-Range, Cache-Control',
    'Access-Control-Max-Age': '86400',
    ...COMMON_HEADERS,
  });
  response.end();
}

/** Answers with the status, one sentence and a code; or, when the body has begun, breaks the connection: better none than wrong bytes. */
export function respondError({ request, response }: Exchange, error: ProxyError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = `${error.message}\n${error.code}\n`;
  response.writeHead(error.status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    ...(error.code === 'METHOD_NOT_ALLOWED' ? { Allow: 'GET, HEAD, OPTIONS' } : {}),
    ...(error.availableBytes === undefined ? {} : { 'Content-Range': `bytes */${error.availableBytes}` }),
    ...(error.retryAfterMs === undefined ? {} : { 'Retry-After': Math.ceil(error.retryAfterMs / 1000) }),
    ...COMMON_HEADERS,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/**
 * Whether a request's range, if it has one, is of the representation that is there (RFC 9110 13.1.5). `If-Range` holds only for the very
 * same strong validator; of dates we give out none.
 */
export function isRangeOfThis({ headers }: IncomingMessage, etag: string | undefined): boolean {
  const condition = headers['if-range'];
  return condition === undefined || (condition === etag && condition.startsWith('"'));
}

/** The bytes that a request wants of a resource. A range of another version is none: it gets the whole. */
function requestedRange(request: IncomingMessage, etag: string | undefined): ByteRange | undefined {
  return isRangeOfThis(request, etag) ? parseRange(request.headers.range) : undefined;
}

/**
 * Answers with a segment, key or other resource: at once when it is there, else as it arrives.
 * The caller retains the entry until the response is closed.
 * @throws ProxyError when its load fails before the head, or the range lies outside
 */
export async function respondResource(
  exchange: Exchange,
  channelId: string,
  extension: string,
  opened: Opened,
): Promise<void> {
  const head = 'stored' in opened ? opened.stored.head : await opened.entry.ready;
  if (exchange.response.destroyed) return;
  const part = partOf(head, requestedRange(exchange.request, head.etag));
  const { response, outcomes } = exchange;
  const outcome = outcomeOf(opened);
  outcomes.answered(outcome);
  response.writeHead(part.status, {
    'Content-Type': contentTypeOf(head.contentType, extension),
    'Cache-Control': `max-age=${SEGMENT_MAX_AGE_SECONDS}`,
    'Accept-Ranges': 'bytes',
    'X-Cache': outcome,
    ...(part.end === Infinity ? {} : { 'Content-Length': part.end - part.start }),
    ...(part.contentRange === undefined ? {} : { 'Content-Range': part.contentRange }),
    ...(head.contentEncoding === undefined ? {} : { 'Content-Encoding': head.contentEncoding }),
    ...(head.etag === undefined ? {} : { ETag: head.etag }),
    ...COMMON_HEADERS,
  });
  if ('stored' in opened) sendWhole(exchange, channelId, sliceOf(opened.stored, part));
  else if (exchange.request.method === 'HEAD') response.end();
  else sendAsItArrives(exchange, channelId, opened.entry, part);
}

function outcomeOf(opened: Opened): Outcome {
  return opened.outcome === 'miss' && opened.entry.isAdopted ? 'hit-redis' : opened.outcome;
}

/** Which bytes of an entry's body go out (`end` exclusive, Infinity: to its end), and as what. */
type Part = { status: 200 | 206; start: number; end: number; contentRange: string | undefined };

function partOf(head: EntryHead, range: ByteRange | undefined): Part {
  if (head.range !== undefined) {
    const { start, end, total } = head.range;
    return { status: 206, start: 0, end: end - start + 1, contentRange: `bytes ${start}-${end}/${total ?? '*'}` };
  }
  const length = head.contentLength;
  if (range === undefined || length === undefined)
    return { status: 200, start: 0, end: length ?? Infinity, contentRange: undefined };
  const part = resolveRange(range, length);
  if (part === undefined) {
    throw new ProxyError('RANGE_NOT_SATISFIABLE', say('request.range', { count: length }), { availableBytes: length });
  }
  return {
    status: 206,
    start: part.start,
    end: part.end + 1,
    contentRange: `bytes ${part.start}-${part.end}/${length}`,
  };
}

function sliceOf({ body }: Stored, { start, end }: Part): Buffer {
  return start === 0 && end >= body.length ? body : body.subarray(start, end);
}

function sendWhole(exchange: Exchange, channelId: string, body: Buffer | string): void {
  const { request, response } = exchange;
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  if (typeof body !== 'string' && body.length > LARGE_BYTES) {
    sendInPieces(exchange, channelId, body);
    return;
  }
  count(exchange, channelId, () => body.length);
  response.end(body, 'latin1');
}

function sendInPieces(exchange: Exchange, channelId: string, body: Buffer): void {
  const { response } = exchange;
  let position = 0;

  const pump = (): void => {
    while (position < body.length && !response.writableNeedDrain && !response.destroyed) {
      const piece = body.subarray(position, position + SOCKET_BUFFER_BYTES);
      position += piece.length;
      response.write(piece);
    }
    if (position >= body.length && !response.writableEnded) response.end();
  };

  response.on('drain', pump);
  count(exchange, channelId, () => position);
  pump();
}

function sendAsItArrives(exchange: Exchange, channelId: string, entry: Entry, { start, end }: Part): void {
  const { response } = exchange;

  const pump = (): void => {
    if (response.destroyed) return;
    while (reader.position < Math.min(entry.length, end) && !response.writableNeedDrain) {
      const chunk = entry.read(reader.position, Math.min(end, reader.position + SOCKET_BUFFER_BYTES));
      if (chunk === undefined) {
        response.destroy();
        return;
      }
      reader.position += chunk.length;
      response.write(chunk);
    }
    if (reader.position >= end || (entry.isComplete && reader.position >= entry.length)) finish();
    else if (entry.hasFailed && reader.position >= entry.length) response.destroy();
  };
  const finish = (): void => {
    entry.unfollow(reader);
    if (!response.writableEnded) response.end();
  };
  const reader: Reader = { position: start, wake: pump };

  entry.follow(reader);
  response.on('drain', pump);
  response.once('close', () => entry.unfollow(reader));
  count(exchange, channelId, () => reader.position - start);
  pump();
}

/** What was queued less what still waits in the socket has been sent; the head goes first, so the rest waiting is body. */
function count({ response, traffic, viewer }: Exchange, channelId: string, queuedBytes: () => number): void {
  const { socket } = response;
  const transfer = {
    sentBytes: () =>
      response.writableFinished ? queuedBytes() : Math.max(0, queuedBytes() - (socket?.writableLength ?? 0)),
  };
  response.once('close', traffic.follow(channelId, transfer, viewer));
}
