import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { startChild } from './child.ts';
import type { Origin } from './origin.ts';
import { OriginStats, type OriginSettings } from './origin-settings.ts';

/** Starts the synthetic origin as a process of its own, so that a load or a benchmark does not share its event loop. */
export async function startOriginProcess(
  initial: Partial<OriginSettings> = {},
  { core }: { core?: number } = {},
): Promise<Origin> {
  const child = await startChild({
    script: fileURLToPath(new URL('origin-process.ts', import.meta.url)),
    args: [JSON.stringify(initial)],
    announcement: z.object({ event: z.literal('listening'), url: z.string() }),
    ...(core !== undefined && { core }),
  });
  const { url } = child.announcement;
  return {
    url,
    configure: async (changes) => void (await command(`${url}/_configure`, JSON.stringify(changes))),
    stats: async () => OriginStats.parse(await command(`${url}/_stats`)),
    resetStats: async () => void (await command(`${url}/_reset`)),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

async function command(url: string, body?: string): Promise<unknown> {
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', body });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
