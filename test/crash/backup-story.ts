import { importGeneration, observeChannels } from './channel-story.ts';
import type { Ask } from './relay-process.ts';
import { newest, type Story } from './under-fire.ts';

/** Everything that a backup holds, as lines. */
export type Everything = { lines: readonly string[]; backup: string };

const PASSPHRASE = 'correct horse battery staple';

/** Two backups are restored in turn, and a third is made now and then: channels and settings belong together. */
export function createBackupStory(sources: readonly [Everything, Everything]): Story<Everything> {
  return {
    name: 'backup',
    mostBefore: 1,
    async begin(ask) {
      await restore(ask, sources[0]);
      return sources[0];
    },
    next(past, random) {
      const now = newest(past);
      if (random() < 0.2) {
        return { kind: 'making a backup', perform: (ask) => ask('backup.create', { passphrase: '' }), after: past };
      }
      const other = now === sources[0] ? sources[1] : sources[0];
      // Undoing takes back the channels alone, so there is no past that is whole.
      return { kind: 'restoring a backup', perform: (ask) => restore(ask, other), after: [other] };
    },
    observe: observeEverything,
    linesOf: ({ lines }) => [...lines],
  };
}

function restore(ask: Ask, { backup }: Everything): Promise<unknown> {
  return ask('backup.restore', { text: backup, passphrase: PASSPHRASE });
}

/** Fills a relay and backs it up. */
export async function backUp(ask: Ask, generation: number): Promise<Everything> {
  await importGeneration(ask, generation);
  await ask('settings.save', {
    settings: { theme: generation % 2 === 0 ? 'dark' : 'light', userAgent: `of ${generation}` },
  });
  const { text } = await ask('backup.create', { passphrase: PASSPHRASE });
  return { lines: await observeEverything(ask), backup: text };
}

async function observeEverything(ask: Ask): Promise<string[]> {
  const { theme, userAgent } = await ask('settings.get', {});
  return [`theme: ${theme}`, `user agent: ${userAgent}`, ...(await observeChannels(ask))];
}
