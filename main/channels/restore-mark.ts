import { DatabaseSync } from 'node:sqlite';

/** Leaves a mark that is there if, and only if, the transaction under way is. @param mark from 1 up to 2^31-1 */
export function leaveMark(database: DatabaseSync, mark: number): void {
  // The number that SQLite keeps for applications, in the first page: no table, no upgrade.
  database.exec(`PRAGMA application_id = ${mark}`);
}

/** The last mark that was left in a database; undefined where it cannot be read. */
export function findMark(file: string): number | undefined {
  try {
    using database = new DatabaseSync(file);
    return Number(database.prepare('PRAGMA application_id').get()?.['application_id']);
  } catch {
    return undefined;
  }
}
