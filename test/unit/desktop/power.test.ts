import { expect, test } from 'vitest';
import { createKeepAwake } from '../../../main/desktop/power.ts';
import { createFakeElectron } from '../../support/fake-electron/fake-electron.ts';

test('the computer is kept awake while that is wanted, however often it is said', () => {
  const { electron, isKeptAwake } = createFakeElectron();
  const keepAwake = createKeepAwake(electron.powerSaveBlocker);
  keepAwake.set(false);
  expect(isKeptAwake()).toBe(false);
  keepAwake.set(true);
  keepAwake.set(true);
  expect(isKeptAwake()).toBe(true);
  keepAwake.set(false);
  expect(isKeptAwake()).toBe(false);
  keepAwake.set(true);
  expect(isKeptAwake()).toBe(true);
});
