import { chmodSync } from 'node:fs';
import path from 'node:path';
import pino, { type Logger as PinoLogger } from 'pino';
import { createFileTarget, createLineWriter, STDERR } from './line-writer.ts';

/** What the parts of the app log to: pino's own interface, so that levels, children and bindings are its. */
export type Logger = Pick<PinoLogger, 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'>;

/** A log, and how to end it: nothing is lost that was written before `close`, and nothing is heard that comes later. */
export type Log = {
  logger: Logger;
  /** Changes from which level on is logged. */
  setLevel(level: string): void;
  close(): Promise<void>;
};

const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** It tells who watches what. */
const OWNER_ONLY = 0o600;

/**
 * Logs JSON lines to `<folder>/hearthcast.log`, the file before it kept as `hearthcast.log.1`, and to stderr.
 * Writing never waits for the disk, and goes on when a full one has room again.
 */
export function createLog({
  folder,
  level,
  lines,
}: {
  folder: string;
  level: string;
  /** Hears every line besides. */
  lines?: { write(line: string): void };
}): Log {
  const file = logFile(folder);
  for (const known of logFiles(folder)) closeToOthers(known);
  const toFile = createLineWriter(
    createFileTarget({ file, older: olderFile(file), maxBytes: MAX_FILE_BYTES, mode: OWNER_ONLY }),
  );
  const toStderr = createLineWriter(STDERR);
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.multistream([
      { level: 'trace', stream: toFile },
      { level: 'trace', stream: toStderr },
      ...(lines === undefined ? [] : [{ level: 'trace' as const, stream: lines }]),
    ]),
  );

  return {
    logger,
    setLevel(next) {
      logger.level = next;
    },
    async close() {
      logger.level = 'silent';
      await Promise.all([toFile.close(), toStderr.close()]);
    },
  };
}

/** The files of a log, the oldest first; either may be missing. */
export function logFiles(folder: string): readonly string[] {
  const file = logFile(folder);
  return [olderFile(file), file];
}

/** Says nothing. */
export const silentLogger: Logger = pino({ level: 'silent' });

function logFile(folder: string): string {
  return path.join(folder, 'hearthcast.log');
}

function olderFile(file: string): string {
  return `${file}.1`;
}

/** Of an earlier version, which left it open. One that is not there yet, or not ours, stays as it is. */
function closeToOthers(file: string): void {
  try {
    chmodSync(file, OWNER_ONLY);
  } catch {
    // It is made closed, or somebody else's to close.
  }
}
