import { execFile } from 'node:child_process';
import { mkdir, mkdtempDisposable, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk of its own that can fail. Needs a loop device; disposing of it unmounts it. */
export type FailingDisk = AsyncDisposable & {
  /** An empty folder on it. */
  folder: string;
  /** The file system finds a fault in itself: Linux lets nobody write any more, not even to files that are open. */
  fail: () => Promise<void>;
  /** Checks and mounts it anew. Nobody may have a file on it open. */
  repair: () => Promise<void>;
};

const IMAGE_BYTES = 64 * 1024 * 1024;

export async function startFailingDisk(): Promise<FailingDisk> {
  await using cleanup = new AsyncDisposableStack();
  const { path } = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'hearthcast-failing-')));
  const [image, mountPoint] = [join(path, 'image'), join(path, 'disk')];
  const folder = join(mountPoint, 'data');
  await mkdir(mountPoint);
  await makeFileSystem(image, IMAGE_BYTES);
  const mount = () => run('mount', ['-o', 'loop,errors=remount-ro', image, mountPoint]);
  await mount();
  cleanup.defer(async () => void (await run('umount', ['--lazy', mountPoint])));
  await mkdir(folder);
  const owned = cleanup.move();
  return {
    folder,
    async fail() {
      const { stdout } = await run('findmnt', ['--noheadings', '--output', 'SOURCE', mountPoint]);
      const device = basename(stdout.trim());
      // Nobody else's disk, whatever that program says.
      if (!/^loop\d+$/.test(device)) throw new Error(`${device} is no loop device`);
      await writeFile(`/sys/fs/ext4/${device}/trigger_fs_error`, '1');
    },
    async repair() {
      await run('umount', [mountPoint]);
      // 1: there was something to repair.
      await run('fsck.ext4', ['-f', '-y', image]).catch((error: unknown) => {
        if (!(error instanceof Error && 'code' in error && error.code === 1)) throw error;
      });
      await mount();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** An image of a disk with nothing on it, to be mounted through a loop device. */
export async function makeFileSystem(image: string, bytes: number): Promise<void> {
  await writeFile(image, '');
  await truncate(image, bytes);
  await run('mkfs.ext4', ['-q', '-F', image]);
}
