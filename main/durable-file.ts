import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Sentence } from '../shared/sentence.ts';
import { say } from '../shared/sentences.ts';
import { ProxyError, systemErrorCode } from './errors.ts';

/** Under which name the successor of a file is written. */
export function draftOf(file: string): string {
  return `${file}.new`;
}

/** Replaces a file, readable by its owner only: a crash or a power cut leaves the old one or the new one, whole. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const draft = draftOf(file);
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await moveIntoPlace(draft, file);
  } catch (error) {
    // On a full disk half a draft would only take the room that is missing.
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Gives a draft that has reached the disk its name, also for the time after a power cut. */
export async function moveIntoPlace(draft: string, file: string): Promise<void> {
  await rename(draft, file);
  await syncFolder(path.dirname(file));
}

/** Resolves once the disk has what was written to a file, through whatever handle; at once when there is no such file. */
export async function syncFile(file: string): Promise<void> {
  try {
    // For writing, because Windows flushes nothing else.
    await using handle = await open(file, 'r+');
    await handle.sync();
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

/** Resolves once the disk knows which files are in a folder. Windows sees to that by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder, 'r');
  await handle.sync();
}

/** What people are told when a file of the data folder cannot be read or written. @param cause what Node threw */
export function diskFailure(folder: string, cause: unknown): ProxyError {
  return new ProxyError('DATA_FOLDER', failureSentence(folder, systemErrorCode(cause)), { cause });
}

function failureSentence(folder: string, code: string | undefined): Sentence {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return say('dataFolder.full', { folder });
    case 'EROFS':
      return say('dataFolder.readOnly', { folder });
    case 'EACCES':
    case 'EPERM':
      return say('dataFolder.forbidden', { folder });
    default:
      return say('dataFolder.unusable', { folder, code: code ?? say('unknown.error') });
  }
}
