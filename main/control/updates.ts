import type { UpdateState } from '../../shared/contract.ts';

/** What keeps the program itself new. Each step is the user's: looking, downloading, restarting. */
export type Updates = {
  readonly state: UpdateState;
  /** Tells every change of the state until the returned function is called. */
  onChange(listener: (state: UpdateState) => void): () => void;
  /** Looks for a newer version. Resolves when that is known, or has failed; the state says which. */
  check(): Promise<void>;
  /** Begins to download what was found. */
  download(): void;
  /** Ends the app, and starts the version that was downloaded. */
  restart(): void;
};

/** Of a program that others update. */
export function noUpdates(reason: Extract<UpdateState, { kind: 'off' }>['reason']): Updates {
  return {
    state: { kind: 'off', reason },
    onChange: () => () => undefined,
    check: () => Promise.resolve(),
    download: () => undefined,
    restart: () => undefined,
  };
}
