import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CommandInput, CommandName, CommandOutput, Reply } from '../../shared/contract.ts';

/** Asks a relay a command of the contract. Rejects with a `Gone` when it died before it answered, with an Error when it refused. */
export type Ask = <Name extends CommandName>(name: Name, input: CommandInput<Name>) => Promise<CommandOutput<Name>>;

/** A relay process that is there to be killed. */
export type RelayProcess = {
  /** How to ask it things, once it accepts connections. Rejects with a `Gone` when it died before. */
  listening: Promise<Ask>;
  /** SIGKILL; resolves when the process is gone. */
  kill: () => Promise<void>;
};

/** Nobody answers any more: the process is dead. */
export class Gone extends Error {
  override readonly name = 'Gone';
}

const ENTRY = fileURLToPath(new URL('../../out/main/headless.js', import.meta.url));

/** Starts what `npm run build` made on a data folder, and waits for nothing. */
export function spawnRelay(dataFolder: string, flags: readonly string[] = []): RelayProcess {
  const ports = ['--host', '127.0.0.1', '--port', '0', '--control-port', '0'];
  const child = spawn(process.execPath, [ENTRY, ...ports, '--data', dataFolder, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line));
  const listening = Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(() => Promise.reject(new Gone(`the relay is gone:\n${said.join('\n')}`))),
  ]).then(([line]) => askAtControl((JSON.parse(String(line)) as { control: string }).control));
  listening.catch(() => undefined);
  return {
    listening,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

function askAtControl(control: string): Ask {
  const { origin, searchParams } = new URL(control);
  const headers = { Authorization: `Bearer ${searchParams.get('token')}`, 'Content-Type': 'application/json' };
  return async (name, input) => {
    const text = await fetch(`${origin}/api/${name}`, { method: 'POST', headers, body: JSON.stringify(input) })
      .then((answer) => answer.text())
      .catch((cause: unknown) => Promise.reject(new Gone('no answer', { cause })));
    const reply = JSON.parse(text) as Reply<CommandOutput<typeof name>>;
    if (!reply.ok) throw new Error(`${name}: ${reply.error.code}: ${reply.error.sentence.text}`);
    return reply.value;
  };
}
