import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createReadBuffer } from './client.ts';
import { percentiles, roundTo, wallClockMs, type Percentiles } from './measure.ts';
import { ResponseReader } from './response-reader.ts';

export type FloodReport = {
  seconds: number;
  requests: number;
  errors: number;
  /** Bodies and headers. */
  bytes: number;
  requestsPerSecond: number;
  latencyMs: Percentiles;
  /** Share of one core the load used itself: near 1 it measured itself. */
  clientCpu: number;
};

type Counters = { requests: number; errors: number; bytes: number; latenciesMs: number[] };

/** Asks for one URL over and over, one request under way on each connection, and throws the bodies away. */
export async function runFlood(plan: { url: string; connections: number; seconds: number }): Promise<FloodReport> {
  const counters: Counters = { requests: 0, errors: 0, bytes: 0, latenciesMs: [] };
  const target = new URL(plan.url);
  const readBuffer = createReadBuffer();
  const floods = Array.from({ length: plan.connections }, () => new FloodConnection({ target, readBuffer, counters }));
  const cpuBefore = process.cpuUsage();
  const startedAt = wallClockMs();
  for (const flood of floods) flood.start();
  await sleep(plan.seconds * 1000);
  const seconds = (wallClockMs() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  for (const flood of floods) flood.stop();
  return {
    seconds: roundTo(seconds, 3),
    requests: counters.requests,
    errors: counters.errors,
    bytes: counters.bytes,
    requestsPerSecond: roundTo(counters.requests / seconds, 1),
    latencyMs: percentiles(counters.latenciesMs),
    clientCpu: roundTo((cpu.user + cpu.system) / 1e6 / seconds, 3),
  };
}

class FloodConnection {
  readonly #target: URL;
  readonly #request: Buffer;
  readonly #readBuffer: Buffer;
  readonly #counters: Counters;
  #socket: Socket | null = null;
  #reader: ResponseReader | null = null;
  #askedAt = 0;
  #stopped = false;

  constructor({ target, readBuffer, counters }: { target: URL; readBuffer: Buffer; counters: Counters }) {
    this.#target = target;
    this.#request = Buffer.from(`GET ${target.pathname}${target.search} HTTP/1.1\r\nHost: ${target.host}\r\n\r\n`);
    this.#readBuffer = readBuffer;
    this.#counters = counters;
  }

  start(): void {
    const socket = connect({
      host: this.#target.hostname,
      port: Number(this.#target.port),
      noDelay: true,
      onread: {
        buffer: this.#readBuffer,
        callback: (length, buffer) => {
          this.#receive(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
    this.#socket = socket;
    this.#ask();
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.destroy();
  }

  #ask(): void {
    this.#askedAt = wallClockMs();
    this.#reader = new ResponseReader({
      bodiless: false,
      onHead: ({ status }) => {
        if (status !== 200) this.#counters.errors += 1;
      },
      onData: () => undefined,
    });
    this.#socket?.write(this.#request);
  }

  #receive(bytes: Buffer): void {
    this.#counters.bytes += bytes.length;
    if (!this.#reader?.push(bytes)) return;
    this.#counters.requests += 1;
    this.#counters.latenciesMs.push(wallClockMs() - this.#askedAt);
    if (!this.#stopped) this.#ask();
  }

  #closed(): void {
    if (this.#stopped) return;
    this.#counters.errors += 1;
    setTimeout(() => !this.#stopped && this.start(), 10);
  }
}
