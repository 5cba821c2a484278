import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';

const Rectangle = z.object({
  x: z.number().int(),
  y: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
export type Rectangle = z.infer<typeof Rectangle>;

/** Where the window was when it was closed last. */
export const WindowState = z.object({ bounds: Rectangle, isMaximized: z.boolean() });
export type WindowState = z.infer<typeof WindowState>;

/** The smallest that all views are made for. */
export const SMALLEST = { width: 900, height: 600 };
const FIRST = { width: 1200, height: 780 };

/** How much of the window must be on a screen for one to get hold of it. */
const REACHABLE_PX = 80;

/** The state that was saved; undefined when there is none that can be used. */
export function loadWindowState(file: string): WindowState | undefined {
  try {
    return WindowState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Saves at once, because the app may be about to end. */
export function saveWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state));
  } catch {
    // The next window opens where windows open.
  }
}

/**
 * Where to put the window: where it was, if a screen is still there, else in the middle of the main one.
 * @param workAreas of all screens, that of the main one first
 */
export function placeWindow(last: Rectangle | undefined, workAreas: readonly [Rectangle, ...Rectangle[]]): Rectangle {
  const home = last && workAreas.find((area) => isReachable(last, area));
  if (last !== undefined && home !== undefined) return { ...last, ...clampSize(last, home) };
  const [main] = workAreas;
  const size = clampSize(FIRST, main);
  return {
    x: Math.round(main.x + (main.width - size.width) / 2),
    y: Math.round(main.y + (main.height - size.height) / 2),
    ...size,
  };
}

/** A window is moved by its top edge. */
function isReachable(window: Rectangle, area: Rectangle): boolean {
  const widthInside = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x);
  const isTopInside = window.y >= area.y && window.y <= area.y + area.height - REACHABLE_PX;
  return widthInside >= REACHABLE_PX && isTopInside;
}

function clampSize(
  { width, height }: { width: number; height: number },
  area: Rectangle,
): { width: number; height: number } {
  return { width: Math.min(width, area.width), height: Math.min(height, area.height) };
}
