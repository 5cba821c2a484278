import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const AXE = fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url));
/** What fades in has its colours only after that. */
const SETTLES_MS = 300;

type Fault = { id: string; nodes: { html: string; failureSummary: string }[] };

/** What axe-core holds against the page, put in from outside because the page's own policy lets no other script in. */
export async function findFaults(page: Page): Promise<string[]> {
  await page.waitForTimeout(SETTLES_MS);
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(await readFile(AXE, 'utf8'));
  // Of the other results one node each is looked at closer, instead of all.
  const faults = await page.evaluate<Fault[]>(
    `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  return faults.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}
