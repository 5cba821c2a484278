import type { Logger } from '../log.ts';

/** What is used of Electron's `app` to quit in order. */
export type QuittingApp = {
  on(event: 'will-quit', listener: (event: { preventDefault(): void }) => void): unknown;
  quit(): void;
};

/** Quits in order, and leaves in another way than by quitting: into an installer, say. */
export type QuitWith = (leave: () => void) => void;

/** Lets the app quit only after `stop` is done, which is called once, however often one asks; or when the deadline is over. */
export function stopBeforeQuit(
  app: QuittingApp,
  { stop, deadlineMs, log }: { stop: () => Promise<void>; deadlineMs: number; log: Logger },
): QuitWith {
  let state: 'running' | 'stopping' | 'stopped' = 'running';
  let leaveBy = (): void => app.quit();

  async function finish(): Promise<void> {
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, deadlineMs);
    try {
      await Promise.race([stop(), deadline.promise]);
    } catch (error) {
      log.error({ err: error }, 'the relay did not stop cleanly');
    }
    clearTimeout(timer);
    state = 'stopped';
    leaveBy();
  }

  // The windows are closed by then: whoever quits sees that at once, whatever the TVs still get.
  app.on('will-quit', (event) => {
    if (state === 'stopped') return;
    event.preventDefault();
    if (state === 'stopping') return;
    state = 'stopping';
    void finish();
  });

  return (leave) => {
    leaveBy = leave;
    app.quit();
  };
}
