/** Failed attempts to get in, by address. */
export type FailedAttempts = {
  /** Notes one more; how many there have been of late, and in how many seconds they are forgotten. */
  add(address: string): { count: number; forgottenInSeconds: number };
};

const REMEMBERED_MS = 60_000;
const MAX_ADDRESSES = 1_000;

/** Remembers a bounded number of addresses, the latest ones, for a minute each. */
export function createFailedAttempts({ now }: { now: () => number }): FailedAttempts {
  const attempts = new Map<string, { count: number; endsAt: number }>();

  return {
    add(address) {
      const known = attempts.get(address);
      const isFresh = known === undefined || known.endsAt <= now();
      const next = isFresh ? { count: 1, endsAt: now() + REMEMBERED_MS } : { ...known, count: known.count + 1 };
      attempts.delete(address);
      attempts.set(address, next);
      const [oldest] = attempts.keys();
      if (attempts.size > MAX_ADDRESSES && oldest !== undefined) attempts.delete(oldest);
      return { count: next.count, forgottenInSeconds: Math.max(1, Math.ceil((next.endsAt - now()) / 1000)) };
    },
  };
}
