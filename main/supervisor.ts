import { isDeepStrictEqual } from 'node:util';
import type { EditableSettings, SettingsEdit } from '../shared/contract.ts';
import { say } from '../shared/sentences.ts';
import type { Settings } from '../shared/settings.ts';
import type { Problem, Snapshot } from '../shared/stats.ts';
import { EMPTY_STATE } from './app-state.ts';
import { createApp, type App, type Environment } from './app.ts';
import { ProxyError } from './errors.ts';
import { saveSettings, type Vault } from './settings-file.ts';

/** Owns the settings and the relay made from them, which it replaces when they change. What speaks to the supervisor outlives the relay. */
export type Supervisor = {
  /** @throws ProxyError when the relay cannot start; the window can still change what is in its way */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The relay that runs; while it is restarted, the next one. @throws ProxyError STOPPING when there is none */
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
  /** The same for settings of a backup, which may bring their sealing key. */
  restoreSettings(settings: SettingsEdit & { sealingKey?: string }): Promise<{ restarted: boolean }>;
  /** A paused relay turns its viewers away, whatever settings change. */
  pause(paused: boolean): void;
  snapshot(): Snapshot;
};

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
  let app: App | undefined;
  let status: Snapshot['status'] = 'starting';
  let failure: ProxyError | undefined;
  let isPaused = false;
  let lastState = EMPTY_STATE;
  let lastChange: Promise<unknown> = Promise.resolve();

  const shownStatus = (): Snapshot['status'] => (status === 'running' && isPaused ? 'paused' : status);
  const inForce = (): Settings => ({ ...saved, ...forThisRun });

  /** Starts and restarts wait for each other. */
  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = lastChange.then(work);
    lastChange = result.catch(() => undefined);
    return result;
  }

  async function open(next: Settings): Promise<void> {
    status = 'starting';
    failure = undefined;
    const opening = createApp(next, environment);
    opening.pause(isPaused);
    try {
      await opening.start();
    } catch (error) {
      status = 'failed';
      failure = error instanceof ProxyError ? error : undefined;
      throw error;
    }
    app = opening;
    status = 'running';
  }

  async function close(): Promise<void> {
    const closing = app;
    if (closing === undefined) return;
    lastState = closing.state();
    app = undefined;
    status = 'stopping';
    try {
      await closing.stop();
    } catch (error) {
      log.error({ err: error }, 'a part of the relay did not stop cleanly');
    }
  }

  /** "Any free port" keeps the one it has: TVs know it. */
  async function reopen(next: Settings, portBefore: number): Promise<void> {
    await close();
    const keepsPort = next.port === 0 && portBefore === 0;
    await open({ ...next, port: keepsPort ? lastState.relayPort : next.port });
  }

  /** What worked before may fail now; said is what failed first. */
  async function putBack(settingsBefore: Settings): Promise<void> {
    try {
      await reopen(settingsBefore, settingsBefore.port);
    } catch (error) {
      log.error({ err: error }, 'the relay could not be started with the settings that it had before');
    }
  }

  async function change(edit: SettingsEdit & { sealingKey?: string }): Promise<{ restarted: boolean }> {
    const before = { saved, forThisRun };
    const settingsBefore = inForce();
    const changes = differing(edit, settingsBefore);
    if (Object.keys(changes).length === 0) return { restarted: false };
    const restarted = Object.keys(changes).some((name) => !LIVE.has(name));
    saved = { ...saved, ...changes };
    forThisRun = without(forThisRun, changes);
    try {
      if (restarted) await reopen(inForce(), settingsBefore.port);
      await saveSettings(dataFolder, saved, vault);
    } catch (error) {
      ({ saved, forThisRun } = before);
      if (restarted) await putBack(settingsBefore);
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
    restoreSettings: (restored) => exclusively(() => change(restored)),
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
function differing(edit: SettingsEdit & { sealingKey?: string }, settings: Settings): Partial<Settings> {
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
