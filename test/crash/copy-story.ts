import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { channelStory, importGeneration, observeChannels } from './channel-story.ts';
import { reopen } from './reopen.ts';
import type { StartStory } from './start-story.ts';
import { faultsOfCopy } from './upgrade-story.ts';

const TWO_DAYS_SECONDS = 2 * 86_400;

/** The copy of the day is due, and is made. */
export async function createCopyStory(folder: string): Promise<StartStory> {
  const expected = await reopen(folder, async (ask) => {
    await importGeneration(ask, 0);
    return observeChannels(ask);
  });
  // A second start: the first had no channels yet that were worth a copy.
  await reopen(folder, () => Promise.resolve());
  const copy = join(folder, 'channels.sqlite.copy-of-the-day');
  return {
    name: 'copy of the day',
    begins: 'channels.sqlite.copy-of-the-day.new',
    ends: 'channels.sqlite.copy-of-the-day',
    async prepare() {
      const dueSince = Date.now() / 1000 - TWO_DAYS_SECONDS;
      await utimes(copy, dueSince, dueSince);
    },
    observe: channelStory.observe,
    expected,
    findFaults: async () => ({
      faults: faultsOfCopy(copy, { channels: expected.length }),
      isDone: (await stat(copy)).mtimeMs > Date.now() - (TWO_DAYS_SECONDS / 2) * 1000,
    }),
  };
}
