import type { Settings } from '../shared/settings.ts';
import { noUpdates } from './control/updates.ts';
import { createControlServer } from './control/web.ts';
import { loadControlToken } from './control-token.ts';
import { createControlledRelay } from './controlled-relay.ts';
import { startAll, stopAll, type Part } from './lifecycle.ts';
import { createSteadyClock } from './steady-clock.ts';

/** What the command line decides. */
export type HeadlessOptions = {
  dataFolder: string;
  lists: readonly string[];
  overrides: Partial<Settings>;
  /** Where the window is served. */
  control: { host: string; port: number };
  version: string;
  /** The folder that the window was built into. */
  rendererFolder: string;
};

/** The relay and its window over HTTP, in one process. */
export type HeadlessRelay = {
  start(): Promise<void>;
  stop(): Promise<void>;
  urls(): Promise<{ relay: string; playlist: string; lan: string[]; control: string }>;
};

const STOP_DEADLINE_MS = 6_000;

/** Puts together what runs without Electron; opens nothing but the data folder before `start`. */
export async function createHeadlessRelay(options: HeadlessOptions): Promise<HeadlessRelay> {
  const { dataFolder, overrides, lists, version, rendererFolder } = options;
  const steady = createSteadyClock(Date.now);
  const startedAt = steady();
  const { supervisor, control, log, operations } = await createControlledRelay({
    ...{ dataFolder, overrides, lists, version },
    onSettings: () => undefined,
    vault: undefined,
    openUpdates: () => Promise.resolve(noUpdates('headless')),
  });
  const server = createControlServer({
    ...{ log: log.logger, steady },
    ...options.control,
    token: await loadControlToken(dataFolder),
    rendererFolder,
    dispatch: control.dispatch,
    events: control.events,
    health: () => ({ status: supervisor.status, version, uptimeSeconds: Math.round((steady() - startedAt) / 1000) }),
    metrics: async () => (await supervisor.app()).metrics(supervisor.snapshot()),
  });
  const relay: Part = { name: 'relay', start: () => supervisor.start(), stop: () => supervisor.stop() };
  // Stopped in reverse: first what goes on for the window, then the relay, the way to it last.
  const parts = [operations, server, relay, { name: 'tasks', stop: () => control.stop() }];

  return {
    async start() {
      try {
        await startAll(parts, STOP_DEADLINE_MS);
      } catch (error) {
        await log.close();
        throw error;
      }
    },
    async stop() {
      try {
        await stopAll(parts, STOP_DEADLINE_MS);
      } finally {
        await log.close();
      }
    },
    urls: async () => ({ ...(await supervisor.app()).urls, control: server.url }),
  };
}
