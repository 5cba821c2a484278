import type { Page } from 'playwright-core';

/** How much of the page moves in a time, as Chromium measures layout shifts. */
export function sumShifts(page: Page, forMs: number): Promise<number> {
  return page.evaluate(
    (waitMs) =>
      new Promise<number>((resolve) => {
        let sum = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as PerformanceEntry & { value: number }).value;
        });
        observer.observe({ type: 'layout-shift' });
        setTimeout(() => resolve(sum), waitMs);
      }),
    forMs,
  );
}
