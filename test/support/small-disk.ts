import { execFile } from 'node:child_process';
import { mkdtempDisposable, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk of its own that can be full or read-only. Needs `mount`; disposing of it unmounts it. */
export type SmallDisk = AsyncDisposable & {
  folder: string;
  /** Takes all the room there is, but for so many bytes. */
  fill: (leaveBytes?: number) => Promise<void>;
  makeRoom: () => Promise<void>;
  /** Nothing can be opened for writing any more; what is open already can be written. */
  setReadOnly: (isReadOnly: boolean) => Promise<void>;
};

const SIZE_MIB = 64;
const PIECE_BYTES = 1024 * 1024;
const BALLAST = 'ballast';

export async function startSmallDisk(): Promise<SmallDisk> {
  await using cleanup = new AsyncDisposableStack();
  const { path } = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'hearthcast-disk-')));
  await run('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MIB}m,mode=700`, 'hearthcast-test', path]);
  cleanup.defer(async () => void (await run('umount', ['--recursive', '--lazy', path])));
  const owned = cleanup.move();
  const ballast = join(path, BALLAST);
  return {
    folder: path,
    async fill(leaveBytes = 0) {
      await using file = await open(ballast, 'a');
      for (let piece = Buffer.alloc(PIECE_BYTES); piece.length > 0;) {
        const { bytesWritten } = await file.write(piece).catch(() => ({ bytesWritten: 0 }));
        if (bytesWritten < piece.length) piece = piece.subarray(0, Math.floor(piece.length / 2));
      }
      if (leaveBytes > 0) await file.truncate((await file.stat()).size - leaveBytes);
    },
    makeRoom: () => rm(ballast),
    async setReadOnly(isReadOnly) {
      // Laid over itself, because a disk on which files are open for writing cannot be made read-only in order.
      if (!isReadOnly) return void (await run('umount', ['--lazy', path]));
      await run('mount', ['--bind', path, path]);
      await run('mount', ['-o', 'remount,bind,ro', path]);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
