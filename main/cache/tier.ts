import type { Stored } from './entry.ts';

/** A place where complete responses are kept. It may lose any of them at any time, and never answers with a wrong one. */
export type CacheTier = {
  get(key: string): Promise<Stored | undefined>;
  /** Keeps a response for `ttlMs`, or not at all. Never fails; resolves when it is done. */
  set(key: string, stored: Stored, ttlMs: number): Promise<void>;
};

/** A tier behind the memory, perhaps shared with other relays. */
export type SecondTier = CacheTier & {
  /** What is kept under the key, or the task of loading it: one relay has it, the others wait for what that one brings. */
  lookUp(key: string): Promise<Stored | Lease>;
  /** Forgets what is kept under the key. Never fails. */
  drop(key: string): Promise<void>;
  /** Forgets all responses. Never fails. */
  clear(): Promise<void>;
};

/** The task of loading a key. */
export type Lease = {
  /** Says that it is over: with a response to keep, or with none. */
  end(stored: Stored | undefined, ttlMs: number): void;
};
