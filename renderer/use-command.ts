import { useCallback, useEffect, useRef, useState } from 'react';
import type { CommandInput, CommandName, CommandOutput } from '../shared/contract.ts';
import { toRelayError } from './failure.ts';
import type { RelayError } from './api.ts';
import { useConnection, useRelay } from './use-relay.ts';

/** The answer to a command, kept while it is asked for again. */
export type Loaded<Value> = Answer<Value> & { reload: () => void };

type Answer<Value> = { value: Value | undefined; error: RelayError | undefined; isLoading: boolean };

/**
 * Asks the relay now, whenever the input or `version` changes, and after every reconnection. Null: does not ask.
 */
export function useCommand<Name extends CommandName>(
  name: Name,
  input: CommandInput<Name> | null,
  version: number | string = 0,
): Loaded<CommandOutput<Name>> {
  const relay = useRelay();
  const isOnline = useConnection() === 'online';
  const [state, setState] = useState<Answer<CommandOutput<Name>>>({
    value: undefined,
    error: undefined,
    isLoading: input !== null,
  });
  const [round, setRound] = useState(0);
  const question = input === null ? undefined : JSON.stringify(input);
  const newest = useRef(0);

  useEffect(() => {
    if (question === undefined || !isOnline) return;
    const turn = ++newest.current;
    const settle = (next: Partial<Answer<CommandOutput<Name>>>): void => {
      if (turn === newest.current) setState((last) => ({ ...last, ...next, isLoading: false }));
    };
    setState((last) => ({ value: last.value, error: undefined, isLoading: true }));
    relay.call(name, JSON.parse(question) as CommandInput<Name>).then(
      (value) => settle({ value }),
      (error: unknown) => settle({ error: toRelayError(error) }),
    );
    return () => {
      newest.current++;
    };
  }, [relay, name, question, isOnline, version, round]);

  const reload = useCallback(() => setRound((last) => last + 1), []);
  return { ...state, reload };
}
