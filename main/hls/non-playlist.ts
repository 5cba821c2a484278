import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { startsLikePlaylist } from './playlist.ts';

/** An answer of the origin that was to be a playlist. */
type Answer = { status: number; contentType: string | undefined; body: Buffer };

const MAX_EXCERPT_CHARS = 60;
/** What is looked at: the first bytes say what it is, and a hostile body costs nothing. */
const MAX_INSPECTED_BYTES = 4096;
const TRANSPORT_PACKET_BYTES = 188;
const TRANSPORT_SYNC_BYTE = 0x47;

/**
 * One sentence for people about what came instead of a playlist.
 * A TV may see it: no URL and no credential of the answer is in it.
 */
export function describeNonPlaylist({ status, contentType, body }: Answer): Sentence {
  const what = describeBody(body);
  const type = /^\s*([a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,60})/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  if (type === undefined) return say('noPlaylist.untyped', { what, status });
  return say('noPlaylist.typed', { what, status, type });
}

function describeBody(body: Buffer): Sentence {
  if (body.length === 0) return say('noPlaylist.empty');
  const head = body.subarray(0, MAX_INSPECTED_BYTES);
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (text === '') return say('noPlaylist.blank');
  return describeMedia(head) ?? describeMarkup(text) ?? describeJson(text) ?? describeText(body, text);
}

function describeMedia(head: Buffer): Sentence | undefined {
  if (isTransportStream(head)) return say('noPlaylist.mpegTs');
  const box = head.toString('latin1', 4, 8);
  if (box === 'ftyp' || box === 'styp' || box === 'moof') return say('noPlaylist.mp4');
  if (head.length > 1 && head.readUInt16BE(0) === 0x1f8b) return say('noPlaylist.compressed');
  if (head.toString('latin1', 0, 3) === 'FLV') return say('noPlaylist.flv');
  return undefined;
}

function isTransportStream(head: Buffer): boolean {
  if (head[0] !== TRANSPORT_SYNC_BYTE) return false;
  if (head.length > TRANSPORT_PACKET_BYTES) return head[TRANSPORT_PACKET_BYTES] === TRANSPORT_SYNC_BYTE;
  return isBinary(head);
}

function describeMarkup(text: string): Sentence | undefined {
  if (!text.startsWith('<')) return undefined;
  if (/<MPD[\s>]/.test(text)) return say('noPlaylist.dash');
  if (/<(?:!doctype\s+html|html|head|body|title|script|meta)\b/i.test(text)) return describeWebPage(text);
  return say('noPlaylist.xml');
}

function describeWebPage(text: string): Sentence {
  const title = excerpt(/<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? '');
  return title === '' ? say('noPlaylist.webPage') : say('noPlaylist.titledPage', { title });
}

/** Of JSON only the message is shown: providers answer with the account, too. */
function describeJson(text: string): Sentence | undefined {
  if (!/^[[{]/.test(text)) return undefined;
  const message = /"(?:error|message|msg|detail|reason)"\s*:\s*"([^"\\]{1,200})"/i.exec(text)?.[1];
  return message === undefined ? say('noPlaylist.json') : say('noPlaylist.message', { message: excerpt(message) });
}

function describeText(body: Buffer, text: string): Sentence {
  const startsWell = startsLikePlaylist(body);
  if (isBinary(body)) return say(startsWell ? 'noPlaylist.damaged' : 'noPlaylist.binary');
  if (startsWell) return say('noPlaylist.cut');
  return say('noPlaylist.text', { excerpt: excerpt(text) });
}

function isBinary(bytes: Buffer): boolean {
  return bytes.includes(0);
}

/** The first characters, printable, on one line, without anything that may open an account. */
function excerpt(text: string): string {
  const line = text.replace(/[^\p{L}\p{N}\p{P}\p{S}]+/gu, ' ').trim();
  const characters = Array.from(maskSecrets(line).replaceAll('"', "'"));
  if (characters.length <= MAX_EXCERPT_CHARS) return characters.join('');
  return `${characters.slice(0, MAX_EXCERPT_CHARS - 1).join('')}…`;
}

/** URLs, also without their scheme, carry accounts in their path; `user=..&password=..` does so anywhere. */
function maskSecrets(line: string): string {
  const words = line.split(' ').map((word) => (/:\/\/|\/.*\/|@/.test(word) ? '<url>' : word));
  return words
    .join(' ')
    .replace(/\b(user(?:name)?|login|pass(?:word)?|pwd|token|key|secret|auth)( ?[=:] ?)[^ &]+/gi, '$1$2***');
}
