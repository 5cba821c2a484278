import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorCode } from '../errors.ts';

/** A file of the built window. `isHashed`: its name changes with its content. */
export type RendererFile = { body: Buffer; contentType: string; isHashed: boolean };

const CONTENT_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** Names of the kind that the build makes, and no others: nothing leads out of the folder. */
const FILE_PATH = /^(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)+$/;

const IS_NO_FILE = new Set<string | undefined>(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);

/** The file behind the path of a URL; undefined when there is none. */
export async function readRendererFile(folder: string, urlPath: string): Promise<RendererFile | undefined> {
  const filePath = urlPath === '/' ? '/index.html' : urlPath;
  const contentType = CONTENT_TYPES[path.extname(filePath)];
  if (contentType === undefined || !FILE_PATH.test(filePath)) return undefined;
  try {
    const body = await readFile(path.join(folder, filePath));
    return { body, contentType, isHashed: filePath.startsWith('/assets/') };
  } catch (error) {
    if (IS_NO_FILE.has(systemErrorCode(error))) return undefined;
    throw error;
  }
}
