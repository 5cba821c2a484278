import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { isSignedUpdate, signedText, SignedUpdate } from '../desktop/update-signature.ts';

/*
 * Signs the update feeds that electron-builder wrote, `latest*.yml`, so that apps take them:
 *
 *   node main/packaging/sign-feed.ts new-key     prints a pair of keys, once for a project
 *   node main/packaging/sign-feed.ts FOLDER      signs with the one in HEARTHCAST_SIGNING_KEY
 */

const FEED = /^latest.*\.yml$/;

/** The two halves of a key, each as one line of text: the private one for a secret of the workflow, the public one for the app. */
export function newKeys(): { secret: string; publicKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  return { secret, publicKey: publicTextOf(privateKey) };
}

/** Signs every feed of a folder, and answers with their files. @throws when there is none, or one is signed already */
export function signFeeds(folder: string, secret: string): string[] {
  const key = createPrivateKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'pkcs8' });
  const files = readdirSync(folder)
    .filter((name) => FEED.test(name))
    .map((name) => path.join(folder, name));
  if (files.length === 0) throw new Error(`there is no feed in ${folder}`);
  for (const file of files) writeFileSync(file, signFeed(readFileSync(file, 'utf8'), key));
  return files;
}

/** The signature becomes the last line. */
function signFeed(text: string, key: KeyObject): string {
  const signature = sign(null, Buffer.from(signedText(SignedUpdate.parse(parse(text)))), key).toString('base64');
  const signed = `${text.trimEnd()}\nsignature: ${signature}\n`;
  if (!isSignedUpdate(parse(signed), publicTextOf(key))) throw new Error('the signature does not hold');
  return signed;
}

function publicTextOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
}

function main(what: string | undefined): void {
  if (what === undefined) {
    process.stderr.write('Usage: node main/packaging/sign-feed.ts new-key | FOLDER\n');
    process.exitCode = 2;
  } else if (what === 'new-key') {
    const { secret, publicKey } = newKeys();
    process.stdout.write(`HEARTHCAST_SIGNING_KEY=${secret}\nHEARTHCAST_UPDATE_KEY=${publicKey}\n`);
  } else {
    const signed = signFeeds(what, process.env['HEARTHCAST_SIGNING_KEY'] ?? '');
    process.stdout.write(`${signed.join('\n')}\n`);
  }
}

if (import.meta.main) main(process.argv[2]);
