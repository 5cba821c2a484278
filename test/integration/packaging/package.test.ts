import { extractAll, listPackage } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { execFile } from 'node:child_process';
import { mkdtempDisposable, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { PAGE_URL } from '../../../main/desktop/page.ts';
import { startEntry } from '../../support/desktop-entry.ts';
import { writeElectronStandIn } from '../../support/electron-stand-in.ts';
import { get } from '../../support/http-client.ts';
import { needs } from '../../support/requirements.ts';

/*
 * The app as electron-builder puts it together, around a stand-in for Electron: what is in it, and that it is enough. What its
 * tools make of that for each system, only the release workflow shows.
 */

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const ELECTRON_BUILDER = join(ROOT, 'node_modules/electron-builder/cli.js');
const BUILD_MS = 180_000;
/** Twelve when this was written; what is too much, is that by a lot. */
const MAX_APP_MIB = 16;
/** As a fuse stands in Electron's program. */
const ON = '1'.charCodeAt(0);

const Lock = z.object({
  packages: z.record(z.string(), z.object({ dev: z.boolean().optional(), optional: z.boolean().optional() })),
});
const AppPackage = z.looseObject({ main: z.string(), version: z.string(), desktopName: z.string() });

describe('the packaged app', needs('Linux'), () => {
  const cleanup = new AsyncDisposableStack();
  let app = '';
  let archive = '';
  let files: string[] = [];

  beforeAll(async () => {
    const folder = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'hearthcast-package-')));
    const electronDist = join(folder.path, 'electron');
    await writeElectronStandIn(electronDist);
    const flags = ['--linux', 'dir', '--x64', '--publish', 'never'];
    const options = [`-c.electronDist=${electronDist}`, `-c.directories.output=${join(folder.path, 'dist')}`];
    await promisify(execFile)(process.execPath, [ELECTRON_BUILDER, ...flags, ...options], { cwd: ROOT });
    app = join(folder.path, 'dist/linux-unpacked');
    archive = join(app, 'resources/app.asar');
    files = listPackage(archive, { isPack: false }).map((file) => file.replaceAll('\\', '/').replace(/^\//, ''));
  }, BUILD_MS);
  afterAll(() => cleanup.disposeAsync());

  test('is one program with its languages, and one archive that it runs', async () => {
    expect((await readdir(app)).toSorted()).toEqual([
      ...['LICENSE.electron.txt', 'LICENSES.chromium.html', 'chrome-sandbox', 'hearthcast', 'locales', 'resources'],
    ]);
    expect((await readdir(join(app, 'locales'))).toSorted()).toEqual(['en-US.pak', 'zh-CN.pak']);
    expect(await readdir(join(app, 'resources'))).toEqual(['app.asar']);
  });

  test('holds the build, the packages that it imports, and nothing else', async () => {
    const top = new Set(files.map((file) => file.split('/')[0]));
    expect(top).toEqual(new Set(['LICENSE', 'node_modules', 'out', 'package.json']));
    const { packages } = Lock.parse(JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')));
    const atRunTime = Object.entries(packages)
      .filter(([path, { dev = false, optional = false }]) => path !== '' && !dev && !optional)
      .map(([path]) => path);
    const packed = files
      .filter((file) => file.endsWith('/package.json'))
      .map((file) => file.replace(/\/package\.json$/, ''));
    const foreign = packed.filter((path) => !atRunTime.some((known) => path === known || path.startsWith(`${known}/`)));
    expect(foreign).toEqual([]);
    // The other way round: everything that was installed to run with is there.
    const missing = atRunTime.filter((path) => !packed.includes(path) && !path.includes('/@types/'));
    expect(missing).toEqual([]);
  });

  test('holds no sources, source maps, tests or stamps', () => {
    const needless = files.filter((file) => /\.(?:map|[mc]?tsx?)$|\/(?:tests?|__tests__|docs)\/|^out\/\./.test(file));
    expect(needless).toEqual([]);
    expect(files.filter((file) => file.startsWith('out/main/') && file.includes('headless.js'))).toEqual([]);
  });

  test('keeps the licences of what it holds', () => {
    expect(files).toContain('node_modules/zod/LICENSE');
    expect(files).toContain('node_modules/undici/LICENSE');
    expect(files).toContain('out/renderer/notices.txt');
  });

  test(`is at most ${MAX_APP_MIB} MiB beside Electron itself`, async () => {
    const { size } = await stat(archive);
    expect(size).toBeLessThan(MAX_APP_MIB * 2 ** 20);
  });

  test('has the fuses set that keep other code out', async () => {
    const wire = await getCurrentFuseWire(join(app, 'hearthcast'));
    const isOn = (fuse: FuseV1Options): boolean => Number(wire[fuse]) === ON;
    expect({
      runAsNode: isOn(FuseV1Options.RunAsNode),
      nodeOptions: isOn(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
      inspect: isOn(FuseV1Options.EnableNodeCliInspectArguments),
      filePrivileges: isOn(FuseV1Options.GrantFileProtocolExtraPrivileges),
      integrity: isOn(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
      onlyAsar: isOn(FuseV1Options.OnlyLoadAppFromAsar),
      cookies: isOn(FuseV1Options.EnableCookieEncryption),
    }).toEqual({
      ...{ runAsNode: false, nodeOptions: false, inspect: false, filePrivileges: false },
      ...{ integrity: true, onlyAsar: true, cookies: true },
    });
  });

  test('runs from what is in the archive alone', async () => {
    const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-unpacked-'));
    await using _ = { [Symbol.asyncDispose]: () => folder.remove() };
    extractAll(archive, folder.path);
    const { main, version, desktopName } = AppPackage.parse(
      JSON.parse(await readFile(join(folder.path, 'package.json'), 'utf8')),
    );
    expect(files).toContain(main);
    expect(desktopName).toBe('hearthcast.desktop');
    await using entry = await startEntry([], folder.path);
    const health = await get(`${await entry.relayUrl()}/health`);
    expect(JSON.parse(health.text)).toMatchObject({ version });
    const page = await entry.ask<{ status: number }>({ ask: 'fetch', url: PAGE_URL });
    expect(page.status).toBe(200);
  });
});
