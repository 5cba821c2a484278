/** A piece of the app that is opened and closed with it. */
export type Part = {
  name: string;
  start?: () => Promise<void> | void;
  stop?: () => Promise<void> | void;
};

/** Starts parts in order; when one fails, stops those already started (in reverse) and rethrows its error. */
export async function startAll(parts: readonly Part[], stopDeadlineMs: number): Promise<void> {
  const started: Part[] = [];
  for (const part of parts) {
    try {
      await part.start?.();
      started.push(part);
    } catch (error) {
      await stopAll(started, stopDeadlineMs).catch(() => undefined);
      throw error;
    }
  }
}

/**
 * Stops parts in reverse order, each within what is left of the deadline.
 * @throws one AggregateError when any of them failed or did not finish; the others were stopped all the same.
 */
export async function stopAll(parts: readonly Part[], deadlineMs: number): Promise<void> {
  const errors: unknown[] = [];
  const endsAt = performance.now() + deadlineMs;
  for (const part of parts.toReversed()) {
    try {
      await withDeadline(part, Math.max(50, endsAt - performance.now()));
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new AggregateError(errors, 'some parts did not stop cleanly');
}

async function withDeadline(part: Part, timeoutMs: number): Promise<void> {
  const stopping = part.stop?.();
  if (stopping === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${part.name} did not stop within ${Math.round(timeoutMs)} ms`)),
      timeoutMs,
    );
  });
  try {
    await Promise.race([stopping, late]);
  } finally {
    clearTimeout(timer);
  }
}
