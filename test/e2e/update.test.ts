import { createHash } from 'node:crypto';
import { mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { UpdateState } from '../../shared/contract.ts';
import { newKeys, signFeeds } from '../../main/packaging/sign-feed.ts';
import { startEntry, WAIT } from '../support/desktop-entry.ts';
import { body, startFakeOrigin, type FakeHandler } from '../support/fake-origin.ts';
import type { Packaged } from '../support/fake-electron/electron-module.ts';
import { needs } from '../support/requirements.ts';

/*
 * The built app, as an AppImage that was installed, updates itself from a web server: everything is real but Electron, up to the new
 * version that is started in place of the old one.
 */

const INSTALLED = '1.0.0';
const PACKAGE = 'hearthcast-2.0.0-linux.AppImage';
const FEED = process.arch === 'arm64' ? '/latest-linux-arm64.yml' : '/latest-linux.yml';
const OLD = 'the installed version';
const OURS = newKeys();
const STRANGERS = newKeys();

/** The new version: a program that leaves a note when it is started. */
const programThatNotes = (note: string): Buffer =>
  Buffer.from(`#!/bin/sh\necho started > '${note}'\n${'#'.repeat(100_000)}\n`);

type Release = { version?: string; secret?: string | undefined; promised?: Buffer };

/** An installed app and the server that it looks at; `publish` puts a version there. */
async function install() {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'hearthcast-update-')));
  const at = (...names: string[]): string => join(folder.path, ...names);
  const web = cleanup.use(await startFakeOrigin({}));
  const note = at('note');
  const program = programThatNotes(note);
  await Promise.all(['resources', 'app', 'cache', 'feed'].map((name) => mkdir(at(name))));
  const feed = { provider: 'generic', url: web.url, updaterCacheDirName: 'hearthcast-updater' };
  await writeFile(at('resources/app-update.yml'), stringify(feed));
  await writeFile(at('app/package.json'), JSON.stringify({ name: 'hearthcast', updateKey: OURS.publicKey }));
  await writeFile(at('Hearthcast.AppImage'), OLD);
  const packaged: Packaged = { resourcesPath: at('resources'), appPath: at('app'), version: INSTALLED };
  const entry = cleanup.use(
    await startEntry([], undefined, {
      HEARTHCAST_PACKAGED: JSON.stringify(packaged),
      APPIMAGE: at('Hearthcast.AppImage'),
      XDG_CACHE_HOME: at('cache'),
      XDG_CONFIG_HOME: at('config'),
    }),
  );
  const owned = cleanup.move();

  const call = async (name: string): Promise<UpdateState> => {
    const reply = await entry.ask<{ value: UpdateState }>({ ask: 'call', name, input: {} });
    return reply.value;
  };
  return {
    ...{ web, entry, program, call },
    note: () => readFile(note, 'utf8'),
    installed: () => readFile(at('Hearthcast.AppImage'), 'utf8'),
    packageRequests: () => web.requestsTo(`/${PACKAGE}`).length,
    /** @param served what is sent instead of what the feed promises */
    async publish({ version = '2.0.0', secret = OURS.secret, promised = program }: Release, served?: FakeHandler) {
      const sha512 = createHash('sha512').update(promised).digest('base64');
      const files = [{ url: PACKAGE, sha512, size: promised.length }];
      const file = at('feed', FEED);
      await writeFile(
        file,
        stringify({ version, files, path: PACKAGE, sha512, releaseDate: '2026-11-28T12:00:00.000Z' }),
      );
      if (secret !== '') signFeeds(at('feed'), secret);
      web.route(FEED, body(await readFile(file)));
      web.route(`/${PACKAGE}`, served ?? body(promised));
    },
    /** Looks, says yes if anything is offered, and waits until that is over. */
    async update(): Promise<UpdateState> {
      const found = await call('updates.check');
      if (found.kind !== 'available') return found;
      await call('updates.download');
      const state = async (): Promise<string> => (await call('updates.get')).kind;
      await expect.poll(state, WAIT).not.toBe('downloading');
      return call('updates.get');
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test(
  'a signed version is offered, downloaded when asked for, checked, and started in place of the old one',
  needs('Linux'),
  async () => {
    await using app = await install();
    await app.publish({});
    expect(await app.call('updates.check')).toEqual({ kind: 'available', version: '2.0.0' });
    // Nothing is loaded, let alone installed, before somebody says so.
    expect(app.packageRequests()).toBe(0);
    expect(await app.installed()).toBe(OLD);

    expect(await app.update()).toEqual({ kind: 'ready', version: '2.0.0' });
    expect(app.packageRequests()).toBe(1);
    expect(await app.installed()).toBe(OLD);

    await app.call('updates.restart').catch(() => undefined); // It may be gone before it has answered.
    await app.entry.exit;
    expect(await app.installed()).toBe(app.program.toString());
    await expect.poll(() => app.note().catch(() => ''), WAIT).toBe('started\n');
  },
);

test('a version that is no newer, or an older one, is not offered', needs('Linux'), async () => {
  await using app = await install();
  for (const version of [INSTALLED, '0.9.9', '1.0.0-beta.1']) {
    await app.publish({ version });
    expect([version, (await app.update()).kind]).toEqual([version, 'idle']);
  }
  expect(app.packageRequests()).toBe(0);
});

test.for<[what: string, step: string, publish: (app: Awaited<ReturnType<typeof install>>) => Promise<void> | void]>([
  ['a feed that a stranger signed', 'signature', (app) => app.publish({ secret: STRANGERS.secret })],
  ['a feed that nobody signed', 'signature', (app) => app.publish({ secret: '' })],
  [
    'a feed that was changed after it was signed',
    'signature',
    async (app) => {
      await app.publish({});
      const text = await (await fetch(`${app.web.url}${FEED}`)).text();
      app.web.route(FEED, body(text.replace('2.0.0', '2.0.1')));
    },
  ],
  ['another package than the one that was signed', 'download', (app) => app.publish({}, body(Buffer.from('evil')))],
  [
    'a package of the same length with other bytes',
    'download',
    (app) => app.publish({}, body(Buffer.alloc(app.program.length, 'x'))),
  ],
  [
    'a package that is broken off',
    'download',
    (app) =>
      app.publish({}, (_request, response) => {
        response.writeHead(200, { 'Content-Length': app.program.length });
        response.write(app.program.subarray(0, 50_000), () => response.destroy());
      }),
  ],
  [
    'a package that is gone',
    'download',
    (app) => app.publish({}, (_request, response) => void response.writeHead(404).end()),
  ],
  ['a feed that is gone', 'check', () => undefined],
  ['a feed that is none', 'check', (app) => app.web.route(FEED, body('<html>please log in</html>'))],
])('%s ends in words, and changes nothing', needs('Linux'), async ([, step, publish]) => {
  await using app = await install();
  await publish(app);
  expect(await app.update()).toEqual({ kind: 'failed', step });
  await app.call('updates.restart');
  expect(await app.installed()).toBe(OLD);
  await expect(app.note()).rejects.toThrow('ENOENT');
  // The relay goes on meanwhile, and what is put right is found at the next try.
  expect(await app.entry.relayUrl()).toContain('127.0.0.1');
  await app.publish({});
  expect(await app.call('updates.check')).toEqual({ kind: 'available', version: '2.0.0' });
});
