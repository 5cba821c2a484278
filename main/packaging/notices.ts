import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';
import * as z from 'zod';

/** Where the notices are in the built window. */
const NOTICES_FILE = 'notices.txt';

const Lock = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), optional: z.boolean().optional() })),
});

const Package = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().default('UNKNOWN'),
  author: z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).default(''),
});

const LICENCE_FILE = /^(?:licen[cs]e|copying|notice)/i;
const PACKAGE_FOLDER = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;
const INTRODUCTION =
  'Hearthcast is made with the software of others. These are their names, and the terms that they come under.';

/**
 * Writes what is owed to the authors of the packages that are built in, or go with the build: one plugin for all its parts, the
 * window's last, into whose folder it writes.
 */
export function writeNotices({ root }: { root: string }): { collect: Plugin; write: Plugin } {
  const folders = new Set<string>();
  function collectFrom(moduleIds: Iterable<string>): void {
    for (const id of moduleIds) {
      const folder = PACKAGE_FOLDER.exec(id.replace(/^\0/, ''))?.[1];
      if (folder !== undefined && existsSync(path.join(folder, 'package.json'))) folders.add(folder);
    }
  }
  return {
    collect: {
      name: 'hearthcast:collect-notices',
      generateBundle() {
        collectFrom(this.getModuleIds());
      },
    },
    write: {
      name: 'hearthcast:write-notices',
      generateBundle() {
        collectFrom(this.getModuleIds());
        const source = noticesOf([...folders, ...packagesAtRunTime(root)]);
        this.emitFile({ type: 'asset', fileName: NOTICES_FILE, source });
      },
    },
  };
}

/** The packages that stay outside the build and go with it, or are installed with it: all that are needed to run. */
function packagesAtRunTime(root: string): string[] {
  const { packages } = Lock.parse(JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')));
  return Object.entries(packages)
    .filter(([name, { dev = false, optional = false }]) => name !== '' && !dev && !optional)
    .map(([name]) => path.join(root, name));
}

/** Each package once, with its licence; those that come under the same words share them. */
function noticesOf(folders: readonly string[]): string {
  const namesByText = new Map<string, Set<string>>();
  for (const folder of folders) {
    const { name, version, license, author } = Package.parse(
      JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')),
    );
    const text = licenceTexts(folder) || `License: ${license}${author === '' ? '' : `\nAuthor: ${author}`}`;
    const names = namesByText.get(text) ?? new Set();
    namesByText.set(text, names.add(`${name} ${version} (${license})`));
  }
  const notices = [...namesByText].map(([text, names]) => `${[...names].toSorted().join('\n')}\n\n${text}`);
  return `${[INTRODUCTION, ...notices.toSorted()].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

function licenceTexts(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name))
    .map(({ name }) => readFileSync(path.join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n');
}
