import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtempDisposable, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFileSystem } from '../support/failing-disk.ts';
import type { Disk } from './under-fire.ts';

const run = promisify(execFile);

const IMAGE_BYTES = 96 * 1024 * 1024;
/** Longer than any relay here lives: nothing reaches the disk but what was asked to. */
const MOUNT_OPTIONS = 'loop,commit=300';

/**
 * A file system of its own in an image. When the relay dies, the image is copied as it is, and the copy is what is found after the
 * restart: what programs had written, but the disk had not been told to keep, is gone. Needs root and a loop device.
 */
export async function powerCutDisk(): Promise<Disk & AsyncDisposable> {
  await using cleanup = new AsyncDisposableStack();
  const { path } = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'hearthcast-power-')));
  const image = join(path, 'image');
  const saved = join(path, 'image-after');
  const folder = join(path, 'disk');
  await mkdir(folder);
  await makeFileSystem(image, IMAGE_BYTES);
  const mount = () => run('mount', ['-o', MOUNT_OPTIONS, image, folder]);
  const unmount = () => run('umount', [folder]);
  await mount();
  cleanup.defer(async () => void (await unmount().catch(() => undefined)));
  await run('rmdir', [join(folder, 'lost+found')]);
  await run('sync', ['-f', folder]);
  const owned = cleanup.move();
  return {
    folder,
    async strike() {
      await copyFile(image, saved);
      await unmount();
      await rename(saved, image);
      await mount();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
