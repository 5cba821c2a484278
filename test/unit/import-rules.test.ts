import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtempDisposable, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OXLINT = join(ROOT, 'node_modules/oxlint/bin/oxlint');
const LEAVES = ['hls', 'cache', 'origin', 'channels', 'stats', 'store', 'network'];
const COMPOSITES = ['proxy', 'diagnosis'];
const BASICS = ['errors', 'lifecycle', 'log', 'mask-url', 'byte-range', 'durable-file'];

/** Who may import whom: the diagram in the architecture, as a table. */
const BOUNDARIES: readonly { file: string; may: readonly string[]; mayNot: readonly string[] }[] = [
  ...LEAVES.map((leaf) => ({
    file: `main/${leaf}/new.ts`,
    may: ['./own.ts', 'node:fs', 'zod', '../../shared/channel.ts', ...BASICS.map((basic) => `../${basic}.ts`)],
    mayNot: [
      ...LEAVES.filter((other) => other !== leaf).map((other) => `../${other}/its-own.ts`),
      ...COMPOSITES.map((composite) => `../${composite}/its-own.ts`),
      ...['../control/web.ts', '../desktop/window.ts', '../app.ts', '../settings-file.ts'],
      ...['../../renderer/format.ts', '../../test/support/client.ts', 'electron'],
    ],
  })),
  ...COMPOSITES.map((composite) => ({
    file: `main/${composite}/new.ts`,
    may: [
      ...LEAVES.map((leaf) => `../${leaf}/its-own.ts`),
      ...['./own.ts', '../errors.ts', '../connections.ts', '../../shared/channel.ts'],
    ],
    mayNot: [
      ...COMPOSITES.filter((other) => other !== composite).map((other) => `../${other}/its-own.ts`),
      ...['../app.ts', '../control/web.ts', '../desktop/window.ts', '../settings-file.ts', 'electron'],
    ],
  })),
  {
    file: 'main/control/new.ts',
    may: [
      ...['../app.ts', '../supervisor.ts', '../log-store.ts', '../errors.ts', '../connections.ts'],
      ...['../../shared/contract.ts', './own.ts'],
    ],
    mayNot: [
      '../settings-file.ts',
      '../proxy/server.ts',
      '../cache/entry.ts',
      '../desktop/window.ts',
      '../headless.ts',
      'electron',
    ],
  },
  {
    file: 'main/desktop/new.ts',
    may: ['electron', 'electron/main', '../app.ts', '../control/dispatch.ts', '../../shared/contract.ts'],
    mayNot: ['../proxy/server.ts', '../cache/entry.ts', '../headless.ts', '../../renderer/api.ts'],
  },
  {
    file: 'main/packaging/new.ts',
    may: ['./own.ts', 'node:fs', 'yaml', '../desktop/update-signature.ts'],
    mayNot: ['../desktop/window.ts', '../app.ts', '../control/updates.ts', '../log.ts', 'electron'],
  },
  {
    file: 'main/new.ts',
    may: ['./errors.ts', './log.ts', '../shared/settings.ts'],
    mayNot: ['./app.ts', './cache/entry.ts', './proxy/server.ts', './desktop/window.ts', 'electron'],
  },
  {
    file: 'main/app.ts',
    may: [
      ...LEAVES.map((leaf) => `./${leaf}/its-own.ts`),
      './proxy/server.ts',
      './settings-file.ts',
      '../shared/channel.ts',
    ],
    mayNot: [
      './control/web.ts',
      './desktop/window.ts',
      './headless.ts',
      './index.ts',
      'electron',
      '../renderer/api.ts',
    ],
  },
  {
    file: 'main/foundation.ts',
    may: [...LEAVES.map((leaf) => `./${leaf}/its-own.ts`), './proxy/server.ts', '../shared/settings.ts'],
    mayNot: ['./control/web.ts', './desktop/window.ts', './supervisor.ts', './index.ts', 'electron'],
  },
  {
    file: 'main/supervisor.ts',
    may: ['./app.ts', './foundation.ts', './settings-file.ts', './errors.ts', '../shared/settings.ts'],
    mayNot: ['./control/web.ts', './proxy/server.ts', './stats/traffic.ts', './headless.ts', 'electron'],
  },
  {
    file: 'main/headless-relay.ts',
    may: ['./supervisor.ts', './control/web.ts', './log-store.ts', './settings-file.ts'],
    mayNot: ['electron', './desktop/window.ts', './index.ts'],
  },
  {
    file: 'main/headless.ts',
    may: ['./app.ts', './control/web.ts', './settings-file.ts', '../package.json', '../shared/settings.ts'],
    mayNot: ['electron', 'electron/main', './desktop/window.ts', './index.ts', '../test/support/client.ts'],
  },
  {
    file: 'main/index.ts',
    may: ['electron', './desktop/window.ts', './app.ts', './control/dispatch.ts', '../shared/settings.ts'],
    mayNot: ['./headless.ts', '../renderer/api.ts', '../test/support/client.ts'],
  },
  {
    file: 'shared/new.ts',
    may: ['zod', './channel.ts'],
    mayNot: ['node:fs', 'fs', 'undici', 'react', 'electron', '../main/errors.ts', '../renderer/format.ts'],
  },
  {
    file: 'renderer/views/new.tsx',
    may: ['react', './own.tsx', '../format.ts', '../../shared/contract.ts'],
    mayNot: ['electron', 'node:fs', 'fs', '../../main/errors.ts', '../../test/support/client.ts'],
  },
  {
    file: 'test/unit/new.test.ts',
    may: [
      'vitest',
      '../../main/app.ts',
      '../../main/cache/entry.ts',
      '../../shared/channel.ts',
      '../support/client.ts',
    ],
    mayNot: ['electron'],
  },
];

const IMPORT_RULES = new Set(['eslint(no-restricted-imports)', 'import(no-nodejs-modules)']);

type Finding = { rule: string; file: string; line: number };

const Report = z.object({
  diagnostics: z.array(
    z.object({
      code: z.string(),
      filename: z.string(),
      labels: z.array(z.object({ span: z.object({ line: z.number() }) })).min(1),
    }),
  ),
});

/** Each breaks one rule. */
const BREACHES: readonly { what: string; rule: string; files: Record<string, string> }[] = [
  {
    what: 'imports in a circle, of types too',
    rule: 'import(no-cycle)',
    files: {
      'main/hls/circle.ts': `import type { B } from './circle-end.ts';\nexport type A = { b: B };\n`,
      'main/hls/circle-end.ts': `import type { A } from './circle.ts';\nexport type B = { a: A };\n`,
    },
  },
  {
    what: 'a barrel',
    rule: 'oxc(no-barrel-file)',
    files: {
      'main/hls/all.ts': `export * from './one.ts';\n`,
      'main/hls/one.ts': `export const one = 1;\n`,
    },
  },
  {
    what: 'a default export',
    rule: 'import(no-default-export)',
    files: { 'main/hls/default.ts': `export default 1;\n` },
  },
  {
    what: 'a promise that nobody awaits',
    rule: 'typescript(no-floating-promises)',
    files: { 'main/hls/floating.ts': `export function a(): void {\n  Promise.resolve(1);\n}\n` },
  },
  {
    what: 'a promise where a condition is asked for',
    rule: 'typescript(no-misused-promises)',
    files: { 'main/hls/condition.ts': `export const a = (b: Promise<boolean>): number => (b ? 1 : 2);\n` },
  },
  {
    what: 'awaiting what is no promise',
    rule: 'typescript(await-thenable)',
    files: { 'main/hls/thenable.ts': `export async function a(): Promise<void> {\n  await 1;\n}\n` },
  },
  {
    what: 'a switch that forgets a case',
    rule: 'typescript(switch-exhaustiveness-check)',
    files: {
      'main/hls/switch.ts': `export function a(b: 'x' | 'y'): void {\n  switch (b) {\n    case 'x':\n      break;\n  }\n}\n`,
    },
  },
  {
    what: 'any',
    rule: 'typescript(no-explicit-any)',
    files: { 'main/hls/any.ts': `export const a = (b: any): number => Number(b);\n` },
  },
  {
    what: 'a non-null assertion',
    rule: 'typescript(no-non-null-assertion)',
    files: { 'main/hls/assertion.ts': `export const a = (b: string | null): string => b!;\n` },
  },
  ...[
    `import { entry } from '../cache/entry.ts';\nexport const same = entry;\n`,
    `import type { Entry } from '../cache/entry.ts';\nexport type Same = Entry;\n`,
    `export { entry } from '../cache/entry.ts';\n`,
    `export const load = () => import('../cache/entry.ts');\n`,
  ].map((source, index) => ({
    what: `what another layer has, however it is imported: ${source.split('\n')[0]}`,
    rule: 'eslint(no-restricted-imports)',
    files: { [`main/hls/forbidden-${index}.ts`]: source },
  })),
];

const SOUND = {
  'main/hls/sound.ts': `import { join } from 'node:path';\n\nexport const a = (b: string): string => join(b, 'c');\n`,
  'test/vitest.config.ts': `export default {};\n`,
};

describe('the linter', () => {
  let findings: readonly Finding[];

  // Once for all: starting it and its type checker takes most of the time.
  beforeAll(async () => {
    findings = await lint({
      ...Object.fromEntries(BOUNDARIES.map(({ file, may, mayNot }) => [file, importing(...may, ...mayNot)])),
      ...Object.assign({}, ...BREACHES.map(({ files }) => files)),
      ...SOUND,
    });
  });

  test.for(BOUNDARIES)('lets $file import only what its layer may', ({ file, may, mayNot }) => {
    const refused = findings
      .filter((finding) => finding.file === file && IMPORT_RULES.has(finding.rule))
      .map(({ line }) => [...may, ...mayNot][line - 1]);
    expect(new Set(refused)).toEqual(new Set(mayNot));
  });

  test.for(BREACHES)('refuses $what', ({ rule, files }) => {
    const broken = findings.filter(({ file }) => Object.hasOwn(files, file));
    expect(broken.map((finding) => finding.rule)).toContain(rule);
  });

  test('finds nothing in a file that keeps the rules, nor a default export in the config of a tool', () => {
    expect(findings.filter(({ file }) => Object.hasOwn(SOUND, file))).toEqual([]);
  });
});

/** One import a line. */
function importing(...specifiers: readonly string[]): string {
  return specifiers.map((specifier) => `import ${JSON.stringify(specifier)};\n`).join('');
}

/** What the project's linter settings find in these files, in a project that holds nothing else. */
async function lint(files: Record<string, string>): Promise<Finding[]> {
  await using project = await mkdtempDisposable(join(tmpdir(), 'hearthcast-lint-'));
  for (const name of ['.oxlintrc.json', 'tsconfig.json']) await cp(join(ROOT, name), join(project.path, name));
  await symlink(join(ROOT, 'node_modules'), join(project.path, 'node_modules'), 'junction');
  for (const [path, source] of Object.entries(files)) {
    await mkdir(dirname(join(project.path, path)), { recursive: true });
    await writeFile(join(project.path, path), source);
  }
  const { diagnostics } = Report.parse(JSON.parse(await runOxlint(project.path)));
  return diagnostics.map(({ code, filename, labels }) => ({
    rule: code,
    file: filename,
    line: labels[0]?.span.line ?? 0,
  }));
}

/** Its exit code says no more than its report, so only a missing report is a failure here. */
function runOxlint(folder: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [OXLINT, '--type-aware', '--format=json'], { cwd: folder }, (_, stdout) =>
      resolve(stdout),
    );
  });
}
