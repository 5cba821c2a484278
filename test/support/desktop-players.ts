import { execFile } from 'node:child_process';
import { chmod, mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pictureHashes, picturesIn } from './ffmpeg-player.ts';
import type { ProgramName } from './requirements.ts';

/** A player that people have, with its own way of reading HLS. */
export type DesktopPlayer = {
  name: string;
  needs: readonly ProgramName[];
  /** Plays a URL to its end. Answers with what each picture was, in order: in words that are the same for the same picture. */
  pictures(url: string): Promise<string[]>;
};

const PLAY_TIMEOUT_MS = 60_000;

/** mpv: its own player around ffmpeg's demuxer; encodes into hashes instead of showing. */
const mpv: DesktopPlayer = {
  name: 'mpv',
  needs: ['mpv'],
  async pictures(url) {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'hashes');
    const encode = [`--o=${file}`, '--of=framemd5', '--ovc=rawvideo', '--oac=pcm_s16le'];
    await play('mpv', ['--no-config', '--really-quiet', ...encode, url]);
    return picturesIn(await readFile(file, 'utf8'));
  },
};

/** VLC: a demuxer of its own; writes down what it got, which ffmpeg then looks at. */
const vlc: DesktopPlayer = {
  name: 'VLC',
  needs: ['cvlc', 'ffmpeg'],
  async pictures(url) {
    await using folder = await scratchFolder();
    const file = join(folder.path, 'played.ts');
    const write = ['--sout', `#std{access=file,mux=ts,dst=${file}}`, '--sout-all'];
    // It refuses to run as root.
    const asNobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    const flags = ['cvlc', '--intf', 'dummy', ...write, '--play-and-exit', url, 'vlc://quit'];
    await play('env', [...asNobody, ...flags], { HOME: folder.path });
    return await pictureHashes(file);
  },
};

/** GStreamer, what many TVs are built of. It tells when each picture is to be shown, not what is on it. */
const gstreamer: DesktopPlayer = {
  name: 'GStreamer',
  needs: ['gst-launch-1.0'],
  async pictures(url) {
    const sinks = ['video-sink=fakesink name=pictures silent=false', 'audio-sink=fakesink'];
    const { stdout } = await play('gst-launch-1.0', ['-v', 'playbin', `uri=${url}`, ...sinks]);
    return Array.from(stdout.matchAll(/pictures: last-message = "?chain .*?pts: ([\d:.]+)/g), ([, pts = '']) => pts);
  },
};

export const DESKTOP_PLAYERS = [mpv, vlc, gstreamer] as const;

async function play(
  program: string,
  flags: readonly string[],
  env: Record<string, string> = {},
): Promise<{ stdout: string }> {
  return promisify(execFile)(program, flags, {
    env: { ...process.env, ...env },
    timeout: PLAY_TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** One that a player may write to, whoever it runs as. */
async function scratchFolder(): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-player-'));
  await chmod(folder.path, 0o777);
  return { path: folder.path, [Symbol.asyncDispose]: () => folder.remove() };
}
