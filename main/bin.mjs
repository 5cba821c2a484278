#!/usr/bin/env node
// What `hearthcast` and `npx hearthcast` run: the relay without a window of its own, on a Node that is recent enough.
// Plain JavaScript, for any Node from 18 on.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runEntry, SetupError, stopWithNpm } from './runtime.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

stopWithNpm();
try {
  process.exitCode = await runEntry(root, join(root, 'out/main/headless.js'), process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
