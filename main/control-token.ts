import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { diskFailure, replaceFile } from './durable-file.ts';
import { systemErrorCode } from './errors.ts';

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
    throw diskFailure(folder, error);
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

async function makeToken(file: string): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await mkdir(path.dirname(file), { recursive: true });
  await replaceFile(file, `${token}\n`);
  return token;
}
