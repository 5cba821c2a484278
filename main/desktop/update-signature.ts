import { createPublicKey, verify } from 'node:crypto';
import * as z from 'zod';

/**
 * What a feed says about a version, as far as it is signed: its number, and the files of it with their hashes. electron-updater
 * holds what it downloads against those hashes, so that this one signature covers the packages of every system, also where the
 * system itself knows no signed programs.
 */
export const SignedUpdate = z.object({
  version: z.string(),
  files: z.array(z.object({ url: z.string(), sha512: z.string() })).min(1),
});
export type SignedUpdate = z.infer<typeof SignedUpdate>;

const Signature = z.object({ signature: z.base64() });

/** What is signed. */
export function signedText({ version, files }: SignedUpdate): string {
  const lines = files.map(({ url, sha512 }) => JSON.stringify([url, sha512]));
  return ['hearthcast update', JSON.stringify(version), ...lines.toSorted()].join('\n');
}

/**
 * Whether an entry of a feed was signed by who made this app.
 * @param publicKey Ed25519, as base64 of its SPKI
 */
export function isSignedUpdate(entry: unknown, publicKey: string): boolean {
  const update = SignedUpdate.safeParse(entry).data;
  const signature = Signature.safeParse(entry).data?.signature;
  if (update === undefined || signature === undefined) return false;
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(signedText(update)), key, Buffer.from(signature, 'base64'));
}
