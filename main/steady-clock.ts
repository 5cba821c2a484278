/** Wall-clock time that has passed without the computer having run, or that somebody added by hand. */
const LEAP_MS = 1_000;

/**
 * A clock for how long something has lasted. It begins at the wall clock's time and never goes back, whatever becomes of that; what
 * the computer slept through counts, which a monotonic clock leaves out.
 * @param now the wall clock, in milliseconds
 * @param monotonic a clock that nobody sets, in milliseconds
 */
export function createSteadyClock(now: () => number, monotonic = () => performance.now()): () => number {
  let before = { wall: now(), monotonic: monotonic() };
  let steady = before.wall;
  return () => {
    const after = { wall: now(), monotonic: monotonic() };
    const ranMs = after.monotonic - before.monotonic;
    const passedMs = after.wall - before.wall;
    before = after;
    steady += passedMs - ranMs > LEAP_MS ? passedMs : ranMs;
    return steady;
  };
}
