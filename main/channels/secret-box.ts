import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import * as z from 'zod';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';

/** RFC 7914: 64 MiB and some 200 ms for every guess at a passphrase. */
const COST = { n: 65_536, r: 8, p: 1 };
const MAX_MEMORY_BYTES = 256 * 1024 * 1024;
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What is needed besides the passphrase to open a box. */
export const BoxHeader = z.object({
  cipher: z.literal('aes-256-gcm'),
  kdf: z.literal('scrypt'),
  // Whoever wrote the file must not decide how long its reader calculates.
  n: z.number().int().min(1024).max(131_072),
  r: z.number().int().min(1).max(8),
  p: z.number().int().min(1).max(4),
  salt: z.base64(),
  iv: z.base64().refine((text) => Buffer.from(text, 'base64').length === IV_BYTES),
});
export type BoxHeader = z.infer<typeof BoxHeader>;

/** Encrypts a text piece by piece with a key made from a passphrase. */
export async function createBox(passphrase: string): Promise<{
  header: BoxHeader;
  seal: (piece: string) => Buffer;
  /** Nothing follows it; proves that nothing is missing or changed. */
  close: () => Buffer;
}> {
  const salt = randomBytes(16);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt, COST), iv, { authTagLength: TAG_BYTES });
  return {
    header: {
      cipher: 'aes-256-gcm',
      kdf: 'scrypt',
      ...COST,
      salt: salt.toString('base64'),
      iv: iv.toString('base64'),
    },
    seal: (piece) => cipher.update(piece, 'utf8'),
    close: () => {
      cipher.final();
      return cipher.getAuthTag();
    },
  };
}

/** The reverse. Nothing that comes out may be used before `close` has not thrown. */
export async function openBox(
  passphrase: string,
  header: BoxHeader,
): Promise<{
  open: (sealed: Buffer) => Buffer;
  /** @throws ProxyError BAD_REQUEST when the passphrase is wrong or the box damaged */
  close: (tag: Buffer) => void;
}> {
  const key = await keyOf(passphrase, Buffer.from(header.salt, 'base64'), header);
  const iv = Buffer.from(header.iv, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
  return {
    open: (sealed) => decipher.update(sealed),
    close: (tag) => {
      try {
        decipher.setAuthTag(tag);
        decipher.final();
      } catch (cause) {
        throw new ProxyError('BAD_REQUEST', say('backup.passphrase'), {
          cause,
        });
      }
    },
  };
}

function keyOf(passphrase: string, salt: Buffer, { n, r, p }: typeof COST): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, { N: n, r, p, maxmem: MAX_MEMORY_BYTES }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
