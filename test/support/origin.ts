import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { alignToPackets, createSegmentLibrary, segmentChecksum, type SegmentLibrary } from './content.ts';
import { increment, wallClockMs } from './measure.ts';
import { OriginSettings, type OriginControl, type OriginRequest, type OriginStats } from './origin-settings.ts';

type Host = OriginRequest['host'];
type Fault = 'reset' | 'stall' | null;

/** What a path means: /live/<channel>/master.m3u8, /live/<channel>/v<variant>/index.m3u8 or .../<sequence>.ts */
type Route =
  | { kind: 'multivariant'; channel: number }
  | { kind: 'media'; channel: number; variant: number }
  | { kind: 'segment'; channel: number; variant: number; sequence: number };

/** A running synthetic origin. */
export type Origin = OriginControl & AsyncDisposable;

const Changes = z.record(z.string(), z.unknown());
const LIBRARY_BYTES = 512e6;
const MAX_LOG = 5000;
const PACE_MS = 10;
const BEFORE_FAULT_MS = 20;
const KEEP_ALIVE_MS = 65_000;

/**
 * Starts a synthetic live HLS origin on free loopback ports. Content is a function of channel, variant, sequence and the
 * clock (sequence = unix time / segment duration), so that a client can verify every byte and several origins agree.
 * `/_stats`, `/_reset` and `/_configure` (JSON body) control it from another process.
 */
export async function startOrigin(initial: Partial<OriginSettings> = {}): Promise<Origin> {
  const state = new OriginState(OriginSettings.parse(initial));
  const main = await listen(state, 'main');
  const redirected = await listen(state, 'redirected');
  state.redirectedUrl = urlOf(redirected);
  return {
    url: urlOf(main),
    configure: async (changes) => state.configure(changes),
    stats: async () => state.stats(),
    resetStats: async () => state.resetStats(),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([main, redirected].map(close));
    },
  };
}

class OriginState {
  settings: OriginSettings;
  redirectedUrl = '';
  readonly library: SegmentLibrary = createSegmentLibrary({ maxBytes: LIBRARY_BYTES });
  readonly #open = new Set<object>();
  readonly #attempts = new Map<string, number>();
  #stats = emptyStats();

  constructor(settings: OriginSettings) {
    this.settings = settings;
  }

  configure(changes: Record<string, unknown>): void {
    this.settings = OriginSettings.parse({ ...this.settings, ...changes });
  }

  stats(): OriginStats {
    return structuredClone({ ...this.#stats, openConnections: this.#open.size });
  }

  resetStats(): void {
    this.#stats = emptyStats();
    this.#attempts.clear();
  }

  get newestSequence(): number {
    return Math.floor(Date.now() / 1000 / this.settings.segmentSeconds);
  }

  segmentBytes(variant: number): number {
    return alignToPackets(this.settings.segmentBytes / (1 + 2 * variant));
  }

  connected(socket: { once(event: 'close', listener: () => void): unknown }): void {
    this.#open.add(socket);
    this.#stats.connections += 1;
    this.#stats.maxOpenConnections = Math.max(this.#stats.maxOpenConnections, this.#open.size);
    socket.once('close', () => this.#open.delete(socket));
  }

  /** Counts a request from its beginning to its end. */
  record(host: Host, path: string, response: ServerResponse): OriginRequest {
    const stats = this.#stats;
    const request: OriginRequest = {
      ...{ path, host, status: 0, bodyBytes: 0, aborted: false },
      ...{ startedAtMs: wallClockMs(), firstByteAtMs: null, endedAtMs: null },
    };
    const counts = (stats.byPath[path] ??= { requests: 0, open: 0, maxOpen: 0 });
    counts.requests += 1;
    counts.open += 1;
    counts.maxOpen = Math.max(counts.maxOpen, counts.open);
    stats.requests += 1;
    stats.log.push(request);
    if (stats.log.length > MAX_LOG) stats.log.shift();
    response.once('close', () => {
      request.endedAtMs = wallClockMs();
      request.status = response.statusCode;
      request.aborted = !response.writableFinished;
      counts.open -= 1;
      increment(stats.byStatus, String(response.statusCode));
      stats.bodyBytes += request.bodyBytes;
      if (request.aborted) stats.aborted += 1;
    });
    return request;
  }

  count(kind: 'playlists' | 'segments'): void {
    this.#stats[kind] += 1;
  }

  countFault(fault: string): void {
    increment(this.#stats.faults, fault);
  }

  attempt(path: string): number {
    const attempt = (this.#attempts.get(path) ?? 0) + 1;
    this.#attempts.set(path, attempt);
    return attempt;
  }

  /** Decides whether this attempt is one of the `percent`: the same in every run with the same seed. */
  isStruck(percent: number, kind: string, path: string, attempt: number): boolean {
    if (percent <= 0) return false;
    const digest = createHash('md5').update(`${this.settings.seed} ${kind} ${path} ${attempt}`).digest();
    return (digest.readUInt32BE(0) / 2 ** 32) * 100 < percent;
  }
}

function listen(state: OriginState, host: Host): Promise<Server> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    answer({ state, host, request, response }).catch((error: unknown) => response.destroy(asError(error)));
  });
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    state.connected(socket);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => resolve(server));
  });
}

type Call = { state: OriginState; host: Host; request: IncomingMessage; response: ServerResponse };

async function answer(call: Call): Promise<void> {
  const { state, host, request, response } = call;
  const url = new URL(request.url ?? '/', 'http://origin');
  if (url.pathname.startsWith('/_')) return control(call, url.pathname);

  const record = state.record(host, url.pathname, response);
  const route = parseRoute(url.pathname, state.settings.variants);
  if (!route) return send(response, record, 404, {}, 'no such thing\n');
  if (route.kind === 'segment') return answerSegment(call, route, url, record);
  return answerPlaylist(call, route, url.pathname, record);
}

async function control({ state, request, response }: Call, path: string): Promise<void> {
  if (path === '/_reset') state.resetStats();
  if (path === '/_configure') state.configure(Changes.parse(JSON.parse(await text(request))));
  const body = JSON.stringify(path === '/_stats' ? state.stats() : state.settings);
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(body);
}

async function answerPlaylist(
  { state, request, response }: Call,
  route: Exclude<Route, { kind: 'segment' }>,
  path: string,
  record: OriginRequest,
): Promise<void> {
  const { playlistLatencyMs, percentPlaylist503 } = state.settings;
  state.count('playlists');
  if (playlistLatencyMs > 0) await sleep(playlistLatencyMs);
  if (state.isStruck(percentPlaylist503, 'playlist503', path, state.attempt(path))) {
    state.countFault('playlist503');
    return send(response, record, 503, {}, 'busy\n');
  }
  const lines = route.kind === 'multivariant' ? multivariantLines(state) : mediaLines(state, route);
  const body = `${['#EXTM3U', '#EXT-X-VERSION:3', ...lines].join('\n')}\n`;
  const headers = {
    'Content-Type': 'application/vnd.apple.mpegurl',
    'Cache-Control': 'max-age=1',
    ETag: `"${createHash('md5').update(body).digest('hex')}"`,
  };
  if (request.headers['if-none-match'] === headers.ETag) return send(response, record, 304, headers, '');
  send(response, record, 200, headers, body);
}

function multivariantLines(state: OriginState): string[] {
  return Array.from({ length: state.settings.variants }, (_, variant) => {
    const bandwidth = Math.round((state.segmentBytes(variant) * 8) / state.settings.segmentSeconds);
    return [`#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=1920x1080`, `v${variant}/index.m3u8`];
  }).flat();
}

function mediaLines(state: OriginState, { channel, variant }: { channel: number; variant: number }): string[] {
  const { segmentSeconds, windowSegments, signedUrls, tokenTtlMs } = state.settings;
  const first = state.newestSequence - windowSegments + 1;
  const segments = Array.from({ length: windowSegments }, (_, index) => {
    const name = `${first + index}.ts`;
    const url = signedUrls ? signUrl(`/live/${channel}/v${variant}/${name}`, tokenTtlMs) : name;
    return [`#EXTINF:${segmentSeconds.toFixed(3)},`, url];
  });
  return [`#EXT-X-TARGETDURATION:${Math.ceil(segmentSeconds)}`, `#EXT-X-MEDIA-SEQUENCE:${first}`, ...segments.flat()];
}

async function answerSegment(
  { state, host, request, response }: Call,
  route: Extract<Route, { kind: 'segment' }>,
  url: URL,
  record: OriginRequest,
): Promise<void> {
  const { settings } = state;
  const path = url.pathname;
  const attempt = state.attempt(path);
  state.count('segments');
  if (!isServed(state, route.sequence)) return send(response, record, 404, {}, 'gone\n');
  if (settings.latencyMs > 0) await sleep(settings.latencyMs);
  const needsToken = host === 'redirected' || (settings.signedUrls && !settings.redirect);
  if (needsToken && !isSigned(url)) {
    state.countFault('token403');
    return send(response, record, 403, {}, 'token\n');
  }
  if (settings.redirect && host === 'main') {
    const location = state.redirectedUrl + signUrl(path, settings.tokenTtlMs);
    return send(response, record, 302, { Location: location }, '');
  }
  if (state.isStruck(settings.percent503, '503', path, attempt)) {
    state.countFault('503');
    return send(response, record, 503, {}, 'busy\n');
  }

  const segment = state.library({ ...route, bytes: state.segmentBytes(route.variant) });
  const range = parseRange(request.headers.range, segment.length);
  if (range === 'unsatisfiable') {
    return send(response, record, 416, { 'Content-Range': `bytes */${segment.length}` }, '');
  }
  const body = segment.subarray(range.from, range.to);
  response.writeHead(range.partial ? 206 : 200, {
    'Content-Type': 'video/mp2t',
    'Content-Length': body.length,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'public, max-age=3600',
    ETag: `"${route.channel}-${route.variant}-${route.sequence}-${segmentChecksum(segment)}"`,
    ...(range.partial && { 'Content-Range': `bytes ${range.from}-${range.to - 1}/${segment.length}` }),
  });
  if (request.method === 'HEAD') return void response.end();
  if (settings.firstByteDelayMs > 0) {
    response.flushHeaders();
    await sleep(settings.firstByteDelayMs);
  }
  await sendBody({ response, record, body, settings, fault: drawFault(state, path, attempt) });
}

type SendBody = {
  response: ServerResponse;
  record: OriginRequest;
  body: Buffer;
  settings: OriginSettings;
  fault: Fault;
};

async function sendBody({ response, record, body, settings, fault }: SendBody): Promise<void> {
  const half = body.length >> 1;
  if (fault) {
    await sendPaced(response, record, body.subarray(0, half), settings.bytesPerSecond);
    await sleep(BEFORE_FAULT_MS);
    if (fault === 'reset') return void response.socket?.resetAndDestroy();
    await sleep(settings.stallMs);
  }
  await sendPaced(response, record, fault ? body.subarray(half) : body, settings.bytesPerSecond);
  if (!response.destroyed) response.end();
}

/** Writes bytes at the given pace; backpressure is left to the kernel, as the bodies are shared memory anyway. */
async function sendPaced(
  response: ServerResponse,
  record: OriginRequest,
  bytes: Buffer,
  bytesPerSecond: number | null,
): Promise<void> {
  const startedAt = wallClockMs();
  let sent = 0;
  while (sent < bytes.length && !response.destroyed) {
    const elapsedMs = wallClockMs() - startedAt;
    const allowed = bytesPerSecond === null ? bytes.length : Math.max(1316, (elapsedMs / 1000) * bytesPerSecond);
    const due = Math.min(bytes.length, Math.floor(allowed));
    if (due > sent) {
      record.firstByteAtMs ??= wallClockMs();
      record.bodyBytes += due - sent;
      response.write(bytes.subarray(sent, due));
      sent = due;
    }
    if (sent < bytes.length) await sleep(PACE_MS);
  }
}

function drawFault(state: OriginState, path: string, attempt: number): Fault {
  const { percentReset, percentStall } = state.settings;
  const fault = state.isStruck(percentReset, 'reset', path, attempt)
    ? 'reset'
    : state.isStruck(percentStall, 'stall', path, attempt)
      ? 'stall'
      : null;
  if (fault) state.countFault(fault);
  return fault;
}

function isServed({ settings, newestSequence }: OriginState, sequence: number): boolean {
  if (sequence > newestSequence) return false;
  return settings.keptSegments === null || sequence >= newestSequence - settings.windowSegments - settings.keptSegments;
}

function parseRoute(path: string, variants: number): Route | null {
  const match = /^\/live\/(\d+)\/(?:master\.m3u8|v(\d+)\/(?:index\.m3u8|(\d+)\.ts))$/.exec(path);
  if (!match) return null;
  const [channel, variant, sequence] = [Number(match[1]), match[2], match[3]];
  if (variant === undefined) return { kind: 'multivariant', channel };
  if (Number(variant) >= variants) return null;
  if (sequence === undefined) return { kind: 'media', channel, variant: Number(variant) };
  return { kind: 'segment', channel, variant: Number(variant), sequence: Number(sequence) };
}

type Range = { partial: boolean; from: number; to: number };

function parseRange(header: string | undefined, length: number): Range | 'unsatisfiable' {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  if (!match) return { partial: false, from: 0, to: length };
  const from = Number(match[1]);
  const to = match[2] ? Math.min(length, Number(match[2]) + 1) : length;
  return from < to ? { partial: true, from, to } : 'unsatisfiable';
}

function signUrl(path: string, ttlMs: number): string {
  const expiresAt = Date.now() + ttlMs;
  return `${path}?exp=${expiresAt}&tok=${signature(path, expiresAt)}`;
}

function isSigned(url: URL): boolean {
  const expiresAt = Number(url.searchParams.get('exp'));
  const given = Buffer.from(url.searchParams.get('tok') ?? '');
  const right = Buffer.from(signature(url.pathname, expiresAt));
  return expiresAt > Date.now() && given.length === right.length && timingSafeEqual(given, right);
}

function signature(path: string, expiresAt: number): string {
  return createHmac('sha256', 'a test origin').update(`${path}|${expiresAt}`).digest('base64url').slice(0, 22);
}

function send(
  response: ServerResponse,
  record: OriginRequest,
  status: number,
  headers: Record<string, string>,
  body: string,
): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store', ...headers });
  record.firstByteAtMs = wallClockMs();
  record.bodyBytes = Buffer.byteLength(body);
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function emptyStats(): Omit<OriginStats, 'openConnections'> {
  return {
    ...{ requests: 0, playlists: 0, segments: 0, bodyBytes: 0, aborted: 0, connections: 0, maxOpenConnections: 0 },
    ...{ byStatus: {}, faults: {}, byPath: {}, log: [] },
  };
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
