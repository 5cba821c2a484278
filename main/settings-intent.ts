import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Settings } from '../shared/settings.ts';
import { moveIntoPlace } from './durable-file.ts';
import { saveSettings, SETTINGS_FILE, type Vault } from './settings-file.ts';

/*
 * A restored backup changes the channels and the settings, which lie in two files. So that a crash between the two leaves both or
 * neither: the settings are written under another name first, the transaction that brings the channels carries a mark made of them,
 * and a start that finds the name still there looks for the mark.
 */

const INTENT_FILE = `${SETTINGS_FILE}.restored`;
/** What the database keeps the mark in has 32 bits, one of them a sign; 0 is what it holds before the first restore. */
const LARGEST_MARK = 2 ** 31 - 1;

/** Writes down what the settings are to be. @returns the mark for the other half of the change */
export async function intendSettings(folder: string, settings: Settings, vault?: Vault): Promise<number> {
  await saveSettings(folder, settings, vault, INTENT_FILE);
  return markOf(await readFile(path.join(folder, INTENT_FILE)));
}

/** The settings are saved, or will not be. */
export async function withdrawIntent(folder: string): Promise<void> {
  await rm(path.join(folder, INTENT_FILE), { force: true });
}

/** Finishes what a crash cut short, before the settings are loaded. @param findMark what the other half of the change left behind */
export async function settleIntent(folder: string, findMark: () => number | undefined): Promise<void> {
  const intent = path.join(folder, INTENT_FILE);
  const content = await readFile(intent).catch(() => undefined);
  if (content === undefined) return;
  if (findMark() === markOf(content)) await moveIntoPlace(intent, path.join(folder, SETTINGS_FILE));
  else await withdrawIntent(folder);
}

function markOf(content: Buffer): number {
  return (createHash('sha256').update(content).digest().readUInt32BE() % LARGEST_MARK) + 1;
}
