import * as z from 'zod';
import { ListOrigin } from '../../shared/contract.ts';
import { parseOffer } from './launch.ts';

type Preventable = { preventDefault(): void };

/** What is used of Electron's `app` to be the only instance. */
export type InstanceApp = {
  requestSingleInstanceLock(data: Record<string, unknown>): boolean;
  on(
    event: 'second-instance',
    listener: (event: unknown, argv: string[], folder: string, data: unknown) => void,
  ): unknown;
  on(event: 'open-file' | 'open-url', listener: (event: Preventable, target: string) => void): unknown;
};

/** The one instance of the app on this data folder. */
export type Instance = {
  /** Hands over what is and was offered for import; a second start without any offers nothing, and wants the window. */
  serve(listener: (offers: readonly ListOrigin[]) => void): void;
};

const Handed = z.object({ offers: z.array(ListOrigin).max(100) });

/**
 * To be called before Electron is ready, because macOS tells early what was opened.
 * @param offers of this start
 * @returns undefined when another instance runs: it has got the offers then
 */
export function claimInstance(app: InstanceApp, offers: readonly ListOrigin[]): Instance | undefined {
  if (!app.requestSingleInstanceLock({ offers })) return undefined;
  let take: (offers: readonly ListOrigin[]) => void = (more) => void early.push(...more);
  const early = [...offers];

  app.on('second-instance', (_event, _argv, _folder, data) => take(Handed.safeParse(data).data?.offers ?? []));
  for (const event of ['open-file', 'open-url'] as const) {
    app.on(event, (opening, target) => {
      opening.preventDefault();
      take(parseOffer(target, '/'));
    });
  }

  return {
    serve(listener) {
      take = listener;
      if (early.length > 0) listener(early.splice(0));
    },
  };
}
