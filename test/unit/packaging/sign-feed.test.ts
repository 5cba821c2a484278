import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseUpdateInfo } from 'electron-updater/out/providers/Provider.js';
import { expect, test } from 'vitest';
import { newKeys, signFeeds } from '../../../main/packaging/sign-feed.ts';
import { isSignedUpdate } from '../../../main/desktop/update-signature.ts';

const SCRIPT = fileURLToPath(new URL('../../../main/packaging/sign-feed.ts', import.meta.url));
const FEED_URL = new URL('https://example.org/latest-linux.yml');

/** As electron-builder writes it. */
const FEED = `version: 2.0.0
files:
  - url: hearthcast-2.0.0-linux-x86_64.AppImage
    sha512: aHR0cHM6Ly9leGFtcGxlLm9yZw==
    size: 123456
    blockMapSize: 1234
path: hearthcast-2.0.0-linux-x86_64.AppImage
sha512: aHR0cHM6Ly9leGFtcGxlLm9yZw==
releaseDate: '2026-11-28T12:00:00.000Z'
`;

test('a signed feed is one that electron-updater reads and the app takes, and nobody else can make it', async () => {
  await using folder = await startFolder();
  const { secret, publicKey } = newKeys();
  // As the release workflow does it.
  const env = { ...process.env, HEARTHCAST_SIGNING_KEY: secret };
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, folder.path], { env });
  expect(stdout.trim()).toBe(folder.feed);

  const text = await readFile(folder.feed, 'utf8');
  const entry = parseUpdateInfo(text, 'latest-linux.yml', FEED_URL);
  expect(entry.version).toBe('2.0.0');
  expect(isSignedUpdate(entry, publicKey)).toBe(true);
  expect(isSignedUpdate(entry, newKeys().publicKey)).toBe(false);
  const forged = parseUpdateInfo(text.replace('aHR0cHM6', 'ZXZpbC4u'), 'latest-linux.yml', FEED_URL);
  expect(isSignedUpdate(forged, publicKey)).toBe(false);
});

test('what cannot be signed is an error: a feed that is signed already, no feed, no key', async () => {
  await using folder = await startFolder();
  const { secret } = newKeys();
  expect(() => signFeeds(folder.path, '')).toThrow(/asn1|decode|read/i);
  signFeeds(folder.path, secret);
  expect(() => signFeeds(folder.path, secret)).toThrow('keys must be unique');
  await rm(folder.feed);
  expect(() => signFeeds(folder.path, secret)).toThrow('there is no feed');
  expect(await readFile(join(folder.path, 'builder-debug.yml'), 'utf8')).toBe('left alone');
});

async function startFolder() {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-feed-'));
  const feed = join(folder.path, 'latest-linux.yml');
  await writeFile(feed, FEED);
  await writeFile(join(folder.path, 'builder-debug.yml'), 'left alone');
  return { path: folder.path, feed, [Symbol.asyncDispose]: () => folder.remove() };
}
