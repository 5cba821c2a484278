import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { MAX_LIST_BYTES } from './unpack.ts';

const POLL_MS = 250;

const MISSING = 'missing';

/** Reads a local list whole. @throws ProxyError BAD_LIST, or the error of the file system */
export async function readListFile(path: string): Promise<Buffer<ArrayBuffer>> {
  await using file = await open(path);
  const stats = await file.stat();
  if (!stats.isFile()) throw new ProxyError('BAD_LIST', say('list.noFile'));
  if (stats.size > MAX_LIST_BYTES) throw new ProxyError('BAD_LIST', say('list.tooLarge'));
  return await file.readFile();
}

/**
 * Tells of every change of a file, when it has been written to the end, until the signal is aborted.
 *
 * Files are polled, not watched: a look four times a second costs nothing, and sees changes on network drives and in containers,
 * files replaced by renaming, and folders that come and go, each of which a file system watcher misses somewhere.
 */
export async function watchListFile(
  path: string,
  { onChange, onMissing, signal }: { onChange: () => Promise<void>; onMissing: () => void; signal: AbortSignal },
): Promise<void> {
  let taken = await stampOf(path);
  let seen = taken;
  await onChange();
  while (!signal.aborted) {
    await sleep(POLL_MS, undefined, { signal, ref: false });
    const stamp = await stampOf(path);
    // A file that still grows is left alone until it has been the same twice.
    const isSettled = stamp === seen;
    seen = stamp;
    if (!isSettled || stamp === taken) continue;
    taken = stamp;
    if (stamp === MISSING) onMissing();
    else await onChange();
  }
}

/** Differs whenever the file was written, replaced, removed or has come back. */
async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs, ctimeNs].join();
  } catch {
    return MISSING;
  }
}
