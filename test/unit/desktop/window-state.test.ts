import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadWindowState, placeWindow, saveWindowState } from '../../../main/desktop/window-state.ts';

const MAIN = { x: 0, y: 25, width: 1920, height: 1000 };
const LEFT = { x: -1280, y: 0, width: 1280, height: 1024 };

describe('a window opens', () => {
  test('in the middle of the main screen, the first time', () => {
    expect(placeWindow(undefined, [MAIN, LEFT])).toEqual({ x: 360, y: 135, width: 1200, height: 780 });
  });

  test('where it was, on whatever screen', () => {
    const last = { x: -1200, y: 40, width: 1000, height: 700 };
    expect(placeWindow(last, [MAIN, LEFT])).toEqual(last);
  });

  test('where it was, partly off the screen, as long as one can get hold of it', () => {
    const last = { x: 1800, y: 100, width: 1000, height: 700 };
    expect(placeWindow(last, [MAIN])).toEqual(last);
  });

  test.for([
    ['the screen is gone', { x: -1200, y: 40, width: 1000, height: 700 }],
    ['only a sliver would be on a screen', { x: 1890, y: 100, width: 1000, height: 700 }],
    ['its top edge would be above the screen', { x: 100, y: -300, width: 1000, height: 700 }],
    ['its top edge would be below the screen', { x: 100, y: 1020, width: 1000, height: 700 }],
  ] as const)('on the main screen when %s', ([, last]) => {
    const { x, y, width, height } = placeWindow(last, [MAIN]);
    expect({ x, y, width, height }).toEqual({ x: 360, y: 135, width: 1200, height: 780 });
  });

  test('no larger than its screen', () => {
    const small = { x: 0, y: 0, width: 1024, height: 600 };
    expect(placeWindow(undefined, [small])).toEqual(small);
    expect(placeWindow({ x: 0, y: 0, width: 3000, height: 2000 }, [small])).toEqual(small);
  });
});

describe('the place of a window', () => {
  const state = { bounds: LEFT, isMaximized: true };

  test('is remembered', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-place-'));
    const file = join(folder.path, 'window.json');
    expect(loadWindowState(file)).toBeUndefined();
    saveWindowState(file, state);
    expect(loadWindowState(file)).toEqual(state);
  });

  test.for([
    '',
    '{',
    '[]',
    '{"bounds":{"x":"0"}}',
    '{"bounds":{"x":0,"y":0,"width":0,"height":-5},"isMaximized":false}',
  ])('is forgotten when it was kept as %j', async (text) => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-place-'));
    const file = join(folder.path, 'window.json');
    await writeFile(file, text);
    expect(loadWindowState(file)).toBeUndefined();
  });

  test('that cannot be kept is no failure', () => {
    expect(() => saveWindowState('/nowhere/at/all/window.json', state)).not.toThrow();
  });
});
