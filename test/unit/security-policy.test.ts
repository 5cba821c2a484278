import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const POLICY = readFileSync(`${ROOT}/SECURITY.md`, 'utf8');

/** Rows of the tables, without their heads: a promise and what holds it. */
const PROMISES = POLICY.split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (?:Promise|-+) /.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, promise = '', holders = '']) => ({ promise, tests: holders.match(/test\/[\w./-]+\.test\.ts/g) ?? [] }));

test('every promise of SECURITY.md names a test that holds it', () => {
  expect(PROMISES.length).toBeGreaterThan(20);
  expect(PROMISES.filter(({ tests }) => tests.length === 0)).toEqual([]);
});

test('every test that SECURITY.md names is there', () => {
  const named = POLICY.match(/test\/[\w./-]+\.ts/g) ?? [];
  expect(named.filter((file) => !existsSync(`${ROOT}/${file}`))).toEqual([]);
});

test('every attack test is named in SECURITY.md', () => {
  for (const attack of ['connections', 'origins', 'redis', 'requests']) {
    expect(POLICY).toContain(`test/integration/security/${attack}.test.ts`);
  }
});

test('it sends reporters to a form, and to no address that somebody made up', () => {
  expect(POLICY).toContain('Report a vulnerability');
  expect(POLICY).not.toMatch(/[\w.-]+@[\w-]+\.\w+/);
});
