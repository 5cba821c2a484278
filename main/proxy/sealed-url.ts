import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import type { ReferenceKind } from '../hls/reference.ts';

/** What a LAN URL carries of the upstream resource it stands for; all a relay needs to serve it, also after a restart. */
export type Resource = {
  kind: ReferenceKind;
  /** Absolute upstream URL. */
  url: string;
  /** Which of the channel's sources named it, and so which headers go with it. */
  source: number;
  /** The query is part of the resource's identity, not just a token. */
  keyedByQuery: boolean;
  /** The playlist addresses it by byte ranges: it may be much larger than one segment. */
  ranged: boolean;
  /** How long it plays, where the playlist says so. */
  durationSeconds: number | undefined;
  /** `EXT-X-DEFINE` variables that a child playlist may import. */
  variables: ReadonlyMap<string, string>;
};

/** Seals upstream URLs into LAN URLs and opens them again. */
export type Sealer = {
  /** URL-safe text; the same resource of the same channel always seals to the same text. */
  seal(channelId: string, resource: Resource): string;
  /** @throws ProxyError UNKNOWN_RESOURCE when the text was not sealed by us for this channel. */
  open(channelId: string, sealed: string): Resource;
  /** Seals with another key from now on (32 bytes); what the keys before it sealed still opens. */
  adopt(sealingKey: Uint8Array): void;
};

const IV_BYTES = 12;
const TAG_BYTES = 16;
const KIND_LETTERS = { playlist: 'p', segment: 's', key: 'k', data: 'd' } as const satisfies Record<
  ReferenceKind,
  string
>;
const KINDS: ReadonlyMap<string, ReferenceKind> = new Map(
  Object.entries(KIND_LETTERS).map(([kind, letter]) => [letter, kind as ReferenceKind]),
);

/** Links that TVs ask for again and again, and that each reload of a playlist writes again, cost no cryptography. */
const REMEMBERED_LINKS = 8192;

/** A Redis may come and go with another key each time. */
const MAX_FORMER_KEYS = 4;

/** @param sealingKey 32 bytes */
export function createSealer(sealingKey: Uint8Array): Sealer {
  let current = deriveKeys(sealingKey);
  let former: Keys[] = [];
  const sealedTexts = new LRUCache<string, string>({ max: REMEMBERED_LINKS });
  const openedResources = new LRUCache<string, Resource>({ max: REMEMBERED_LINKS });

  function decryptAny(channelId: string, sealed: string): Resource | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    // Decoding skips what it does not know: without this, one link had as many spellings as somebody cares to make up.
    if (bytes.toString('base64url') !== sealed) return undefined;
    for (const keys of [current, ...former]) {
      const text = decrypt(keys, channelId, bytes);
      if (text !== undefined) return decode(text);
    }
    return undefined;
  }

  return {
    seal(channelId, resource) {
      const text = encode(resource);
      const name = `${channelId} ${text}`;
      const known = sealedTexts.get(name);
      if (known !== undefined) return known;
      const sealed = encrypt(current, channelId, text);
      sealedTexts.set(name, sealed);
      return sealed;
    },

    open(channelId, sealed) {
      const name = `${channelId} ${sealed}`;
      const known = openedResources.get(name);
      if (known !== undefined) return known;
      const resource = decryptAny(channelId, sealed);
      if (resource === undefined) {
        throw new ProxyError('UNKNOWN_RESOURCE', say('request.link'));
      }
      openedResources.set(name, resource);
      return resource;
    },

    adopt(other) {
      const adopted = deriveKeys(other);
      former = [current, ...former]
        .filter(({ encryption }) => !encryption.equals(adopted.encryption))
        .slice(0, MAX_FORMER_KEYS);
      current = adopted;
      sealedTexts.clear();
    },
  };
}

type Keys = { encryption: KeyObject; iv: KeyObject };

function deriveKeys(sealingKey: Uint8Array): Keys {
  const derive = (purpose: string): KeyObject =>
    createSecretKey(Buffer.from(hkdfSync('sha256', sealingKey, '', `hearthcast url ${purpose}`, 32)));
  return { encryption: derive('encryption'), iv: derive('iv') };
}

/**
 * Deterministic authenticated encryption: AES-256-GCM whose IV is an HMAC of the plaintext (a synthetic IV, as in RFC 8452), so that
 * equal resources seal equally and no IV serves two of them. The channel id is authenticated with it.
 */
function encrypt(keys: Keys, channelId: string, text: string): string {
  const iv = createHmac('sha256', keys.iv).update(`${channelId}\0${text}`).digest().subarray(0, IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keys.encryption, iv);
  cipher.setAAD(Buffer.from(channelId));
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64url');
}

/** The text, or `undefined` when it was not sealed with these keys for this channel. */
function decrypt(keys: Keys, channelId: string, bytes: Buffer): string | undefined {
  if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', keys.encryption, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(channelId));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/* Kind, flags, duration and source; the URL; the variables: one line each, because a URL has no line break. */

function encode(resource: Resource): string {
  const flags = (resource.keyedByQuery ? 'q' : '') + (resource.ranged ? 'r' : '');
  const source = resource.source === 0 ? '' : `@${resource.source}`;
  const lines = [`${KIND_LETTERS[resource.kind]}${flags}${resource.durationSeconds ?? ''}${source}`, resource.url];
  if (resource.variables.size > 0) lines.push(JSON.stringify([...resource.variables]));
  return lines.join('\n');
}

/** `undefined` for what is sealed right but says nothing that this version knows. */
function decode(text: string): Resource | undefined {
  const [head = '', url = '', variables] = text.split('\n');
  const match = /^([pskd])(q?)(r?)([\d.]*)(?:@(\d{1,3}))?$/.exec(head);
  const kind = KINDS.get(match?.[1] ?? '');
  const known = readVariables(variables);
  if (match === null || kind === undefined || known === undefined) return undefined;
  return {
    kind,
    url,
    source: Number(match[5] ?? 0),
    keyedByQuery: match[2] !== '',
    ranged: match[3] !== '',
    durationSeconds: match[4] === '' ? undefined : Number(match[4]),
    variables: known,
  };
}

function readVariables(json: string | undefined): Resource['variables'] | undefined {
  if (json === undefined) return new Map();
  try {
    return new Map(JSON.parse(json) as [string, string][]);
  } catch {
    return undefined;
  }
}
