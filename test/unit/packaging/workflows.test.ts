import { execFile } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import packageJson from '../../../package.json' with { type: 'json' };
import { needs } from '../../support/requirements.ts';

/* What the workflows must hold, whoever edits them. That they run, only GitHub shows. */

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FOLDER = join(ROOT, '.github/workflows');

const Permissions = z.record(z.string(), z.enum(['read', 'write', 'none']));
const Step = z.object({
  name: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  run: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
});
const Job = z.object({
  uses: z.string().optional(),
  permissions: Permissions.optional(),
  env: z.record(z.string(), z.string()).default({}),
  'timeout-minutes': z.number().optional(),
  strategy: z.object({ matrix: z.object({ os: z.array(z.string()) }) }).optional(),
  steps: z.array(Step).default([]),
});
const Workflow = z.object({
  on: z.record(z.string(), z.unknown()),
  permissions: Permissions,
  env: z.record(z.string(), z.string()).default({}),
  jobs: z.record(z.string(), Job),
});

const workflows = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const workflow = Workflow.parse(parse(text));
  return { file, text, workflow, steps: Object.values(workflow.jobs).flatMap(({ steps }) => steps) };
});
const stepsOf = (file: string) => workflows.find((known) => known.file === file)?.steps ?? [];

test('there is one for every change and one for releases', () => {
  expect(workflows.map(({ file }) => file).toSorted()).toEqual(['check.yml', 'release.yml']);
});

describe.each(workflows)('$file', ({ text, workflow, steps }) => {
  test('uses nothing that may change behind its name: full commits, each with its version beside it', () => {
    const used = [...text.matchAll(/^\s*(?:- )?uses: (?<what>.*)$/gm)].map(({ groups }) => groups?.['what'] ?? '');
    expect(used.length).toBe(steps.filter(({ uses }) => uses !== undefined).length + reusedIn(workflow).length);
    const loose = used.filter(
      (what) => !/^(?:actions\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+|\.\/\.github\/workflows\/[\w-]+\.yml)$/.test(what),
    );
    expect(loose).toEqual([]);
  });

  test('reads the repository and may do nothing else, but where a job says so', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const writing = Object.entries(workflow.jobs).filter(([, { permissions = {} }]) =>
      Object.values(permissions).includes('write'),
    );
    expect(writing.map(([name]) => name)).toEqual(text.includes('gh release create') ? ['draft'] : []);
  });

  test('never runs with the rights of this repository for what a stranger sends', () => {
    expect(Object.keys(workflow.on)).not.toContain('pull_request_target');
    const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'));
    expect(checkouts.every((step) => step.with['persist-credentials'] === false)).toBe(true);
    // What comes from outside is never pasted into a script.
    expect(
      steps.filter(({ run = '' }) => /\$\{\{\s*(?:github\.(?:event|head_ref|ref)|secrets|vars|inputs)/.test(run)),
    ).toEqual([]);
  });

  test('shows secrets to the steps that use them only', () => {
    const wide = JSON.stringify([workflow.env, ...Object.values(workflow.jobs).map(({ env }) => env)]);
    expect(wide).not.toContain('secrets.');
  });

  test('runs commands that there are', () => {
    const scripts = steps.map(({ run = '' }) => run).join('\n');
    const npmScripts = [...scripts.matchAll(/npm run (?<name>[\w-]+)/g)].map(({ groups }) => groups?.['name'] ?? '');
    expect(npmScripts.length).toBeGreaterThan(0);
    expect(npmScripts.filter((name) => !Object.hasOwn(packageJson.scripts, name))).toEqual([]);
    const files = [...scripts.matchAll(/node (?<file>[\w./-]+\.[jt]s)|-- (?<test>test\/[\w./-]+)/g)];
    const missing = files
      .map(({ groups }) => groups?.['file'] ?? groups?.['test'] ?? '')
      .filter((file) => !existsSync(join(ROOT, file)));
    expect(missing).toEqual([]);
  });

  test('gives up on what hangs', () => {
    const endless = Object.values(workflow.jobs).filter(
      (job) => job.uses === undefined && job['timeout-minutes'] === undefined,
    );
    expect(endless).toEqual([]);
  });
});

test('every change is checked on each system that packages are made for', () => {
  const systems = workflows.flatMap(({ workflow }) =>
    Object.values(workflow.jobs).flatMap(({ strategy }) =>
      strategy === undefined ? [] : [strategy.matrix.os.map((os) => os.split('-')[0])],
    ),
  );
  expect(systems).toEqual([
    ['ubuntu', 'macos', 'windows'],
    ['ubuntu', 'macos', 'windows'],
  ]);
  const commands = stepsOf('check.yml').map(({ run }) => run);
  expect(commands).toEqual(expect.arrayContaining(['npm ci', 'npm run check -- --no-tests', 'npm test']));
});

test('Electron itself is tried, and a run that skips that fails', () => {
  const smoke = stepsOf('check.yml').find(({ run = '' }) => run.includes('electron-smoke.test.ts'));
  expect(smoke?.env).toEqual({ HEARTHCAST_MUST_HAVE: 'electron' });
  expect(smoke?.run).toContain('xvfb-run');
});

test('a release holds checksums, provenance and signed feeds, and is a draft', () => {
  const steps = stepsOf('release.yml');
  const order = ['sign-feed.ts dist', 'sha256sum', 'gh release create'].map((part) =>
    steps.findIndex(({ run = '' }) => run.includes(part)),
  );
  const attested = steps.findIndex(({ uses = '' }) => uses.startsWith('actions/attest-build-provenance@'));
  // Feeds are signed before anything is counted, and all is attested before anybody sees it.
  expect(order).not.toContain(-1);
  expect(order.toSorted((left, right) => left - right)).toEqual(order);
  expect(attested).toBeGreaterThan(order[1]!);
  expect(attested).toBeLessThan(order[2]!);
  expect(steps[order[2]!]?.run).toContain('--draft');
});

test.for([
  [`v${packageJson.version}`, 0],
  [packageJson.version, 1],
  ['v0.0.0-other', 1],
] as const)('a tag %s is refused unless it is the version of package.json', needs('POSIX'), async ([tag, code]) => {
  const script = stepsOf('release.yml').find(({ name }) => name === 'The tag is the version in package.json')?.run;
  const env = { ...process.env, GITHUB_REF_NAME: tag };
  const result = promisify(execFile)('bash', ['-e', '-c', script ?? 'exit 9'], { cwd: ROOT, env });
  expect(
    await result.then(
      () => 0,
      ({ code: failed }: { code: number }) => failed,
    ),
  ).toBe(code);
});

function reusedIn({ jobs }: z.infer<typeof Workflow>): string[] {
  return Object.values(jobs).flatMap(({ uses }) => uses ?? []);
}
