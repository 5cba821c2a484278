import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { Settings } from '../shared/settings.ts';
import { diskFailure, moveIntoPlace, replaceFile, syncFolder } from './durable-file.ts';
import { systemErrorCode } from './errors.ts';

/** Keeps the sealing key so that nobody but this user of this machine can read it. */
export type Vault = {
  lock(secret: string): Promise<string>;
  /** Rejects when it was locked by another. */
  unlock(locked: string): Promise<string>;
};

const SETTINGS_FILE = 'settings.json';

const LOCKED = 'locked:';

/**
 * The settings of a data folder, made there at the first start.
 * A file that cannot be used is set aside, never overwritten: the defaults are in force then, and `warning` says so. The same when
 * only its sealing key cannot be unlocked; all other settings are in force then, with a new key.
 * @throws ProxyError DATA_FOLDER when the folder cannot be used
 */
export async function loadSettings(
  folder: string,
  vault?: Vault,
): Promise<{ settings: Settings; warning: string | undefined }> {
  const file = path.join(folder, SETTINGS_FILE);
  const text = await readIfThere(file);
  const parsed = text === undefined ? undefined : await parseSettings(text, vault);
  if (parsed?.success === true) return { settings: parsed.data, warning: undefined };

  const aside = `${file}.broken-${Date.now()}`;
  if (parsed !== undefined) await setAside(file, aside);
  const settings = Settings.parse({ sealingKey: newKey(), ...parsed?.usable });
  await saveSettings(folder, settings, vault);
  return {
    settings,
    warning:
      parsed &&
      `settings.json could not be used (${parsed.error}); it was kept as ${path.basename(aside)} and ${parsed.inForce} in force.`,
  };
}

/** Writes the settings so that a crash or a power cut leaves the old file or the new one, readable by their owner only. */
export function saveSettings(folder: string, settings: Settings, vault?: Vault): Promise<void> {
  return writeSettings(path.join(folder, SETTINGS_FILE), settings, vault);
}

async function writeSettings(file: string, settings: Settings, vault: Vault | undefined): Promise<void> {
  // Settings that are not saved would be worse than a key that is not locked.
  const locked = await vault?.lock(settings.sealingKey).catch(() => undefined);
  const kept = locked === undefined ? settings : { ...settings, sealingKey: LOCKED + locked };
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await replaceFile(file, `${JSON.stringify(kept, null, 2)}\n`);
  } catch (error) {
    throw diskFailure(path.dirname(file), error);
  }
}

/*
 * A restored backup changes the channels and the settings, which lie in two files. So that a crash between the two leaves both or
 * neither: the settings are written under another name first, the transaction that brings the channels carries a mark made of them,
 * and a start that finds the name still there looks for the mark.
 */

const INTENT_FILE = 'settings.json.restored';
/** What the database keeps the mark in has 32 bits, one of them a sign; 0 is what it holds before the first restore. */
const LARGEST_MARK = 2 ** 31 - 1;

/** Writes down what the settings are to be. @returns the mark for the other half of the change */
export async function intendSettings(folder: string, settings: Settings, vault?: Vault): Promise<number> {
  const intent = path.join(folder, INTENT_FILE);
  await writeSettings(intent, settings, vault);
  return markOf(await readFile(intent));
}

/** The settings are what was written down: that file becomes theirs, which needs no room on the disk. */
export async function fulfilIntent(folder: string): Promise<void> {
  try {
    await moveIntoPlace(path.join(folder, INTENT_FILE), path.join(folder, SETTINGS_FILE));
  } catch (error) {
    throw diskFailure(folder, error);
  }
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

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw diskFailure(path.dirname(file), error);
  }
}

async function setAside(file: string, aside: string): Promise<void> {
  try {
    await rename(file, aside);
    await syncFolder(path.dirname(file));
  } catch (error) {
    throw diskFailure(path.dirname(file), error);
  }
}

type Parsed =
  { success: true; data: Settings } | { success: false; error: string; usable: Partial<Settings>; inForce: string };

async function parseSettings(text: string, vault: Vault | undefined): Promise<Parsed> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { success: false, error: 'it is not JSON', usable: {}, inForce: 'the defaults are' };
  }
  const locked = Locked.safeParse(value).data?.sealingKey.slice(LOCKED.length);
  const unlocked = locked && (await vault?.unlock(locked).catch(() => undefined));
  const parsed = Settings.safeParse(
    locked === undefined ? value : { ...(value as object), sealingKey: unlocked ?? newKey() },
  );
  if (parsed.success && locked !== undefined && unlocked === undefined) {
    const error = 'its sealing key cannot be unlocked here';
    return { success: false, error, usable: parsed.data, inForce: 'all other settings are' };
  }
  if (parsed.success) return parsed;
  // With the key that links were sealed with, TVs go on with those they have.
  const { data: usable = {} } = Settings.pick({ sealingKey: true }).safeParse(
    unlocked === undefined ? value : { sealingKey: unlocked },
  );
  const error = z.prettifyError(parsed.error).replaceAll('\n', ' ');
  return { success: false, error, usable, inForce: 'the defaults are' };
}

const Locked = z.object({ sealingKey: z.string().startsWith(LOCKED) });

function newKey(): string {
  return randomBytes(32).toString('base64url');
}
