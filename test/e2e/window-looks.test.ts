import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFaults } from '../support/axe.ts';
import { findMisfits, misfitsOnceStill } from '../support/layout.ts';
import { startLivelyRelay, type LivelyRelay } from '../support/lively-relay.ts';
import { openRelayWindow, type RelayWindow } from '../support/relay-window.ts';
import { findProgram, needs } from '../support/requirements.ts';
import { leaveScene, SCENES } from '../support/scenes.ts';

/* Every view, panel, dialog and drawer of a relay in use: for those who cannot see it, and on every size of screen. */

const USUAL_SIZE = { width: 1280, height: 800 };
const OTHER_SIZES = [
  { width: 900, height: 600 },
  { width: 3840, height: 2160 },
];

let lively: LivelyRelay;
let window: RelayWindow;

// One relay and one browser for all: nothing here changes what the others look at.
beforeAll(async () => {
  if (findProgram('chromium') === undefined) return;
  lively = await startLivelyRelay();
  window = await openRelayWindow(lively.relay, USUAL_SIZE);
  await window.page.emulateMedia({ reducedMotion: 'reduce' });
});

afterAll(async () => {
  await window?.[Symbol.asyncDispose]();
  await lively?.[Symbol.asyncDispose]();
});

describe.for([
  ['en', 'light'],
  ['zh', 'dark'],
] as const)('in %s, %s,', (look) => {
  beforeAll(() => putOn(look));

  test.for(SCENES)(
    '$name has no fault that axe finds, and fits from 900x600 to 3840x2160',
    needs('chromium'),
    async ({ open }) => {
      const { page } = window;
      await leaveScene(page);
      await open(page, lively);
      const faults = await findFaults(page);
      const misfits = await findMisfits(page);
      for (const size of OTHER_SIZES) {
        await page.setViewportSize(size);
        misfits.push(...(await misfitsOnceStill(page)).map((misfit) => `${size.width}x${size.height}: ${misfit}`));
      }
      await page.setViewportSize(USUAL_SIZE);
      expect([...faults, ...misfits]).toEqual([]);
      expect(window.complaints).toEqual([]);
    },
  );
});

// The other way round, where only colours and words differ.
describe.for([
  ['zh', 'light'],
  ['en', 'dark'],
] as const)('in %s, %s,', (look) => {
  beforeAll(() => putOn(look));

  test.for(SCENES.filter(({ isView }) => isView))(
    '$name has no fault that axe finds',
    needs('chromium'),
    async ({ open }) => {
      const { page } = window;
      await leaveScene(page);
      await open(page, lively);
      expect(await findFaults(page)).toEqual([]);
    },
  );
});

async function putOn([language, theme]: readonly ['en' | 'zh', 'light' | 'dark']): Promise<void> {
  if (findProgram('chromium') === undefined) return;
  await window.ask('settings.save', { settings: { language, theme } });
  await window.page.reload();
  await window.page.locator(`html[data-mantine-color-scheme="${theme}"][lang^="${language}"]`).waitFor();
}
