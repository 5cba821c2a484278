import * as z from 'zod';
import {
  commands,
  type CommandArguments,
  type CommandName,
  type CommandOutput,
  type Failure,
  type Reply,
} from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError, type ErrorCode } from '../errors.ts';
import type { Logger } from '../log.ts';
import { describeBadInput } from './bad-input.ts';

/** Who asks, in words, as the log of operations names them. */
export type Caller = { who: string };

/** What does a command: it gets checked input, and answers or throws. */
export type Handler<Name extends CommandName> = (
  input: CommandArguments<Name>,
  caller: Caller,
) => CommandOutput<Name> | Promise<CommandOutput<Name>>;

/** One for every command of the contract: a forgotten one does not compile. */
export type Handlers = { [Name in CommandName]: Handler<Name> };

/** Answers a command whoever sent it and however it came; never rejects. */
export type Dispatch = (name: unknown, input: unknown, caller: Caller) => Promise<Reply<unknown>>;

/** Failures that a field of a form explains. */
const FIELDS: Partial<Record<ErrorCode, string>> = { PORT_IN_USE: 'port' };

export function createDispatch({ handlers, log }: { handlers: Handlers; log: Logger }): Dispatch {
  function toFailure(error: unknown, command: CommandName): Failure {
    if (error instanceof ProxyError) {
      log.debug({ command, code: error.code, cause: error.cause }, error.message);
      const field = FIELDS[error.code];
      return { code: error.code, sentence: error.sentence, ...(field !== undefined && { field }) };
    }
    if (error instanceof z.ZodError) return describeBadInput(error);
    if (error instanceof Error && error.name === 'AbortError') {
      return { code: 'CANCELLED', sentence: say('task.cancelled') };
    }
    log.error({ err: error, command }, 'a command ran into a bug');
    return { code: 'BUG', sentence: say('relay.bug') };
  }

  return async (name, input, caller) => {
    if (!isCommandName(name)) return { ok: false, error: UNKNOWN_COMMAND };
    // The compiler cannot see that the schema and the handler found by one name belong together.
    const handle = handlers[name] as (input: unknown, caller: Caller) => unknown;
    try {
      return { ok: true, value: await handle(commands[name].input.parse(input ?? {}), caller) };
    } catch (error) {
      return { ok: false, error: toFailure(error, name) };
    }
  };
}

const UNKNOWN_COMMAND: Failure = {
  code: 'UNKNOWN_COMMAND',
  sentence: say('control.unknownCommand'),
};

function isCommandName(name: unknown): name is CommandName {
  return typeof name === 'string' && Object.hasOwn(commands, name);
}
