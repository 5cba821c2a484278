/** Failed attempts to get in, by address. */
export type FailedAttempts = {
  /** Notes one more; how many there have been of late, and in how many seconds they are forgotten. */
  add(address: string): { count: number; forgottenInSeconds: number };
};

const REMEMBERED_MS = 60_000;
const MAX_ADDRESSES = 1_000;

/** Remembers a bounded number of addresses, the latest ones, for a minute each. @param steady milliseconds of a clock that is never set back */
export function createFailedAttempts({ steady }: { steady: () => number }): FailedAttempts {
  const attempts = new Map<string, { count: number; endsAt: number }>();

  return {
    add(address) {
      const known = attempts.get(address);
      const isFresh = known === undefined || known.endsAt <= steady();
      const next = isFresh ? { count: 1, endsAt: steady() + REMEMBERED_MS } : { ...known, count: known.count + 1 };
      attempts.delete(address);
      attempts.set(address, next);
      const [oldest] = attempts.keys();
      if (attempts.size > MAX_ADDRESSES && oldest !== undefined) attempts.delete(oldest);
      return { count: next.count, forgottenInSeconds: Math.max(1, Math.ceil((next.endsAt - steady()) / 1000)) };
    },
  };
}
