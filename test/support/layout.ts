import type { Page } from 'playwright-core';

/**
 * What does not fit, in words: the page or a part of it that would have to be scrolled sideways, and controls whose text is cut
 * off or that reach out of what surrounds them.
 */
export function findMisfits(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const nameOf = (element: Element): string =>
      `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> ${(element.textContent ?? '').slice(0, 40)}`;
    const isShown = (element: Element): boolean =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.getClientRects().length > 0;
    const misfits: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) misfits.push(`the page is ${root.scrollWidth} pixels wide`);
    for (const element of document.querySelectorAll('body *')) {
      const { overflowX } = getComputedStyle(element);
      const isTooWide = element.scrollWidth > element.clientWidth + 1;
      if (isTooWide && (overflowX === 'auto' || overflowX === 'scroll'))
        misfits.push(`scrolls sideways: ${nameOf(element)}`);
    }
    for (const control of document.querySelectorAll('button, a, input, [role=tab], [role=switch], label, h1, h2, h3')) {
      const box = control.getBoundingClientRect();
      // What is read aloud only is a pixel, or out of the window until it has the focus.
      if (!isShown(control) || box.width <= 1 || box.right < 0) continue;
      if (box.left < -1 || box.right > innerWidth + 1) misfits.push(`reaches out of the window: ${nameOf(control)}`);
      for (const part of [control, ...control.querySelectorAll('*')]) {
        const { overflowX, textOverflow } = getComputedStyle(part);
        const isCut = part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 1;
        // What has no words is a drawing: the track of a switch is wider than itself by the thumb in it.
        const hasWords = part.textContent.trim() !== '';
        if (isCut && hasWords && overflowX === 'hidden' && textOverflow !== 'ellipsis')
          misfits.push(`is cut off: ${nameOf(part)}`);
      }
      for (let around = control.parentElement; around !== null; around = around.parentElement) {
        const { overflowX } = getComputedStyle(around);
        if (overflowX !== 'hidden' && overflowX !== 'clip') continue;
        const outer = around.getBoundingClientRect();
        if (box.right > outer.right + 1) misfits.push(`is cut off by what surrounds it: ${nameOf(control)}`);
      }
    }
    return [...new Set(misfits)];
  });
}

/**
 * What moves on the page in a time: Chromium's layout shifts, each with its score and the elements that moved.
 * @param except selects what may move: a shift of nothing else is left out
 */
export function watchShifts(page: Page, forMs: number, except?: string): Promise<string[]> {
  type LayoutShift = PerformanceEntry & { value: number; sources: { node: Node | null }[] };
  return page.evaluate(
    ([waitMs, mayMove]) =>
      new Promise<string[]>((resolve) => {
        const shifts: string[] = [];
        const elementOf = ({ node }: LayoutShift['sources'][number]): Element | null =>
          node instanceof Element ? node : (node?.parentElement ?? null);
        const observer = new PerformanceObserver((list) => {
          for (const { value, sources } of list.getEntries() as LayoutShift[]) {
            const moved = sources.map(elementOf);
            if (mayMove !== undefined && moved.every((element) => element?.closest(mayMove))) continue;
            shifts.push(`${value}: ${moved.map((element) => element?.className).join(', ')}`);
          }
        });
        observer.observe({ type: 'layout-shift' });
        setTimeout(() => resolve(shifts), waitMs);
      }),
    [forMs, except] as const,
  );
}

/** What is measured for the new size is laid out a frame or two later. */
export async function misfitsOnceStill(page: Page): Promise<string[]> {
  await page.waitForTimeout(150);
  const found = await findMisfits(page);
  if (found.length === 0) return found;
  await page.waitForTimeout(1000);
  return findMisfits(page);
}
