import {
  commands,
  type CommandInput,
  type CommandName,
  type CommandOutput,
  type Reply,
} from '../../shared/contract.ts';
import type { Headless } from './headless.ts';

/** A second look at a relay, beside its window: over the control port, and as a TV. */
export type RelayClient = {
  /** The value of an answer. @throws Error with the failure of a command */
  ask: <Name extends CommandName>(name: Name, input: CommandInput<Name>) => Promise<CommandOutput<Name>>;
  /** The names of all channels in the list that TVs load, in its order. */
  listedNames: () => Promise<string[]>;
};

export function createRelayClient(relay: Headless): RelayClient {
  const { origin, searchParams } = new URL(controlUrl(relay));
  const headers = {
    Authorization: `Bearer ${searchParams.get('token') ?? ''}`,
    'Content-Type': 'application/json',
  };
  return {
    async ask(name, input) {
      const response = await fetch(`${origin}/api/${name}`, { method: 'POST', headers, body: JSON.stringify(input) });
      const reply = (await response.json()) as Reply<unknown>;
      if (!reply.ok) throw new Error(`${name}: ${JSON.stringify(reply.error)}`);
      return commands[name].output.parse(reply.value) as CommandOutput<typeof name>;
    },
    async listedNames() {
      const list = await (await fetch(`${relay.relay}/tv`)).text();
      return Array.from(list.matchAll(/^#EXTINF:[^\n]*,([^\n]*)$/gm), ([, name = '']) => name);
    },
  };
}

/** Where its window is, token included. @throws Error when it was started without one */
export function controlUrl({ control }: Headless): string {
  if (control === undefined) throw new Error('the relay has no control port');
  return control;
}
