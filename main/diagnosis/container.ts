/** What media comes in. */
export type Container = 'mpeg-ts' | 'mp4' | 'audio' | 'webvtt';

const TRANSPORT_PACKET_BYTES = 188;
const TRANSPORT_SYNC_BYTE = 0x47;
const MP4_BOXES: ReadonlySet<string> = new Set(['ftyp', 'styp', 'moof', 'sidx', 'emsg', 'prft']);

/** The container by the first bytes of a segment; `undefined` when they do not tell, as those of an encrypted one. */
export function containerOf(firstBytes: Buffer): Container | undefined {
  if (isTransportStream(firstBytes)) return 'mpeg-ts';
  if (MP4_BOXES.has(firstBytes.toString('latin1', 4, 8))) return 'mp4';
  if (firstBytes.toString('latin1', 0, 3) === 'ID3' || isAudioFrame(firstBytes)) return 'audio';
  return /^\uFEFF?WEBVTT/.test(firstBytes.toString('utf8', 0, 16)) ? 'webvtt' : undefined;
}

/** Whether a body is a web page, by its first bytes: providers send one, with status 200, when a login has expired. */
export function isWebPage(firstBytes: Buffer): boolean {
  return /^\uFEFF?\s*<(?:!doctype\s+html|html|head|body|script|meta)\b/i.test(firstBytes.toString('utf8', 0, 1024));
}

function isTransportStream(bytes: Buffer): boolean {
  if (bytes[0] !== TRANSPORT_SYNC_BYTE) return false;
  return bytes.length > TRANSPORT_PACKET_BYTES && bytes[TRANSPORT_PACKET_BYTES] === TRANSPORT_SYNC_BYTE;
}

/** The sync word of AAC (ADTS) and MPEG audio, or that of AC-3. */
function isAudioFrame(bytes: Buffer): boolean {
  if (bytes.length < 2) return false;
  const word = bytes.readUInt16BE(0);
  return (word & 0xffe0) === 0xffe0 || word === 0x0b77;
}
