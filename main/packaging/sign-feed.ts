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

/** A private key as one line of text, for a secret of the workflow. */
function readKey(text: string): KeyObject {
  return createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
}

function publicTextOf(key: KeyObject): string {
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).toString('base64');
}

/** A feed with its signature as the last line. @throws when it is signed already, or no feed */
function signFeed(text: string, key: KeyObject): string {
  const signature = sign(null, Buffer.from(signedText(SignedUpdate.parse(parse(text)))), key).toString('base64');
  const signed = `${text.trimEnd()}\nsignature: ${signature}\n`;
  if (!isSignedUpdate(parse(signed), publicTextOf(key))) throw new Error('the signature does not hold');
  return signed;
}

function printNewKey(): void {
  const { privateKey } = generateKeyPairSync('ed25519');
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  process.stdout.write(`HEARTHCAST_SIGNING_KEY=${secret}\nHEARTHCAST_UPDATE_KEY=${publicTextOf(privateKey)}\n`);
}

function signFolder(folder: string, secret: string): void {
  const key = readKey(secret);
  const feeds = readdirSync(folder).filter((name) => FEED.test(name));
  if (feeds.length === 0) throw new Error(`there is no feed in ${folder}`);
  for (const name of feeds) {
    const file = path.join(folder, name);
    writeFileSync(file, signFeed(readFileSync(file, 'utf8'), key));
    process.stdout.write(`${file}\n`);
  }
}

const [what = ''] = process.argv.slice(2);
if (what === '') {
  process.stderr.write('Usage: node main/packaging/sign-feed.ts new-key | FOLDER\n');
  process.exitCode = 2;
} else if (what === 'new-key') {
  printNewKey();
} else {
  signFolder(what, process.env['HEARTHCAST_SIGNING_KEY'] ?? '');
}
