import { isDeepStrictEqual } from 'node:util';
import type { EditableSettings, SettingsEdit } from '../shared/contract.ts';
import { say } from '../shared/sentences.ts';
import type { Settings } from '../shared/settings.ts';
import type { Problem, Snapshot } from '../shared/stats.ts';
import { EMPTY_STATE } from './app-state.ts';
import { createApp, type App } from './app.ts';
import { ProxyError } from './errors.ts';
import { createFoundation, type Environment, type Foundation } from './foundation.ts';
import { fulfilIntent, intendSettings, saveSettings, withdrawIntent, type Vault } from './settings-file.ts';

/**
 * Owns the settings, the foundation that outlives them, and the relay made from them, which it replaces when they change: the next one
 * takes over while the one before still serves, so no TV notices.
 */
export type Supervisor = {
  /** @throws ProxyError when the relay cannot start; the window can still change what is in its way */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The relay that runs; while the first one starts, that. @throws ProxyError STOPPING when there is none */
  app(): Promise<App>;
  readonly status: Snapshot['status'];
  /** 0 while no relay runs. */
  readonly relayPort: number;
  /** What the window may see of what is in force: what was saved, and what holds for this run only. */
  readonly editableSettings: EditableSettings;
  /** What is in the settings file. */
  readonly savedSettings: Settings;
  /**
   * Saves changes and brings them into force, with a new relay where the old one cannot take them over.
   * @throws ProxyError when they do not work (`PORT_IN_USE`) or cannot be saved; everything is then as before
   */
  changeSettings(edit: SettingsEdit): Promise<{ restarted: boolean }>;
  /** Writes down what settings of a backup, which may bring their sealing key, would make of those there are. @returns see `intendSettings` */
  intendSettings(settings: RestoredSettings): Promise<number>;
  /** Changes them so, whatever came of the intention. @throws as `changeSettings` */
  restoreSettings(settings: RestoredSettings): Promise<{ restarted: boolean }>;
  /** A paused relay turns its viewers away, whatever settings change. */
  pause(paused: boolean): void;
  snapshot(): Snapshot;
};

type RestoredSettings = SettingsEdit & { sealingKey?: string };

export type SupervisorDeps = Environment & {
  /** As they were saved. */
  settings: Settings;
  /** For this run only, until the user changes one of them. */
  overrides: Partial<Settings>;
  /** Called with what is in force now, when that has changed. */
  onSettings: (settings: Settings) => void;
  /** What locks the sealing key in the settings file, where there is such a thing. */
  vault?: Vault | undefined;
};

/** What no running part depends on: the window or the entry reads them when they matter. */
const LIVE: ReadonlySet<string> = new Set<keyof Settings>([
  'language',
  'theme',
  'startAtLogin',
  'closeToTray',
  'keepAwake',
  'logLevel',
]);

export function createSupervisor({
  settings,
  overrides,
  onSettings,
  vault,
  ...environment
}: SupervisorDeps): Supervisor {
  const { dataFolder, version, log, now } = environment;
  const startedAt = now();
  let saved = settings;
  let forThisRun = overrides;
  let foundation: Foundation | undefined;
  let app: App | undefined;
  let status: Snapshot['status'] = 'starting';
  let failure: ProxyError | undefined;
  let isPaused = false;
  let lastState = EMPTY_STATE;
  let lastChange: Promise<unknown> = Promise.resolve();
  /** What a backup that is being restored makes of the settings: lies on the disk already. */
  let intended: Settings | undefined;

  const shownStatus = (): Snapshot['status'] => (status === 'running' && isPaused ? 'paused' : status);
  const inForce = (): Settings => ({ ...saved, ...forThisRun });

  /** Starts and restarts wait for each other. */
  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = lastChange.then(work);
    lastChange = result.catch(() => undefined);
    return result;
  }

  /** Puts a relay with these settings in the place of the one that runs; when that fails, the one before runs on. */
  async function open(next: Settings): Promise<void> {
    const before = app;
    if (before === undefined) status = 'starting';
    try {
      foundation ??= await layFoundation(next);
      app = await startApp(next, foundation);
    } catch (error) {
      if (before === undefined) {
        status = 'failed';
        failure ??= error instanceof ProxyError ? error : undefined;
      }
      throw error;
    }
    status = 'running';
    failure = undefined;
    if (before === undefined) await foundation.lists.start();
    else await stopped(before);
  }

  async function layFoundation(next: Settings): Promise<Foundation> {
    const laid = createFoundation(next, environment);
    await laid.start();
    return laid;
  }

  async function startApp(next: Settings, ground: Foundation): Promise<App> {
    const opening = createApp(next, ground);
    opening.pause(isPaused);
    await opening.start();
    opening.pause(isPaused); // which may have changed meanwhile
    return opening;
  }

  async function close(): Promise<void> {
    if (app !== undefined) lastState = app.state();
    const closing = [app, foundation];
    app = undefined;
    foundation = undefined;
    status = 'stopping';
    for (const part of closing) await stopped(part);
  }

  async function stopped(part: App | Foundation | undefined): Promise<void> {
    try {
      await part?.stop();
    } catch (error) {
      log.error({ err: error }, 'a part of the relay did not stop cleanly');
    }
  }

  async function change(edit: RestoredSettings): Promise<{ restarted: boolean }> {
    const before = { saved, forThisRun };
    const settingsBefore = inForce();
    const changes = differing(edit, settingsBefore);
    if (Object.keys(changes).length === 0) return { restarted: false };
    const restarted = Object.keys(changes).some((name) => !LIVE.has(name));
    saved = { ...saved, ...changes };
    forThisRun = without(forThisRun, changes);
    let isInForce = false;
    try {
      if (restarted) await open(inForce());
      isInForce = restarted;
      if (isDeepStrictEqual(saved, intended)) await fulfilIntent(dataFolder);
      else await saveSettings(dataFolder, saved, vault);
    } catch (error) {
      ({ saved, forThisRun } = before);
      if (isInForce) await open(settingsBefore);
      throw error;
    }
    onSettings(inForce());
    return { restarted };
  }

  return {
    start: () => exclusively(() => open(inForce())),
    stop: () => exclusively(close),
    async app() {
      if (app === undefined) await lastChange;
      if (app === undefined) throw failure ?? new ProxyError('STOPPING', say('relay.notRunning'));
      return app;
    },
    get status() {
      return shownStatus();
    },
    get relayPort() {
      return app?.port ?? 0;
    },
    get savedSettings() {
      return saved;
    },
    get editableSettings() {
      const { sealingKey: _sealingKey, version: _version, ...editable } = inForce();
      return editable;
    },
    changeSettings: (edit) => exclusively(() => change(edit)),
    intendSettings(restored) {
      intended = { ...saved, ...differing(restored, saved) };
      return intendSettings(dataFolder, intended, vault);
    },
    restoreSettings: (restored) =>
      exclusively(async () => {
        try {
          // What is as it was saved is no news: a flag of this run (`--port`) goes on to hold against it.
          return await change(differing(restored, saved));
        } finally {
          intended = undefined;
          await withdrawIntent(dataFolder);
        }
      }),
    pause(paused) {
      isPaused = paused;
      app?.pause(paused);
    },
    snapshot() {
      lastState = app?.state() ?? lastState;
      return {
        ...lastState,
        at: now(),
        status: shownStatus(),
        version,
        startedAt,
        problems: [...(failure === undefined ? [] : [toProblem(failure)]), ...lastState.problems],
      };
    },
  };
}

/** What of an edit is not so already. */
function differing(edit: RestoredSettings, settings: Settings): Partial<Settings> {
  const known: Record<string, unknown> = settings;
  const isNews = ([name, value]: [string, unknown]): boolean =>
    value !== undefined && !isDeepStrictEqual(known[name], value);
  return Object.fromEntries(Object.entries(edit).filter(isNews));
}

function without(settings: Partial<Settings>, names: object): Partial<Settings> {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !Object.hasOwn(names, name)));
}

function toProblem({ code, sentence }: ProxyError): Problem {
  return { code, severity: 'error', sentence, channelId: null };
}
