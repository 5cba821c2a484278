import { execFile } from 'node:child_process';
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseUpdateInfo } from 'electron-updater/out/providers/Provider.js';
import { expect, test } from 'vitest';
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

async function run(what: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, what], { env: { ...process.env, ...env } });
  return stdout;
}

async function newKeys(): Promise<{ secret: string; publicKey: string }> {
  const printed = new Map(
    (await run('new-key'))
      .trim()
      .split('\n')
      .map((line) => [line.split('=', 1)[0], line.replace(/^\w+=/, '')]),
  );
  return { secret: printed.get('HEARTHCAST_SIGNING_KEY') ?? '', publicKey: printed.get('HEARTHCAST_UPDATE_KEY') ?? '' };
}

test('a signed feed is one that electron-updater reads and the app takes, and nobody else can make it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-feed-'));
  const file = join(folder.path, 'latest-linux.yml');
  await writeFile(file, FEED);
  await writeFile(join(folder.path, 'builder-debug.yml'), 'left alone');
  const { secret, publicKey } = await newKeys();
  await run(folder.path, { HEARTHCAST_SIGNING_KEY: secret });

  const text = await readFile(file, 'utf8');
  const entry = parseUpdateInfo(text, 'latest-linux.yml', FEED_URL);
  expect(entry.version).toBe('2.0.0');
  expect(isSignedUpdate(entry, publicKey)).toBe(true);
  expect(isSignedUpdate(entry, (await newKeys()).publicKey)).toBe(false);
  const forged = parseUpdateInfo(text.replace('aHR0cHM6', 'ZXZpbC4u'), 'latest-linux.yml', FEED_URL);
  expect(isSignedUpdate(forged, publicKey)).toBe(false);
  expect(await readFile(join(folder.path, 'builder-debug.yml'), 'utf8')).toBe('left alone');
});

test('what cannot be signed fails: a feed that is signed already, no feed, no key', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-feed-'));
  const { secret } = await newKeys();
  const key = { HEARTHCAST_SIGNING_KEY: secret };
  await expect(run(folder.path, key)).rejects.toThrow('there is no feed');
  await writeFile(join(folder.path, 'latest.yml'), FEED);
  await expect(run(folder.path)).rejects.toThrow('Command failed');
  await run(folder.path, key);
  await expect(run(folder.path, key)).rejects.toThrow('keys must be unique');
});
