import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** MD5 of each decoded frame with its time stamp, in order, by stream. */
export type FrameHashes = Record<string, string[]>;

const PLAY_TIMEOUT_MS = 60_000;

/** Plays a URL to its end with ffmpeg, all variants and renditions, and hashes what comes out of the decoders. */
export async function frameHashes(url: string): Promise<FrameHashes> {
  const { stdout, stderr } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'warning', '-nostdin', '-threads', '1', '-i', url],
      ...['-map', '0', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'],
    ],
    { timeout: PLAY_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
  );
  const hashes = parseFrameHashes(stdout);
  if (Object.keys(hashes).length === 0) throw new Error(`ffmpeg decoded nothing of ${url}:\n${stderr}`);
  return hashes;
}

/** Lines of the framemd5 format: stream, dts, pts, duration, size, hash. */
function parseFrameHashes(text: string): FrameHashes {
  const hashes: FrameHashes = {};
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [stream = '', , pts = '', , , hash = ''] = line.split(',').map((field) => field.trim());
    (hashes[stream] ??= []).push(`${pts} ${hash}`);
  }
  return hashes;
}
