import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as z from 'zod';

const LockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({ resolved: z.string().optional(), optionalDependencies: z.record(z.string(), z.string()).optional() }),
  ),
});

test('the lock file holds the binaries of every platform, without which npm ci fails on all of them', async () => {
  const packages = await readPackages();
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !foldersAbove(path).some((folder) => `${folder}node_modules/${name}` in packages))
      .map((name) => `${path} needs ${name}`),
  );
  expect(missing).toEqual([]);
});

test('the lock file names no place that packages come from, so that each machine uses its own registry', async () => {
  const packages = await readPackages();
  expect(Object.values(packages).filter(({ resolved }) => resolved !== undefined)).toEqual([]);
});

async function readPackages(): Promise<z.infer<typeof LockFile>['packages']> {
  const text = await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8');
  return LockFile.parse(JSON.parse(text)).packages;
}

/** Where Node looks for what a package imports: in its own folder, then in each one above, up to the project's. */
function foldersAbove(path: string): string[] {
  const parts = path.split('node_modules/').slice(1);
  const nested = parts.map(
    (_, index) =>
      `${parts
        .slice(0, index + 1)
        .map((part) => `node_modules/${part}`)
        .join('')}/`,
  );
  return [...nested.map((folder) => folder.replaceAll('//', '/')), ''];
}
