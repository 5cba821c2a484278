import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { firewallSteps, System } from '../../../shared/firewall.ts';
import { Settings } from '../../../shared/settings.ts';

const TROUBLESHOOTING = fileURLToPath(new URL('../../../docs/troubleshooting.md', import.meta.url));

test.for(System.options)('there are steps for %s, and lines that name the very port', (system) => {
  const steps = firewallSteps(system, 9123);
  expect(steps.length).toBeGreaterThan(0);
  for (const { command } of steps) if (command !== null) expect(command).toMatch(/\b9123\b/);
});

test('what the window says to type stands in the troubleshooting guide as well', async () => {
  const text = await readFile(TROUBLESHOOTING, 'utf8');
  const port = Settings.shape.port.parse(undefined);
  const lines = System.options.flatMap((system) => firewallSteps(system, port).flatMap(({ command }) => command ?? []));
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(text).toContain(line);
});
