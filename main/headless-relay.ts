import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Settings } from '../shared/settings.ts';
import { createControl } from './control/control.ts';
import { createControlServer } from './control/web.ts';
import { startAll, stopAll, type Part } from './lifecycle.ts';
import { createLogStore } from './log-store.ts';
import { createLog, logFiles } from './log.ts';
import { createOperationsLog } from './operations-log.ts';
import { loadSettings } from './settings-file.ts';
import { createSupervisor } from './supervisor.ts';

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
  const now = Date.now;
  const startedAt = now();
  const saved = await loadSettings(dataFolder);
  const logStore = createLogStore({ files: logFiles(dataFolder) });
  const { logLevel } = { ...saved.settings, ...overrides };
  const log = createLog({ folder: dataFolder, level: logLevel, lines: logStore });
  if (saved.warning !== undefined) log.logger.warn(saved.warning);

  const base = { log: log.logger, now };
  const operations = createOperationsLog({ ...base, file: path.join(dataFolder, 'operations.log') });
  const supervisor = createSupervisor({
    ...base,
    ...{ dataFolder, overrides, lists, version },
    random: Math.random,
    settings: saved.settings,
    onSettings: (settings) => log.setLevel(settings.logLevel),
  });
  const control = createControl({ ...base, supervisor, logStore, operations });
  const server = createControlServer({
    ...base,
    ...options.control,
    token: randomBytes(32).toString('base64url'),
    rendererFolder,
    dispatch: control.dispatch,
    events: control.events,
    relayPort: () => supervisor.relayPort,
    health: () => ({ status: supervisor.status, version, uptimeSeconds: Math.round((now() - startedAt) / 1000) }),
    metrics: async () => (await supervisor.app()).metrics(supervisor.snapshot()),
  });
  const relay: Part = { name: 'relay', start: () => supervisor.start(), stop: () => supervisor.stop() };
  // Stopped in reverse: first what goes on for the window, then the relay, the way to it last.
  const parts = [operations, server, relay, { name: 'tasks', stop: () => control.stop() }];

  return {
    start: () => startAll(parts, STOP_DEADLINE_MS),
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
