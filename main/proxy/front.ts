import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { say } from '../../shared/sentences.ts';
import { parseRange, type ByteRange } from '../byte-range.ts';
import type { Entry } from '../cache/entry.ts';
import type { Opened } from '../cache/response-cache.ts';
import { ProxyError, systemErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { CacheOutcomesCounter } from '../stats/cache-outcomes.ts';
import type { Device } from '../stats/device-store.ts';
import type { Traffic } from '../stats/traffic.ts';
import type { Viewers } from '../stats/viewers.ts';
import type { Access } from './access.ts';
import type { ChannelPool } from './channel-pool.ts';
import type { Channel, PlaylistAnswer } from './channel.ts';
import {
  isRangeOfThis,
  respondDocument,
  respondError,
  respondOptions,
  respondPlaylist,
  respondResource,
  type Exchange,
} from './respond.ts';
import { accessKeyOf, parseRoute, type Route } from './route.ts';
import type { Resource, Sealer } from './sealed-url.ts';
import type { Front } from './server.ts';
import type { StreamLimit } from './stream-limit.ts';

type ChannelRoute = Extract<Route, { kind: 'channel' }>;
type ResourceRoute = Extract<Route, { kind: 'resource' }>;

/** What TVs are answered with. */
export type FrontDeps = {
  access: Access;
  channels: ChannelPool;
  sealer: Sealer;
  traffic: Traffic;
  outcomes: CacheOutcomesCounter;
  viewers: Viewers;
  streamLimit: StreamLimit;
  log: Logger;
  /** All enabled channels as one M3U, with URLs below `baseUrl`, in pieces. */
  writeList: (baseUrl: string) => Iterable<string>;
  /** The programme guide as gzip; undefined while there is none. */
  openGuide: () => Promise<{ body: Readable; bytes: number } | undefined>;
  /** The page behind the bare address, in the language that an `Accept-Language` asks for. */
  homePage: (baseUrl: string, acceptLanguage: string) => string;
  health: () => unknown;
};

const LOGGED_REQUEST_CHARACTERS = 200;
/** RFC 9110 7.2: host and optional port, nothing that could break out of a line of a list. */
const HOST = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** From a request to its answer: routes, channels, errors. */
export function createFront(deps: FrontDeps): Front {
  const { traffic, outcomes } = deps;
  return {
    admits: (address) => deps.access.admits(address),
    answer: (request, response) => void answer(deps, { request, response, traffic, outcomes, viewer: undefined }),
  };
}

/** The one error path: an expected failure is answered by its code, anything else is a bug and answers 500. */
async function answer(deps: FrontDeps, exchange: Exchange): Promise<void> {
  try {
    await dispatch(deps, exchange);
  } catch (error) {
    const { request, response } = exchange;
    if (error instanceof ProxyError) {
      deps.log.debug({ client: request.socket.remoteAddress, code: error.code, cause: error.cause }, error.message);
      respondError(exchange, error);
      return;
    }
    deps.log.error({ err: error, path: request.url?.slice(0, LOGGED_REQUEST_CHARACTERS) }, 'a request ran into a bug');
    if (response.headersSent) response.destroy();
    else
      response
        .writeHead(500, { 'Content-Type': 'text/plain; charset=utf-8' })
        .end('The relay made a mistake; its log says more.\nBUG\n');
  }
}

function dispatch(deps: FrontDeps, exchange: Exchange): Promise<void> | void {
  const { request, response } = exchange;
  if (deps.log.isLevelEnabled('debug')) {
    const line = `${request.method} ${request.url} HTTP/${request.httpVersion}`.slice(0, LOGGED_REQUEST_CHARACTERS);
    deps.log.debug({ client: request.socket.remoteAddress }, line);
  }
  if (request.method === 'OPTIONS') return respondOptions(exchange);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.shouldKeepAlive = false;
    throw new ProxyError('METHOD_NOT_ALLOWED', say('request.method'));
  }
  return serve(deps, exchange, parseRoute(request.url ?? '/'));
}

function serve(deps: FrontDeps, exchange: Exchange, route: Route): Promise<void> | void {
  switch (route.kind) {
    case 'channel':
      return serveChannel(deps, exchange, route);
    case 'resource':
      return serveResource(deps, exchange, route);
    case 'list':
      checkKey(deps, exchange);
      return serveList(deps, exchange);
    case 'guide':
      checkKey(deps, exchange);
      return serveGuide(deps, exchange, route.packed);
    case 'home':
      return serveHomePage(deps, exchange);
    case 'health':
      return respondDocument(exchange, 'application/json', `${JSON.stringify(deps.health())}\n`);
    case 'unknown':
      throw new ProxyError('UNKNOWN_RESOURCE', say('request.nothingHere'));
  }
}

function serveHomePage(deps: FrontDeps, exchange: Exchange): void {
  const { headers } = exchange.request;
  const page = deps.homePage(baseUrlOf(exchange.request), headers['accept-language'] ?? '');
  exchange.response.setHeader('Vary', 'Host, Accept-Language');
  respondDocument(exchange, 'text/html; charset=utf-8', page);
}

/** @throws ProxyError FORBIDDEN when an access key is set and the request does not carry it */
function checkKey({ access }: FrontDeps, { request }: Exchange): void {
  if (!access.asksForKey || access.isKey(accessKeyOf(request.url ?? ''))) return;
  throw new ProxyError('FORBIDDEN', say('request.accessKey'));
}

/** @throws ProxyError CONNECTION_LIMIT */
function watch({ viewers, streamLimit }: FrontDeps, exchange: Exchange, channelId: string): Device {
  const { request } = exchange;
  const sighting = {
    address: request.socket.remoteAddress ?? '',
    userAgent: request.headers['user-agent'] ?? '',
    channelId,
  };
  streamLimit.admit(sighting);
  const viewer = viewers.saw(sighting);
  exchange.viewer = viewer;
  return viewer;
}

function serveChannel(
  deps: FrontDeps,
  exchange: Exchange,
  { channelId, directives }: ChannelRoute,
): Promise<void> | void {
  checkKey(deps, exchange);
  const channel = deps.channels.open(channelId);
  watch(deps, exchange, channelId);
  return servePlaylist(exchange, channelId, channel.playlist(directives));
}

function servePlaylist(
  exchange: Exchange,
  channelId: string,
  playlist: PlaylistAnswer | Promise<PlaylistAnswer>,
): Promise<void> | void {
  if (!(playlist instanceof Promise)) return respondPlaylist(exchange, channelId, playlist.body, playlist.outcome);
  return playlist.then(({ body, outcome }) => respondPlaylist(exchange, channelId, body, outcome));
}

function serveResource(deps: FrontDeps, exchange: Exchange, route: ResourceRoute): Promise<void> | void {
  const channel = deps.channels.open(route.channelId);
  const resource = deps.sealer.open(route.channelId, route.sealed);
  const viewer = watch(deps, exchange, route.channelId);
  switch (resource.kind) {
    case 'playlist':
      return servePlaylist(exchange, route.channelId, channel.childPlaylist(resource, route.directives));
    case 'data':
      return serveDocument(exchange, route, channel.document(resource, route.directives));
    case 'segment':
      if (resource.durationSeconds !== undefined && exchange.request.method === 'GET')
        exchange.response.once('close', deps.viewers.sending(viewer, resource.durationSeconds));
      return serveBytes(exchange, route, channel, resource, parseRange(exchange.request.headers.range));
    case 'key':
      return serveBytes(exchange, route, channel, resource, parseRange(exchange.request.headers.range));
  }
}

async function serveBytes(
  exchange: Exchange,
  route: ResourceRoute,
  channel: Channel,
  resource: Resource,
  range: ByteRange | undefined,
): Promise<void> {
  const opened = channel.resource(resource, range);
  if ('entry' in opened) retainUntilClosed(exchange.response, opened.entry);
  const { etag } = 'stored' in opened ? opened.stored.head : await opened.entry.ready;
  const isOfAnother = resource.ranged && range !== undefined && !isRangeOfThis(exchange.request, etag);
  if (isOfAnother) return serveBytes(exchange, route, channel, resource, undefined);
  const isLoadedForThis = opened.outcome === 'miss' && (range === undefined || resource.ranged);
  if ('stored' in opened || !opened.entry.isPassage || isLoadedForThis)
    return respondResource(exchange, route.channelId, route.extension, opened);
  // Too big to keep, so it is for one reader alone, and fetched in the very part that this reader wants.
  if (opened.outcome === 'miss') opened.entry.abandon();
  return serveBytes(exchange, route, channel, { ...resource, ranged: true }, range);
}

async function serveDocument(
  exchange: Exchange,
  { channelId, extension }: ResourceRoute,
  opened: Opened,
): Promise<void> {
  if ('entry' in opened) retainUntilClosed(exchange.response, opened.entry);
  return respondResource(exchange, channelId, extension, opened);
}

function retainUntilClosed(response: ServerResponse, entry: Entry): void {
  if (response.closed) return;
  entry.retain();
  response.once('close', () => entry.release());
}

/** Where a list is asked for is where its URLs lead, whatever name or port mapping the client used. */
async function serveList(deps: FrontDeps, { request, response }: Exchange): Promise<void> {
  const baseUrl = baseUrlOf(request);
  response.writeHead(200, {
    'Content-Type': 'audio/x-mpegurl; charset=utf-8',
    'Cache-Control': 'no-cache',
    'Content-Disposition': 'inline; filename="playlist.m3u"',
    'Access-Control-Allow-Origin': '*',
    Vary: 'Host',
  });
  if (request.method === 'GET') {
    for (const piece of deps.writeList(baseUrl)) {
      if (response.destroyed) return;
      if (!response.write(piece))
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    }
  }
  response.end();
}

/** @throws ProxyError UNKNOWN_RESOURCE while there is no guide */
async function serveGuide(deps: FrontDeps, { request, response }: Exchange, isPacked: boolean): Promise<void> {
  const guide = await deps.openGuide();
  if (guide === undefined) {
    throw new ProxyError('UNKNOWN_RESOURCE', say('request.noGuide'));
  }
  const { body, bytes } = guide;
  const isSentPacked = isPacked || /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  response.writeHead(200, {
    'Content-Type': isPacked ? 'application/gzip' : 'application/xml; charset=utf-8',
    ...(isSentPacked && !isPacked ? { 'Content-Encoding': 'gzip' } : {}),
    ...(isSentPacked ? { 'Content-Length': bytes } : {}),
    'Cache-Control': 'no-cache',
    'Access-Control-Allow-Origin': '*',
    Vary: 'Accept-Encoding',
  });
  if (request.method === 'HEAD') {
    body.destroy();
    response.end();
    return;
  }
  await (isSentPacked ? pipeline(body, response) : pipeline(body, createGunzip(), response)).catch(ignoreHangUp);
}

/** A TV that hangs up has had enough of it. */
function ignoreHangUp(error: unknown): void {
  if (systemErrorCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE' && systemErrorCode(error) !== 'ECONNRESET') throw error;
}

/** @throws ProxyError BAD_REQUEST when the Host header is missing or forged into something that no host is called */
function baseUrlOf(request: IncomingMessage): string {
  // Node keeps the first of several, another reader of the same request may keep the last (RFC 9112 3.2: such a one is refused).
  const [host = '', ...others] = request.headersDistinct['host'] ?? [];
  if (!HOST.test(host) || others.length > 0) throw new ProxyError('BAD_REQUEST', say('request.host'));
  return `http://${host}`;
}
