import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { Settings } from '../shared/settings.ts';
import { ProxyError, systemErrorCode } from './errors.ts';

/**
 * The settings of a data folder, made there at the first start.
 * A file that cannot be used is set aside, never overwritten: the defaults are in force then, and `warning` says so.
 * @throws ProxyError DATA_FOLDER when the folder cannot be used
 */
export async function loadSettings(folder: string): Promise<{ settings: Settings; warning: string | undefined }> {
  const file = path.join(folder, 'settings.json');
  const text = await readIfThere(file);
  const parsed = text === undefined ? undefined : parseSettings(text);
  if (parsed?.success === true) return { settings: parsed.data, warning: undefined };

  const aside = `${file}.broken-${Date.now()}`;
  if (parsed !== undefined) await setAside(file, aside);
  // With the key that links were sealed with, TVs go on with those they have.
  const settings = Settings.parse({ sealingKey: parsed?.sealingKey ?? randomBytes(32).toString('base64url') });
  await saveSettings(folder, settings);
  return {
    settings,
    warning:
      parsed &&
      `settings.json could not be used (${parsed.error}); it was kept as ${path.basename(aside)} and the defaults are in force.`,
  };
}

/** Writes the settings so that a crash leaves the old file or the new one, readable by their owner only. */
export async function saveSettings(folder: string, settings: Settings): Promise<void> {
  const file = path.join(folder, 'settings.json');
  const draft = `${file}.new`;
  try {
    await mkdir(folder, { recursive: true });
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(settings, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    throw dataFolderError(folder, error);
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw dataFolderError(path.dirname(file), error);
  }
}

async function setAside(file: string, aside: string): Promise<void> {
  try {
    await rename(file, aside);
  } catch (error) {
    throw dataFolderError(path.dirname(file), error);
  }
}

type Parsed = { success: true; data: Settings } | { success: false; error: string; sealingKey: string | undefined };

function parseSettings(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { success: false, error: 'it is not JSON', sealingKey: undefined };
  }
  const parsed = Settings.safeParse(value);
  if (parsed.success) return parsed;
  const rest = Settings.pick({ sealingKey: true }).safeParse(value);
  const error = z.prettifyError(parsed.error).replaceAll('\n', ' ');
  return { success: false, error, sealingKey: rest.data?.sealingKey };
}

function dataFolderError(folder: string, cause: unknown): ProxyError {
  const code = systemErrorCode(cause) ?? 'unknown error';
  return new ProxyError(
    'DATA_FOLDER',
    `The data folder ${folder} cannot be used (${code}); choose another with --data.`,
    { cause },
  );
}
