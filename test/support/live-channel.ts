import { execFile } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { mkdtempDisposable, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join, posix } from 'node:path';
import { promisify } from 'node:util';
import { playlist, ranged, startFakeOrigin, type FakeHandler, type FakeOrigin } from './fake-origin.ts';
import { takeApart, windowOf, type SlidingPlaylist } from './sliding-playlist.ts';

/** A real HLS channel, made by ffmpeg beforehand and served from loopback. */
export type LiveChannel = AsyncDisposable & {
  /** What a player opens. */
  url: string;
  origin: FakeOrigin;
  /** Puts a live channel back to its beginning, so that the next player is shown exactly what the one before was. */
  rewind: () => void;
};

const execute = promisify(execFile);

const SECONDS = 8;
const WINDOW_SEGMENTS = 5;
const KEYS_CHANGE_EVERY = 3;

const CONTENT_TYPES: Record<string, string> = {
  '.ts': 'video/mp2t',
  '.m4s': 'video/iso.segment',
  '.mp4': 'video/mp4',
  '.key': 'application/octet-stream',
};

/** Pictures and sound that change all the time, so small that making them costs next to nothing. */
const PICTURE = ['-f', 'lavfi', '-i', `testsrc2=size=128x72:rate=15:duration=${SECONDS}`];
const SOUND = ['-f', 'lavfi', '-i', `sine=frequency=440:beep_factor=4:sample_rate=48000:duration=${SECONDS}`];
const ENCODE = [
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '15', '-sc_threshold', '0'],
  ...['-c:a', 'aac', '-b:a', '48k', '-threads', '1'],
];
const HLS = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '0', '-hls_playlist_type', 'vod'];

/** Live MPEG-TS with two variants. */
export function startTransportStreamChannel(): Promise<LiveChannel> {
  return serveChannel({
    arguments: [
      ...['-map', '0:v', '-map', '1:a', '-map', '0:v', '-map', '1:a', ...ENCODE, '-b:v:0', '200k', '-b:v:1', '80k'],
      ...['-filter:v:1', 'scale=96:54', ...HLS, '-hls_segment_filename', 'v%v-%03d.ts'],
      ...['-master_pl_name', 'master.m3u8', '-var_stream_map', 'v:0,a:0 v:1,a:1', 'v%v.m3u8'],
    ],
    entry: 'master.m3u8',
    live: true,
  });
}

/** Live MPEG-TS with AES-128, whose key changes on the way; some with an explicit IV, some by sequence number. */
export function startEncryptedChannel(): Promise<LiveChannel> {
  return serveChannel({
    arguments: [...ENCODE, ...HLS, '-hls_segment_filename', 'clear-%03d.ts', 'index.m3u8'],
    entry: 'index.m3u8',
    live: true,
    prepare: encryptSegments,
  });
}

/** Live fragmented MP4 with the sound in a rendition of its own. */
export function startFragmentedChannel(): Promise<LiveChannel> {
  return serveChannel({
    arguments: [
      ...['-map', '0:v', '-map', '1:a', ...ENCODE, ...HLS],
      ...[
        '-hls_segment_type',
        'fmp4',
        '-hls_fmp4_init_filename',
        'init-%v.mp4',
        '-hls_segment_filename',
        's%v-%03d.m4s',
      ],
      ...['-master_pl_name', 'master.m3u8'],
      ...['-var_stream_map', 'a:0,agroup:sound,default:yes,language:en v:0,agroup:sound', 's%v.m3u8'],
    ],
    entry: 'master.m3u8',
    live: true,
  });
}

/** Live MPEG-TS whose segments are byte ranges of one file. */
export function startByteRangeChannel(): Promise<LiveChannel> {
  return serveChannel({
    arguments: [...ENCODE, ...HLS, '-hls_flags', 'single_file', '-hls_segment_filename', 'all.ts', 'index.m3u8'],
    entry: 'index.m3u8',
    live: true,
  });
}

/** Fragmented MP4 whose initialization section is a byte range too. */
export function startFragmentedByteRangeChannel(): Promise<LiveChannel> {
  return serveChannel({
    arguments: [
      ...[...ENCODE, ...HLS, '-hls_segment_type', 'fmp4', '-hls_flags', 'single_file'],
      ...['-hls_segment_filename', 'all.m4s', 'index.m3u8'],
    ],
    entry: 'index.m3u8',
    live: true,
  });
}

/** A film: complete from the beginning. */
export function startVideoOnDemandChannel(): Promise<LiveChannel> {
  return serveChannel({
    arguments: [...ENCODE, ...HLS, '-hls_segment_filename', 'part-%03d.ts', 'index.m3u8'],
    entry: 'index.m3u8',
    live: false,
  });
}

type ChannelRecipe = {
  /** ffmpeg's, after its inputs; the output goes to an empty folder. */
  arguments: readonly string[];
  entry: string;
  live: boolean;
  /** What else happens to the folder before it is served. */
  prepare?: (folder: string) => Promise<void>;
};

async function serveChannel(recipe: ChannelRecipe): Promise<LiveChannel> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-channel-'));
  const inputs = ['-hide_banner', '-loglevel', 'error', ...PICTURE, ...SOUND];
  await execute('ffmpeg', [...inputs, ...recipe.arguments], { cwd: folder.path });
  await recipe.prepare?.(folder.path);
  const broadcast = new Broadcast();
  const routes: Record<string, FakeHandler> = {};
  for (const name of await readdir(folder.path)) {
    routes[posix.join('/live', name)] = await handlerFor(join(folder.path, name), recipe.live ? broadcast : null);
  }
  const origin = await startFakeOrigin(routes);
  return {
    url: `${origin.url}/live/${recipe.entry}`,
    origin,
    rewind: () => broadcast.rewind(),
    [Symbol.asyncDispose]: () => origin[Symbol.asyncDispose](),
  };
}

async function handlerFor(file: string, broadcast: Broadcast | null): Promise<FakeHandler> {
  const content = await readFile(file);
  const extension = extname(file);
  if (extension !== '.m3u8') {
    const send = ranged(content, { 'Content-Type': CONTENT_TYPES[extension], ETag: etagOf(content) });
    return (request, response) => {
      broadcast?.requested(basename(file), request.headers.range);
      return send(request, response);
    };
  }
  const text = content.toString('utf8');
  if (broadcast === null || text.includes('#EXT-X-STREAM-INF')) return playlist(text);
  const list = takeApart(text);
  return (request, response) => playlist(broadcast.advance(list))(request, response);
}

/**
 * The clock of a live channel: a playlist moves on by one segment when it is loaded again after its newest segment was
 * asked for. So players see the same windows however busy the machine is, and none can fall out of one.
 */
class Broadcast {
  readonly #firstShown = new Map<SlidingPlaylist, number>();
  /** How far into each file anybody has asked to read. */
  readonly #requestedUpTo = new Map<string, number>();

  rewind(): void {
    this.#firstShown.clear();
    this.#requestedUpTo.clear();
  }

  requested(file: string, range: string | undefined): void {
    const lastByte = /^bytes=\d+-(\d+)$/.exec(range ?? '')?.[1];
    const end = lastByte === undefined ? Infinity : Number(lastByte) + 1;
    this.#requestedUpTo.set(file, Math.max(end, this.#requestedUpTo.get(file) ?? 0));
  }

  advance(list: SlidingPlaylist): string {
    const shown = this.#firstShown.get(list);
    const first = shown === undefined ? 0 : shown + (this.#newestWasRequested(list, shown) ? 1 : 0);
    const onAir = Math.min(first, list.entries.length - WINDOW_SEGMENTS);
    this.#firstShown.set(list, onAir);
    return windowOf(list, onAir, onAir + WINDOW_SEGMENTS);
  }

  #newestWasRequested(list: SlidingPlaylist, first: number): boolean {
    const newest = list.entries[first + WINDOW_SEGMENTS - 1];
    return newest !== undefined && (this.#requestedUpTo.get(newest.uri) ?? 0) >= newest.endByte;
  }
}

/** Encrypts the clear segments as RFC 8216 section 5.2 has it; the origin keeps no clear ones. */
async function encryptSegments(folder: string): Promise<void> {
  const list = takeApart(await readFile(join(folder, 'index.m3u8'), 'utf8'));
  const lines: string[] = [];
  for (const [sequence, entry] of list.entries.entries()) {
    const period = Math.floor(sequence / KEYS_CHANGE_EVERY);
    const explicitIv = period % 2 === 1 ? digest(`iv ${period}`) : null;
    const key = digest(`key ${period}`);
    const iv = explicitIv ?? sequenceIv(sequence);
    const name = `sealed-${sequence}.ts`;
    const cipher = createCipheriv('aes-128-cbc', key, iv);
    const clear = await readFile(join(folder, entry.uri));
    await writeFile(join(folder, name), Buffer.concat([cipher.update(clear), cipher.final()]));
    await writeFile(join(folder, `${period}.key`), key);
    await rm(join(folder, entry.uri));
    const ivAttribute = explicitIv ? `,IV=0x${explicitIv.toString('hex')}` : '';
    lines.push(`#EXT-X-KEY:METHOD=AES-128,URI="${period}.key"${ivAttribute}`);
    lines.push(...entry.lines.slice(0, -1), name);
  }
  await writeFile(join(folder, 'index.m3u8'), ['#EXTM3U', ...list.header, ...lines, ''].join('\n'));
}

/** Without an IV attribute, the media sequence number is the IV (RFC 8216 section 5.2). */
function sequenceIv(sequence: number): Buffer {
  const iv = Buffer.alloc(16);
  iv.writeUInt32BE(sequence, 12);
  return iv;
}

function digest(text: string): Buffer {
  return createHash('md5').update(text).digest();
}

function etagOf(content: Buffer): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}
