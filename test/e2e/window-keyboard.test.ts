import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLivelyRelay, type LivelyRelay } from '../support/lively-relay.ts';
import { openRelayWindow, type RelayWindow } from '../support/relay-window.ts';
import { findProgram, needs } from '../support/requirements.ts';
import { leaveScene, SCENES } from '../support/scenes.ts';

/* Without a mouse: everything is reached, one sees where one is, and one comes back. */

const MOST_STOPS = 120;

let lively: LivelyRelay;
let window: RelayWindow;

// One relay and one browser for all: nothing here changes what the others look at.
beforeAll(async () => {
  if (findProgram('chromium') === undefined) return;
  lively = await startLivelyRelay();
  window = await openRelayWindow(lively.relay);
  await window.page.emulateMedia({ reducedMotion: 'reduce' });
});

afterAll(async () => {
  await window?.[Symbol.asyncDispose]();
  await lively?.[Symbol.asyncDispose]();
});

test.for(SCENES)('in $name one gets everywhere with Tab, and sees where', needs('chromium'), async ({ open }) => {
  const { page } = window;
  await leaveScene(page);
  await open(page, lively);
  const { stops, ...faults } = await walk(page);
  expect(faults).toEqual({ unseen: [], missed: [] });
  // The smallest is a question: yes, no, close.
  expect(stops).toBeGreaterThanOrEqual(3);
  expect(window.complaints).toEqual([]);
});

type Walk = { stops: number; unseen: string[]; missed: string[] };

/** Goes once round with Tab. */
async function walk(page: Page): Promise<Walk> {
  await page.evaluate(markControls);
  const unseen: string[] = [];
  for (let stops = 0; stops < MOST_STOPS; stops += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(lookAtFocus);
    if (stop === null) continue;
    if (stop.isKnown) return { stops, unseen, missed: await page.evaluate(controlsMissed) };
    if (!stop.isSeen) unseen.push(stop.what);
  }
  return { stops: MOST_STOPS, unseen, missed: [`the end after ${MOST_STOPS} stops`] };
}

/** Runs in the page: what can be clicked in the topmost layer, so that it can be told which of it Tab has not come to. */
function markControls(): void {
  for (const name of ['data-visited', 'data-unvisited'])
    for (const element of document.querySelectorAll(`[${name}]`)) element.removeAttribute(name);
  const layers = [...document.querySelectorAll('[role=dialog]')].filter((layer) => layer.checkVisibility());
  const layer = layers.at(-1) ?? document.body;
  const controls = layer.querySelectorAll('button, a[href], input, textarea, [role=tab], [tabindex="0"]');
  for (const control of controls) {
    const isShown = control.checkVisibility({ visibilityProperty: true });
    // Rows and their parts are reached with arrows; so is one of several of a kind.
    const isPart = control.closest('[role=row], [role=log], .plan__scroller, [aria-hidden=true]') !== null;
    const isOneOfMany = control.matches('[role=tab][aria-selected=false], input[type=radio]:not(:checked)');
    const isOff = control.matches('[disabled], [tabindex="-1"], [data-disabled], input[type=file]');
    if (isShown && !isPart && !isOneOfMany && !isOff) control.setAttribute('data-unvisited', '');
  }
}

/** Runs in the page: what has the focus, whether it had it before, and whether one sees it. Null: the browser itself. */
function lookAtFocus(): { what: string; isKnown: boolean; isSeen: boolean } | null {
  const element = document.activeElement;
  if (!(element instanceof HTMLElement) || element === document.body) return null;
  const what = `<${element.tagName.toLowerCase()} class="${element.className}" aria-label="${element.ariaLabel ?? ''}"> ${(element.textContent ?? '').slice(0, 30)}`;
  const isKnown = element.hasAttribute('data-visited');
  element.removeAttribute('data-unvisited');
  element.setAttribute('data-visited', '');
  const around = [element, element.parentElement, element.parentElement?.parentElement, element.nextElementSibling];
  const look = (): string =>
    around
      .map((part) => {
        if (part === null || part === undefined) return '';
        const { outlineStyle, outlineColor, boxShadow, borderColor, backgroundColor, left } = getComputedStyle(part);
        return [outlineStyle, outlineColor, boxShadow, borderColor, backgroundColor, left].join(' ');
      })
      .join('\n');
  const withFocus = look();
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const isInWindow = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
  element.blur();
  const without = look();
  element.focus({ preventScroll: true });
  return { what, isKnown, isSeen: isInWindow && withFocus !== without };
}

/** Runs in the page. */
function controlsMissed(): string[] {
  return [...document.querySelectorAll('[data-unvisited]')].map(
    (element) =>
      `<${element.tagName.toLowerCase()} class="${element.className}"> ${(element.textContent ?? '').slice(0, 30)}`,
  );
}
