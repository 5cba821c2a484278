import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { say } from '../shared/sentences.ts';
import { ProxyError, systemErrorCode } from './errors.ts';

const TOKEN = /^[\w-]{43}$/;

/**
 * What lets a browser in at the control port, made at the first start. It outlives the process, so that a bookmark and a page that
 * is open still work after a restart; whoever removes the file locks all of them out with the next one.
 * @throws ProxyError DATA_FOLDER when the folder cannot be used
 */
export async function loadControlToken(folder: string): Promise<string> {
  const file = path.join(folder, 'control-token');
  try {
    return (await readToken(file)) ?? (await makeToken(file));
  } catch (error) {
    const code = systemErrorCode(error) ?? say('unknown.error');
    throw new ProxyError('DATA_FOLDER', say('dataFolder.unusable', { folder, code }), { cause: error });
  }
}

async function readToken(file: string): Promise<string | undefined> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    return TOKEN.test(text) ? text : undefined;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written so that a crash leaves no half of one, readable by its owner only. */
async function makeToken(file: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  const draft = `${file}.new`;
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(draft, `${token}\n`, { mode: 0o600 });
  await rename(draft, file);
  return token;
}
