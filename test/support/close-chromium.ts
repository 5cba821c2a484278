import { afterAll } from 'vitest';
import { closeChromium } from './chromium.ts';

/* For every test file, before its own tests. */

afterAll(closeChromium);
