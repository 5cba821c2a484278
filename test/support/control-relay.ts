import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  commands,
  type CommandInput,
  type CommandName,
  type CommandOutput,
  type Reply,
} from '../../shared/contract.ts';
import { Settings } from '../../shared/settings.ts';
import { createControl, type Control } from '../../main/control/control.ts';
import { noUpdates, type Updates } from '../../main/control/updates.ts';
import { createLogStore } from '../../main/log-store.ts';
import { silentLogger } from '../../main/log.ts';
import { createOperationsLog } from '../../main/operations-log.ts';
import { createSupervisor, type Supervisor } from '../../main/supervisor.ts';

/** A relay with all that its window can ask of it, in this process; disposing of it stops it. */
export type ControlledRelay = AsyncDisposable & {
  supervisor: Supervisor;
  control: Control;
  /** What a transport does, with every answer held against the contract. */
  reply: <Name extends CommandName>(name: Name, input: CommandInput<Name>) => Promise<Reply<CommandOutput<Name>>>;
  /** The value of an answer; a failure is thrown. */
  ask: <Name extends CommandName>(name: Name, input: CommandInput<Name>) => Promise<CommandOutput<Name>>;
  /** Where TVs connect. */
  relayUrl: () => string;
  dataFolder: string;
  /** What is in the settings file. */
  savedSettings: () => Promise<Record<string, unknown>>;
};

/** Starts a relay on a free loopback port. */
export async function startControlledRelay({
  overrides = {},
  lists = [],
  isStarted = true,
  updates = noUpdates('headless'),
}: {
  overrides?: Partial<Settings>;
  lists?: readonly string[];
  isStarted?: boolean;
  updates?: Updates;
} = {}): Promise<ControlledRelay> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-control-'));
  const dataFolder = folder.path;
  const base = { log: silentLogger, now: Date.now };
  const operations = createOperationsLog({ ...base, file: join(dataFolder, 'operations.log') });
  const supervisor = createSupervisor({
    ...base,
    random: Math.random,
    dataFolder,
    lists,
    version: '0.0.0',
    settings: Settings.parse({ sealingKey: Buffer.alloc(32, 7).toString('base64url') }),
    overrides: { host: '127.0.0.1', port: 0, announce: false, ...overrides },
    onSettings: () => undefined,
  });
  const control = createControl({
    ...{ supervisor, operations, updates },
    logStore: createLogStore({ files: [] }),
    log: silentLogger,
    steady: Date.now,
  });
  await operations.start?.();
  if (isStarted) await supervisor.start();

  async function reply<Name extends CommandName>(name: Name, input: CommandInput<Name>) {
    const answer = await control.dispatch(name, structuredClone(input), { who: 'a test' });
    if (answer.ok) commands[name].output.parse(answer.value);
    return answer as Reply<CommandOutput<Name>>;
  }

  return {
    supervisor,
    control,
    dataFolder,
    reply,
    async ask(name, input) {
      const answer = await reply(name, input);
      if (!answer.ok) throw new Error(`${name}: ${answer.error.code}: ${answer.error.sentence.text}`);
      return answer.value;
    },
    relayUrl: () => `http://127.0.0.1:${supervisor.relayPort}`,
    savedSettings: async () =>
      JSON.parse(await readFile(join(dataFolder, 'settings.json'), 'utf8')) as Record<string, unknown>,
    [Symbol.asyncDispose]: async () => {
      control.stop();
      await supervisor.stop();
      await operations.stop?.();
      await folder.remove();
    },
  };
}
