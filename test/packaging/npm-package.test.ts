import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, mkdtempDisposable, readdir, readFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { body, playlist, startFakeOrigin } from '../support/fake-origin.ts';
import { m3uOf, startHeadless, type Command } from '../support/headless.ts';
import { get } from '../support/http-client.ts';
import { installTarball, packTarball, type PackedTarball } from '../support/npm-package.ts';
import { needs } from '../support/requirements.ts';
import { linksIn } from '../support/small-stream.ts';
import { systemEnvironment } from '../support/system-environment.ts';

const BUILT = fileURLToPath(new URL('../../out/main', import.meta.url));
const MB = 1000 * 1000;

/** What the relay without a window needs, and the window that it serves. npm packs the `main` of package.json, Electron's entry, unasked. */
const MAY_BE_PACKED = [
  /^(?:package\.json|README\.md|README\.zh-CN\.md|LICENSE)$/,
  /^main\/(?:bin|runtime)\.mjs$/,
  /^out\/main\/(?:headless|index|chunks\/[\w-]+)\.js$/,
  /^out\/renderer\/(?:index\.html|notices\.txt|assets\/[\w.-]+\.(?:js|css|svg|png|woff2))$/,
];

const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-package-'));
let tarball: PackedTarball;

beforeAll(async () => {
  tarball = await packTarball(folder.path);
});
afterAll(() => folder.remove());

describe('the tarball', () => {
  test('holds what the headless relay and its window need, and nothing else', () => {
    const paths = tarball.files.map(({ path }) => path);
    expect(paths.filter((path) => !MAY_BE_PACKED.some((pattern) => pattern.test(path)))).toEqual([]);
    expect(paths).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'main/bin.mjs',
        'out/main/headless.js',
        'out/renderer/index.html',
        'out/renderer/notices.txt',
      ]),
    );
  });

  test('is small', () => {
    expect(tarball.size).toBeLessThan(2 * MB);
    expect(tarball.unpackedSize).toBeLessThan(4 * MB);
  });

  test('brings a command that can be run', needs('POSIX'), () => {
    const command = tarball.files.find(({ path }) => path === packageJson.bin.hearthcast);
    expect((command?.mode ?? 0) & constants.S_IXUSR).toBe(constants.S_IXUSR);
  });

  test('depends on exactly what its files import', async () => {
    const names = ['headless.js', ...(await readdir(join(BUILT, 'chunks'))).map((name) => `chunks/${name}`)];
    const sources = await Promise.all(
      names.filter((name) => name.endsWith('.js')).map((name) => readFile(join(BUILT, name), 'utf8')),
    );
    const packages = sources.flatMap(importedPackages);
    expect([...new Set(packages)].toSorted()).toEqual(Object.keys(packageJson.dependencies).toSorted());
  });

  test('cannot get into a registry by accident', () => {
    expect(packageJson.private).toBe(true);
  });
});

describe('installed in a clean folder', needs('npm registry', 'POSIX'), () => {
  let home: string;
  const command = (program: string, flags: string[] = []): Command => ({
    ...{ program, flags },
    cwd: home,
    env: systemEnvironment(),
  });
  const installed = (): Command => command(join(home, 'node_modules/.bin/hearthcast'));

  beforeAll(async () => {
    home = join(folder.path, 'home');
    await mkdir(home);
    await installTarball(join(folder.path, tarball.filename), home);
  });

  test('it says its version and its flags', async () => {
    const { program, env } = installed();
    const run = async (flag: string): Promise<string> =>
      (await promisify(execFile)(program, [flag], { env: { ...process.env, ...env } })).stdout;
    expect(await run('--version')).toBe(`${packageJson.version}\n`);
    expect(await run('--help')).toContain('--control-port');
  });

  test('it takes over a list, relays a playlist and a segment, serves its window and stops when it is told to', async () => {
    const segment = Buffer.alloc(100_000, 'segment');
    await using origin = await startFakeOrigin({
      '/live.m3u8': playlist('#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\none.ts\n'),
      '/one.ts': body(segment),
    });
    await using relay = await startHeadless({
      command: installed(),
      list: m3uOf([{ id: 'one', url: `${origin.url}/live.m3u8` }]),
    });
    const stream = relay.channelUrl('ch_one');
    expect((await get(relay.playlist)).text).toContain('/proxy/ch_one/stream.m3u8');
    const [link = ''] = linksIn((await get(stream)).text, stream);
    expect((await get(link)).body.equals(segment)).toBe(true);
    expect(origin.requestsTo('/one.ts')).toHaveLength(1);

    const control = relay.control ?? '';
    const { headers } = await get(control);
    const cookie = headers['set-cookie']?.[0]?.split(';')[0];
    expect((await get(new URL('/', control).href, { headers: { cookie } })).text).toContain(
      '<title>Hearthcast</title>',
    );
    expect(await relay.stop()).toBe(0);
  });

  test('it stops with npx, too', async () => {
    await using relay = await startHeadless({ command: command('npx', ['--no', '--', 'hearthcast']) });
    expect((await get(`${relay.relay}/health`)).status).toBe(200);
    await relay.stop();
    await vi.waitFor(() => expect(get(`${relay.relay}/health`)).rejects.toThrow('ECONNREFUSED'), 10_000);
  });
});

/** The packages that a built file imports. */
function importedPackages(source: string): string[] {
  const specifiers = [
    ...source.matchAll(/(?:\bfrom|\bimport\(|\bimport)\s*[`"']((?:node:|@[\w-]+\/|\.{0,2}\/)?[\w./-]+)[`"']/g),
  ].map(([, name = '']) => name);
  const packages = specifiers.filter((specifier) => !/^[./]/.test(specifier) && !isBuiltin(specifier));
  return packages.map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
}
