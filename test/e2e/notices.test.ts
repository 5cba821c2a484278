import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import packageJson from '../../package.json' with { type: 'json' };
import { openWindow } from '../support/browser-window.ts';
import { startHousehold } from '../support/control-stub.ts';
import { needs } from '../support/requirements.ts';

/* What the build writes about the software of others that is in it. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NOTICES = join(ROOT, 'out/renderer/notices.txt');

/** Those that ask for no more than to be named, or for no less than a copy of themselves; none that asks for our sources. */
const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Unlicense',
  'OFL-1.1',
  'Python-2.0',
]);

const NAMED = /^((?:@[\w.-]+\/)?[\w.-]+) (\d\S*) \((.+)\)$/gm;

let text = '';
let named: { name: string; licence: string }[] = [];

beforeAll(async () => {
  text = await readFile(NOTICES, 'utf8');
  named = Array.from(text.matchAll(NAMED), ([, name = '', , licence = '']) => ({ name, licence }));
});

const namesOf = (paths: readonly string[]): string[] => [
  ...new Set(paths.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])),
];

const missing = (names: readonly string[]): string[] =>
  names.filter((name) => !named.some((notice) => notice.name === name));

describe('the notices', () => {
  test('name everything that is bundled, as the source maps tell it', async () => {
    const folder = join(ROOT, 'out/main/chunks');
    const maps = [join(ROOT, 'out/main/index.js.map')];
    for (const file of await readdir(folder)) if (file.endsWith('.map')) maps.push(join(folder, file));
    const sources: string[] = [];
    for (const map of maps)
      sources.push(
        ...z.object({ sources: z.array(z.string()) }).parse(JSON.parse(await readFile(map, 'utf8'))).sources,
      );
    const bundled = namesOf(sources);
    expect(bundled).toContain('electron-updater');
    expect(missing(bundled)).toEqual([]);
  });

  test('name what the window is made of', async () => {
    const imported = new Set<string>();
    for (const file of await readdir(join(ROOT, 'renderer'), { recursive: true })) {
      if (!/\.(?:tsx?|css)$/.test(file)) continue;
      const source = await readFile(join(ROOT, 'renderer', file), 'utf8');
      for (const [, name = ''] of source.matchAll(/from '((?:@[\w-]+\/)?[\w.-]+)|import '((?:@[\w-]+\/)?[\w-]+)/g))
        imported.add(name);
    }
    const packages = [...imported].filter((name) => name in packageJson.devDependencies);
    expect(packages.length).toBeGreaterThan(8);
    expect(missing(packages)).toEqual([]);
  });

  test('name all that the relay runs with', async () => {
    const Lock = z.object({
      packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), optional: z.boolean().optional() })),
    });
    const { packages } = Lock.parse(JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')));
    const atRunTime = Object.entries(packages).filter(([, { dev = false, optional = false }]) => !dev && !optional);
    expect(missing(namesOf(atRunTime.map(([path]) => path)))).toEqual([]);
    expect(missing(Object.keys(packageJson.dependencies))).toEqual([]);
  });

  test('name no licence that forbids to give it on like this, and none that nobody knows', () => {
    const isAllowed = (licence: string): boolean =>
      licence
        .replace(/^\((.*)\)$/, '$1')
        .split(' OR ')
        .some((choice) => choice.split(' AND ').every((one) => ALLOWED.has(one)));
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter(({ licence }) => !isAllowed(licence))).toEqual([]);
  });

  test('hold the words of the licences', () => {
    expect(text).toContain('Permission is hereby granted, free of charge');
    expect(text).toContain('Apache License');
    expect(text).toContain('SIL OPEN FONT LICENSE');
  });
});

test('the window shows them under About', needs('chromium'), async () => {
  await using server = await startHousehold();
  await using window = await openWindow({ url: server.url });
  const { page } = window;
  await page.evaluate(() => void (location.hash = '#/settings'));
  await page.getByRole('button', { name: 'Licences of others' }).click();
  const region = page.getByRole('region', { name: 'Software in Hearthcast' });
  await region.waitFor();
  expect(await region.textContent()).toContain('electron-updater');
  expect(window.complaints).toEqual([]);
});
