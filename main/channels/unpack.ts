import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';

/** The largest list that is read, unpacked. */
export const MAX_LIST_BYTES = 256 * 1024 * 1024;

const GZIP_MAGIC = 0x1f8b;

/**
 * The list in a gzip file; anything else as it is.
 * @throws ProxyError BAD_LIST when it is damaged, or larger than lists are
 */
export async function unpackList(bytes: Buffer): Promise<Buffer> {
  if (bytes.length > MAX_LIST_BYTES) throw new ProxyError('BAD_LIST', say('list.tooLarge'));
  if (bytes.length < 2 || bytes.readUInt16BE(0) !== GZIP_MAGIC) return bytes;
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_LIST_BYTES });
  } catch (cause) {
    throw new ProxyError('BAD_LIST', say('list.badGzip'), { cause });
  }
}
