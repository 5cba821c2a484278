import { appendFileSync, write, writeSync } from 'node:fs';
import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { systemErrorCode } from './errors.ts';

/** Writes lines in their order, without anybody waiting for them. */
export type LineWriter = {
  write(line: string): void;
  /** Resolves when everything is written, or cannot be; what comes later is not heard. */
  close(): Promise<void>;
};

/** What takes them. */
export type LineTarget = {
  /** @returns how many bytes there was room for @throws when it takes nothing for now */
  append(bytes: Buffer): Promise<number>;
  /** At the end of the process, where nothing can be waited for. */
  appendNow(bytes: Buffer): void;
};

/** A full disk must not fill the memory: newer lines are lost then. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 1_000;
const CLOSE_DEADLINE_MS = 1_000;
const BUSY_MS = 20;

/** What the target does not take waits for the next attempt; nothing that goes wrong reaches who writes. */
export function createLineWriter(target: LineTarget): LineWriter {
  let waiting: string[] = [];
  let waitingBytes = 0;
  /** What has been begun, which goes on at the very byte. */
  let begun: Buffer = Buffer.alloc(0);
  let isUnderWay = false;
  let running: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let isClosed = false;

  function takeWaiting(): Buffer {
    const bytes = Buffer.from(waiting.join(''));
    waiting = [];
    waitingBytes = 0;
    return bytes;
  }

  async function writeAll(): Promise<void> {
    // What is logged in one go is written in one go, and what the last words of a process are is still here at its end.
    await nextTurn();
    while (begun.length > 0 || waiting.length > 0) {
      if (begun.length === 0) begun = takeWaiting();
      isUnderWay = true;
      try {
        begun = begun.subarray(await target.append(begun));
      } finally {
        isUnderWay = false;
      }
    }
  }

  function go(): void {
    clearTimeout(retry);
    retry = undefined;
    running = writeAll()
      .catch(() => {
        if (!isClosed) retry = setTimeout(go, RETRY_MS).unref();
      })
      .finally(() => (running = undefined));
  }

  function writeNow(): void {
    try {
      target.appendNow(isUnderWay ? takeWaiting() : Buffer.concat([begun, takeWaiting()]));
    } catch {
      // There is nobody left to tell.
    }
  }
  process.once('exit', writeNow);

  return {
    write(line) {
      const bytes = Buffer.byteLength(line);
      if (isClosed || waitingBytes + bytes > MAX_WAITING_BYTES) return;
      waiting.push(line);
      waitingBytes += bytes;
      if (running === undefined && retry === undefined) go();
    },
    async close() {
      isClosed = true;
      process.off('exit', writeNow);
      clearTimeout(retry);
      const lastAttempt = async (): Promise<void> => {
        await running;
        await writeAll().catch(() => undefined);
      };
      await Promise.race([lastAttempt(), sleep(CLOSE_DEADLINE_MS)]);
    },
  };
}

/**
 * A file that is opened for each attempt, so that it may be removed, and its disk be full or taken away, without anybody telling us. One
 * that has become too large is put away as `older`, if that can be done.
 */
export function createFileTarget({
  file,
  older,
  maxBytes,
  mode,
}: {
  file: string;
  older: string;
  maxBytes: number;
  mode: number;
}): LineTarget {
  async function openFile(): Promise<FileHandle> {
    try {
      return await open(file, 'a', mode);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
      await mkdir(path.dirname(file), { recursive: true });
      return await open(file, 'a', mode);
    }
  }

  /** All of them or none: half a line would swallow the next one. @returns how long the file is then */
  async function appendAll(bytes: Buffer): Promise<number> {
    await using handle = await openFile();
    const { size } = await handle.stat();
    try {
      await handle.writeFile(bytes);
    } catch (error) {
      await handle.truncate(size);
      throw error;
    }
    return size + bytes.length;
  }

  return {
    async append(bytes) {
      const size = await appendAll(bytes);
      if (size > maxBytes) await rename(file, older).catch(() => undefined);
      return bytes.length;
    },
    appendNow: (bytes) => appendFileSync(file, bytes, { mode }),
  };
}

const writeTo = promisify(write);

/** Standard error, whatever it is connected to. */
export const STDERR: LineTarget = {
  async append(bytes) {
    try {
      return (await writeTo(process.stderr.fd, bytes)).bytesWritten;
    } catch (error) {
      if (systemErrorCode(error) !== 'EAGAIN') throw error;
      // Whoever reads it is slow.
      await sleep(BUSY_MS);
      return 0;
    }
  },
  appendNow: (bytes) => void writeSync(process.stderr.fd, bytes),
};
