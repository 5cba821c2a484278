import path from 'node:path';
import type { Settings } from '../shared/settings.ts';
import { findMark } from './channels/restore-mark.ts';
import { createControl, type Control } from './control/control.ts';
import type { Part } from './lifecycle.ts';
import type { Updates } from './control/updates.ts';
import { createLogStore } from './log-store.ts';
import { createLog, logFiles, type Log, type Logger } from './log.ts';
import { createOperationsLog } from './operations-log.ts';
import { loadSettings, settleIntent, type Vault } from './settings-file.ts';
import { createSteadyClock } from './steady-clock.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

/** The relay with what a window asks and hears of it. */
export type ControlledRelay = {
  supervisor: Supervisor;
  control: Control;
  log: Log;
  /** What a part that is started before the relay, and stopped after it, has to do. */
  operations: Part;
};

export type ControlledRelayOptions = {
  dataFolder: string;
  /** Settings for this run only. */
  overrides: Partial<Settings>;
  lists: readonly string[];
  version: string;
  /** Called when other settings are in force. */
  onSettings: () => void;
  vault: Vault | undefined;
  /** What keeps the program new. */
  openUpdates: (log: Logger) => Promise<Updates>;
};

/** Opens nothing but the data folder. @throws ProxyError DATA_FOLDER when that cannot be used */
export async function createControlledRelay({
  dataFolder,
  overrides,
  lists,
  version,
  onSettings,
  vault,
  openUpdates,
}: ControlledRelayOptions): Promise<ControlledRelay> {
  await settleIntent(dataFolder, () => findMark(path.join(dataFolder, 'channels.sqlite')));
  const saved = await loadSettings(dataFolder, vault);
  const logStore = createLogStore({ files: logFiles(dataFolder) });
  const { logLevel } = { ...saved.settings, ...overrides };
  const log = createLog({ folder: dataFolder, level: logLevel, lines: logStore });
  if (saved.warning !== undefined) log.logger.warn(saved.warning);

  const base = { log: log.logger, now: Date.now };
  const operations = createOperationsLog({ ...base, file: path.join(dataFolder, 'operations.log') });
  const supervisor = createSupervisor({
    ...base,
    ...{ dataFolder, overrides, lists, version, vault },
    random: Math.random,
    settings: saved.settings,
    onSettings(settings) {
      log.setLevel(settings.logLevel);
      onSettings();
    },
  });
  const updates = await openUpdates(log.logger);
  const control = createControl({
    ...{ supervisor, logStore, operations, updates },
    log: log.logger,
    steady: createSteadyClock(Date.now),
  });
  return { supervisor, control, log, operations };
}
