import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** MD5 of each decoded frame with its time stamp, in order, by stream. */
export type FrameHashes = Record<string, string[]>;

const PLAY_TIMEOUT_MS = 60_000;

/** Plays a URL to its end with ffmpeg, all variants and renditions, and hashes what comes out of the decoders. */
export async function frameHashes(url: string): Promise<FrameHashes> {
  const { text, complaints } = await decode(url);
  const hashes: FrameHashes = {};
  for (const { stream, pts, hash } of framesOf(text)) (hashes[stream] ??= []).push(`${pts} ${hash}`);
  if (Object.keys(hashes).length === 0) throw new Error(`ffmpeg decoded nothing of ${url}:\n${complaints}`);
  return hashes;
}

/** MD5 of each decoded picture of a file or URL, in order. */
export async function pictureHashes(url: string): Promise<string[]> {
  return picturesIn((await decode(url)).text);
}

/** The pictures of what ffmpeg's framemd5 format says, without their time stamps: these depend on where a player joined. */
export function picturesIn(text: string): string[] {
  const pictures = new Set(Array.from(text.matchAll(/^#media_type (\d+): video$/gm), ([, stream]) => stream));
  return framesOf(text).flatMap(({ stream, hash }) => (pictures.has(stream) ? [hash] : []));
}

async function decode(url: string): Promise<{ text: string; complaints: string }> {
  const { stdout, stderr } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'warning', '-nostdin', '-threads', '1', '-i', url],
      ...['-map', '0', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'],
    ],
    { timeout: PLAY_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
  );
  return { text: stdout, complaints: stderr };
}

/** Lines of the framemd5 format: stream, dts, pts, duration, size, hash. */
function framesOf(text: string): { stream: string; pts: string; hash: string }[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const [stream = '', , pts = '', , , hash = ''] = line.split(',').map((field) => field.trim());
    return { stream, pts, hash };
  });
}
