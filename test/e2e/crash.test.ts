import { describe, expect, test } from 'vitest';
import { createRandom } from '../crash/random.ts';
import { NEEDS_LOOP_DEVICE, STORIES, type StoryName } from '../crash/stories.ts';
import { needs } from '../support/requirements.ts';

/* A sample of `npm run crash`, which kills a relay 200 times in each. */
const TIMES = 2;
const SEED = 20261128;

describe.for(Object.keys(STORIES) as StoryName[])('%s', (name) => {
  const requirements = NEEDS_LOOP_DEVICE.has(name) ? needs('loop device') : needs('POSIX');
  test(
    'loses nothing that was confirmed and leaves nothing half done when the relay is killed',
    requirements,
    async () => {
      expect(await STORIES[name]({ times: TIMES, random: createRandom(SEED) })).toMatchObject({ kills: TIMES });
    },
  );
});
