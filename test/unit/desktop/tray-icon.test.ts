import { expect, test } from 'vitest';
import { createTrayIcon } from '../../../main/desktop/tray-icon.ts';
import { createFakeElectron } from '../../support/fake-electron/fake-electron.ts';

const PNG = /^data:image\/png;base64,iVBORw0KGgo/;

test('the picture in the tray comes in two sizes, and on macOS as a silhouette', () => {
  const { nativeImage } = createFakeElectron().electron;
  const colour = createTrayIcon(nativeImage, 'linux');
  const template = createTrayIcon(nativeImage, 'darwin');
  const pictures = [...colour.pictures, ...template.pictures];
  for (const picture of pictures) expect(picture).toMatch(PNG);
  expect(new Set(pictures).size).toBe(4);
  expect([colour.isTemplate, template.isTemplate]).toEqual([false, true]);
});
