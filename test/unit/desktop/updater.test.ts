import { EventEmitter } from 'node:events';
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { UpdateState } from '../../../shared/contract.ts';
import { isSignedUpdate, signedText } from '../../../main/desktop/update-signature.ts';
import { openUpdates, readUpdateSource } from '../../../main/desktop/updater.ts';
import { recordLog } from '../../support/recorded-log.ts';

const MAKER = generateKeyPairSync('ed25519');
const STRANGER = generateKeyPairSync('ed25519');
const PUBLIC_KEY = MAKER.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const DAY_MS = 24 * 3_600_000;

const FILES = [
  { url: 'hearthcast-2.0.0-linux-x86_64.AppImage', sha512: 'aaaa' },
  { url: 'hearthcast-2.0.0-linux-amd64.deb', sha512: 'bbbb' },
];

function entryOf(version: string, { privateKey } = MAKER) {
  const update = { version, files: FILES };
  return { ...update, signature: sign(null, Buffer.from(signedText(update)), privateKey).toString('base64') };
}

/** electron-updater as far as it is used, with a feed that a test writes. */
class FakeUpdater extends EventEmitter {
  autoDownload = true;
  autoInstallOnAppQuit = true;
  disableWebInstaller = false;
  logger: object | null = null;
  isActive = true;
  feed: { version: string } | Error = { version: '1.0.0' };
  readonly download = Promise.withResolvers<void>();
  readonly called: string[] = [];

  isUpdaterActive(): boolean {
    return this.isActive;
  }

  checkForUpdates(): Promise<{ isUpdateAvailable: boolean; updateInfo: { version: string } }> {
    this.called.push('check');
    const { feed } = this;
    if (feed instanceof Error) return Promise.reject(feed);
    return Promise.resolve({ isUpdateAvailable: feed.version !== '1.0.0', updateInfo: feed });
  }

  downloadUpdate(): Promise<unknown> {
    this.called.push('download');
    return this.download.promise;
  }

  quitAndInstall(): void {
    this.called.push('install');
  }
}

async function open({
  platform = 'win32',
  updater = new FakeUpdater(),
}: { platform?: NodeJS.Platform; updater?: FakeUpdater } = {}) {
  const seen: UpdateState[] = [];
  const { log, messages } = recordLog();
  const order: string[] = [];
  const updates = await openUpdates({
    source: { hasFeed: true, publicKey: PUBLIC_KEY },
    loadUpdater: () => Promise.resolve(updater),
    platform,
    quitWith: (leave) => {
      order.push('relay stopped');
      leave();
    },
    relaunch: () => void order.push('relaunched'),
    now: () => 1234,
    log,
  });
  updates.onChange((state) => seen.push(state));
  return { updates, updater, seen, messages, order };
}

describe('a build', () => {
  test.for([
    ['without a feed', { hasFeed: false, publicKey: PUBLIC_KEY }],
    ['without a key to check updates with', { hasFeed: true, publicKey: undefined }],
  ] as const)('%s loads no updater, and says that updates are off', async ([, source]) => {
    const loadUpdater = vi.fn<() => Promise<FakeUpdater>>();
    const { log } = recordLog();
    const updates = await openUpdates({
      ...{ source, loadUpdater, log, platform: 'win32', now: Date.now },
      ...{ quitWith: () => undefined, relaunch: () => undefined },
    });
    await updates.check();
    expect(updates.state).toEqual({ kind: 'off', reason: 'build' });
    expect(loadUpdater).not.toHaveBeenCalled();
  });

  test('of a kind that cannot replace itself says so', async () => {
    const updater = Object.assign(new FakeUpdater(), { isActive: false });
    const { updates } = await open({ updater });
    expect(updates.state).toEqual({ kind: 'off', reason: 'package' });
  });

  test('says in its own files whether it can be updated', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-updates-'));
    const app = { isPackaged: true, getAppPath: () => folder.path };
    await writeFile(join(folder.path, 'package.json'), '{ "name": "hearthcast" }');
    expect(readUpdateSource(app, folder.path)).toEqual({ hasFeed: false, publicKey: undefined });
    await writeFile(join(folder.path, 'package.json'), JSON.stringify({ updateKey: PUBLIC_KEY }));
    await writeFile(join(folder.path, 'app-update.yml'), 'provider: generic');
    expect(readUpdateSource(app, folder.path)).toEqual({ hasFeed: true, publicKey: PUBLIC_KEY });
    expect(readUpdateSource({ ...app, isPackaged: false }, folder.path).hasFeed).toBe(false);
  });
});

describe('a new version', () => {
  test('is found, and not downloaded before somebody wants it', async () => {
    const { updates, updater, seen } = await open();
    expect(updater.autoDownload).toBe(false);
    updater.feed = entryOf('2.0.0');
    await updates.check();
    expect(seen).toEqual([{ kind: 'checking' }, { kind: 'available', version: '2.0.0' }]);
    expect(updater.called).toEqual(['check']);
  });

  test('is none when the feed has the same', async () => {
    const { updates } = await open();
    await updates.check();
    expect(updates.state).toEqual({ kind: 'idle', checkedAt: 1234 });
    updates.download();
    updates.restart();
    expect(updates.state.kind).toBe('idle');
  });

  test('is downloaded with its progress, then installed once everything has stopped', async () => {
    const { updates, updater, seen, order } = await open();
    updater.feed = entryOf('2.0.0');
    await updates.check();
    updates.restart();
    expect(order).toEqual([]);
    updates.download();
    updater.emit('download-progress', { percent: 41.7 });
    expect(updates.state).toEqual({ kind: 'downloading', version: '2.0.0', percent: 42 });
    updates.download();
    updater.download.resolve();
    await vi.waitFor(() => expect(updates.state).toEqual({ kind: 'ready', version: '2.0.0' }));
    expect(seen.map(({ kind }) => kind)).toEqual(['checking', 'available', 'downloading', 'downloading', 'ready']);
    // What is ready is not looked for again.
    await updates.check();
    updates.restart();
    expect(order).toEqual(['relay stopped']);
    expect(updater.called).toEqual(['check', 'download', 'install']);
  });

  test.for<[what: string, feed: { version: string }]>([
    ['not signed', { version: '2.0.0' }],
    ['signed by somebody else', entryOf('2.0.0', STRANGER)],
    ['another version than was signed', { ...entryOf('2.0.0'), version: '2.0.1' }],
    [
      'of other files than were signed',
      { ...entryOf('2.0.0'), files: [{ ...FILES[0], sha512: 'evil' }, FILES[1]] } as { version: string },
    ],
    ['of no files', { ...entryOf('2.0.0'), files: [] } as { version: string }],
  ])('that is %s is refused', async ([, feed]) => {
    const { updates, updater } = await open();
    updater.feed = feed;
    await updates.check();
    expect(updates.state).toEqual({ kind: 'failed', step: 'signature' });
    updates.download();
    expect(updater.called).toEqual(['check']);
  });

  test('that cannot be looked for or downloaded is a failure, and can be tried again', async () => {
    const { updates, updater, messages } = await open();
    updater.feed = new Error('offline');
    await updates.check();
    expect(updates.state).toEqual({ kind: 'failed', step: 'check' });
    updater.feed = entryOf('2.0.0');
    await updates.check();
    updates.download();
    updater.download.reject(new Error('broke off'));
    await vi.waitFor(() => expect(updates.state).toEqual({ kind: 'failed', step: 'download' }));
    expect(messages).toHaveLength(2);
    await updates.check();
    expect(updates.state).toEqual({ kind: 'available', version: '2.0.0' });
  });

  test('that cannot be installed leaves no dead app behind: the old one is started again', async () => {
    const { updates, updater, order } = await open();
    updater.feed = entryOf('2.0.0');
    await updates.check();
    updater.emit('error', new Error('told by the call already'));
    expect(order).toEqual([]);
    updates.download();
    updater.download.resolve();
    await vi.waitFor(() => expect(updates.state.kind).toBe('ready'));
    updates.restart();
    updater.emit('error', new Error('the installer is gone'));
    expect(order).toEqual(['relay stopped', 'relaunched']);
  });

  test('is looked for once a day, without a word when that fails', async () => {
    vi.useFakeTimers();
    const { updates, updater, seen } = await open();
    updater.feed = new Error('offline');
    await vi.advanceTimersByTimeAsync(DAY_MS / 2);
    expect([updater.called, seen]).toEqual([['check'], []]);
    updater.feed = entryOf('2.0.0');
    await vi.advanceTimersByTimeAsync(DAY_MS / 2);
    expect(updates.state).toEqual({ kind: 'available', version: '2.0.0' });
    vi.useRealTimers();
  });

  test.for<[platform: NodeJS.Platform, isInstalledOnQuit: boolean]>([
    ['win32', true],
    ['darwin', true],
    ['linux', false],
  ])('that is ready is installed when one quits, where that asks for nothing: %s', async ([platform, expected]) => {
    const { updater } = await open({ platform });
    expect(updater.autoInstallOnAppQuit).toBe(expected);
  });
});

test('the order of the files in a feed does not matter, nor what else it says', () => {
  const entry = entryOf('2.0.0');
  expect(isSignedUpdate({ ...entry, files: FILES.toReversed(), releaseDate: 'today' }, PUBLIC_KEY)).toBe(true);
});
