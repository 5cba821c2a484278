import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { runFlood } from '../support/flood.ts';
import { readProcessUsage } from '../support/process-usage.ts';

export type LoadReport = {
  tool: 'wrk' | 'flood';
  requests: number;
  requestsPerSecond: number;
  bytes: number;
  errors: number;
  p50Ms: number;
  p99Ms: number;
  /** What the server's process used for it; null where the platform does not tell. */
  serverCpuSeconds: number | null;
  /** Share of one core the load itself used, where known. */
  clientCpu: number | null;
};

export type Load = (plan: {
  url: string;
  connections: number;
  seconds: number;
  serverPid: number;
}) => Promise<LoadReport>;

const WrkReport = z.object({
  ...{ seconds: z.number(), requests: z.number(), bytes: z.number(), errors: z.number() },
  ...{ p50: z.number(), p99: z.number() },
});

const execute = promisify(execFile);

/** wrk where it is installed, since it costs less than what it measures; otherwise our own flood. */
export async function chooseLoad(): Promise<Load> {
  const hasWrk = await execute('wrk', ['--version']).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  return hasWrk ? loadWithWrk : loadWithFlood;
}

const loadWithWrk: Load = async ({ url, connections, seconds, serverPid }) => {
  const script = fileURLToPath(new URL('wrk-report.lua', import.meta.url));
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency', '-s', script];
  const before = await readProcessUsage(serverPid);
  const { stdout } = await execute('wrk', [...options, url]);
  const after = await readProcessUsage(serverPid);
  const report = WrkReport.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  return {
    tool: 'wrk',
    requests: report.requests,
    requestsPerSecond: report.requests / report.seconds,
    bytes: report.bytes,
    errors: report.errors,
    p50Ms: report.p50 / 1000,
    p99Ms: report.p99 / 1000,
    serverCpuSeconds: before && after && after.cpuSeconds - before.cpuSeconds,
    clientCpu: null,
  };
};

const loadWithFlood: Load = async ({ url, connections, seconds, serverPid }) => {
  const before = await readProcessUsage(serverPid);
  const report = await runFlood({ url, connections, seconds });
  const after = await readProcessUsage(serverPid);
  return {
    tool: 'flood',
    requests: report.requests,
    requestsPerSecond: report.requestsPerSecond,
    bytes: report.bytes,
    errors: report.errors,
    p50Ms: report.latencyMs.p50,
    p99Ms: report.latencyMs.p99,
    serverCpuSeconds: before && after && after.cpuSeconds - before.cpuSeconds,
    clientCpu: report.clientCpu,
  };
};
