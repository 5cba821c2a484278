import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** A string and not a file, so that it is found from the sources and from the bundle alike. */
const CHECKPOINT = `
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(require('node:worker_threads').workerData);
  database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  database.close();
`;

/**
 * Moves what the write-ahead log holds into the database file, on a thread of its own: after a big import this takes 50 ms and more
 * with a fast disk, and waits for the disk as often as it must.
 */
export async function checkpoint(file: string): Promise<void> {
  await once(new Worker(CHECKPOINT, { eval: true, execArgv: [], workerData: file }), 'exit');
}
