import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A string and not a file, so that it is found from the sources and from the bundle alike. */
const RUN = `
  const { workerData } = require('node:worker_threads');
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(workerData.file, { timeout: 1000 });
  try {
    database.exec(workerData.sql);
  } finally {
    database.close();
  }
`;

/**
 * Runs a statement that takes its time on a thread and a connection of its own. Rejects when it fails; in any case not before that
 * connection is closed: the last one of a database has to be another, which puts away the log.
 */
async function execOffThread(file: string, sql: string): Promise<void> {
  const worker = new Worker(RUN, { eval: true, execArgv: [], workerData: { file, sql } });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  try {
    await once(worker, 'exit');
  } finally {
    await ended;
  }
}

/**
 * Moves what the write-ahead log holds into the database file: after a big import this takes 50 ms and more with a fast disk, and
 * waits for the disk as often as it must.
 */
export async function checkpoint(file: string): Promise<void> {
  await execOffThread(file, 'PRAGMA wal_checkpoint(PASSIVE)');
}

/** Writes a copy of the database as it is now; `copy` must be missing or empty. */
export async function copyDatabase(file: string, copy: string): Promise<void> {
  await execOffThread(file, `VACUUM INTO '${copy.replaceAll("'", "''")}'`);
}
