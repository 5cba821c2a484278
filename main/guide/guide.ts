import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Guide as GuideAnswer } from '../../shared/contract.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { maskUrl } from '../mask-url.ts';
import { filterGuide, type GuideCounts, type GuideWants } from './xmltv-filter.ts';

/** What is known of the guide. */
export type GuideState = Omit<GuideAnswer, 'path'>;

/** The programme guide of the enabled channels, put together from those that the lists name, and kept on disk. */
export type Guide = Part & {
  /** The guide as gzip; undefined while there is none. */
  open(): Promise<{ body: Readable; bytes: number } | undefined>;
  /** Whether any list names a guide. */
  readonly isNamed: boolean;
  state(): GuideState;
  /** Loads those whose time has come, and takes over other channels. Never rejects. */
  update(): Promise<void>;
  /** Loads all of them again. Never rejects. */
  refresh(): Promise<void>;
};

export type GuideDeps = {
  /** Where the guides are kept; made when missing. */
  folder: string;
  /** Addresses of guides, those of the first list first. */
  urls: () => readonly string[];
  /** Another number after every change of a channel. */
  revision: () => number;
  wants: () => Promise<GuideWants>;
  /** Loads a guide as it is sent, without its `Content-Encoding`. Rejects, or its stream fails, with a ProxyError. */
  load: (url: string, signal: AbortSignal) => Promise<Readable>;
  log: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
};

const LOOK_EVERY_MS = 60_000;
/** Soon enough to be there when the TVs are set up, late enough to keep out of the way of the start. */
const FIRST_LOOK_MS = 5_000;
const HOUR_MS = 3_600_000;
/** Providers write theirs once or twice a day. */
const REFRESH_HOURS = 12;
const RETRY_HOURS = 1;
/** A guide this long, unpacked, is none. */
const MAX_GUIDE_BYTES = 1024 * 1024 * 1024;
const GZIP_MAGIC = 0x1f8b;
const NOTHING: GuideCounts = { channels: 0, programmes: 0 };

/**
 * Each guide is kept as it came, so that a channel turned on is in the guide without asking the provider again; the outcome is one file,
 * which TVs get as it is. Both are replaced as a whole or not at all.
 */
export function createGuide({ folder, urls, revision, wants, load, log, now }: GuideDeps): Guide {
  const built = path.join(folder, 'guide.xml.gz');
  const stopping = new AbortController();
  const loadedAt = new Map<string, number>();
  const failures = new Map<string, number>();
  let counts = NOTHING;
  let builtAt: number | null = null;
  let builtFrom: { urls: string; revision: number; wanted: GuideWants } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const fileOf = (url: string): string =>
    path.join(folder, `${createHash('sha256').update(url).digest('hex').slice(0, 16)}.source`);

  function isDue(url: string): boolean {
    const hours = failures.has(url) ? RETRY_HOURS : REFRESH_HOURS;
    const ageMs = now() - Math.max(loadedAt.get(url) ?? 0, failures.get(url) ?? 0);
    // One from the future was loaded before the clock was set right.
    return ageMs < 0 || ageMs >= hours * HOUR_MS;
  }

  function exclusively(work: () => Promise<void>): Promise<void> {
    running = running.then(work).catch((error: unknown) => {
      if (!stopping.signal.aborted) log.warn({ err: error }, 'The programme guide could not be put together.');
    });
    return running;
  }

  async function bringUpToDate(isWanted: (url: string) => boolean): Promise<void> {
    const named = urls();
    if (named.length > 0) await mkdir(folder, { recursive: true, mode: 0o700 });
    let hasNews = false;
    for (const url of named) {
      if (!isWanted(url)) continue;
      hasNews = (await loadOne(url)) || hasNews;
    }
    const from = { urls: named.join(' '), revision: revision() };
    const isFromTheSame = !hasNews && from.urls === builtFrom?.urls;
    if (isFromTheSame && from.revision === builtFrom?.revision) return;
    const wanted = await wants();
    // Most changes of channels are none for their guide.
    if (!isFromTheSame || !wantTheSame(wanted, builtFrom?.wanted)) await build(named, wanted);
    builtFrom = { ...from, wanted };
    await forgetOthers(named);
  }

  async function loadOne(url: string): Promise<boolean> {
    const file = fileOf(url);
    const draft = `${file}.new`;
    try {
      await pipeline(await load(url, stopping.signal), createWriteStream(draft, { mode: 0o600 }), {
        signal: stopping.signal,
      });
      await rename(draft, file);
      loadedAt.set(url, now());
      failures.delete(url);
      return true;
    } catch (error) {
      await rm(draft, { force: true });
      stopping.signal.throwIfAborted();
      failures.set(url, now());
      const reason = error instanceof ProxyError ? error.message : 'it could not be written.';
      log.warn({ guide: maskUrl(url) }, `A programme guide was not loaded: ${reason}`);
      return false;
    }
  }

  async function build(named: readonly string[], wanted: GuideWants): Promise<void> {
    if (named.length === 0) {
      await rm(built, { force: true });
      counts = NOTHING;
      builtAt = null;
      return;
    }
    const taken = new Set<string>();
    const draft = `${built}.new`;
    const output = createGzip();
    const writing = pipeline(output, createWriteStream(draft, { mode: 0o600 }), { signal: stopping.signal });
    const write = (text: string): Promise<void> | void => writeTo(output, text);
    let sum = NOTHING;
    try {
      await write('<?xml version="1.0" encoding="UTF-8"?>\n<tv generator-info-name="Hearthcast">\n');
      for (const url of named) {
        const found = await readOne(url, { wants: wanted, taken, write });
        sum = { channels: sum.channels + found.channels, programmes: sum.programmes + found.programmes };
      }
      await write('</tv>\n');
      output.end();
      await writing;
      await rename(draft, built);
    } catch (error) {
      output.destroy();
      await writing.catch(() => undefined);
      await rm(draft, { force: true });
      throw error;
    }
    counts = sum;
    builtAt = now();
    log.info({ ...sum }, 'The programme guide was put together.');
  }

  /** One that is damaged gives what was read of it up to there. */
  async function readOne(url: string, into: Parameters<typeof filterGuide>[1]): Promise<GuideCounts> {
    const found = { ...NOTHING };
    try {
      Object.assign(found, await filterGuide(bounded(await openSource(fileOf(url))), into));
    } catch (error) {
      stopping.signal.throwIfAborted();
      failures.set(url, now());
      const reason = error instanceof Error ? error.message : String(error);
      if (loadedAt.has(url)) log.warn({ guide: maskUrl(url) }, `A programme guide could not be read: ${reason}.`);
    }
    return found;
  }

  async function forgetOthers(named: readonly string[]): Promise<void> {
    const keep = new Set([path.basename(built), ...named.map((url) => path.basename(fileOf(url)))]);
    const names = await readdir(folder).catch(() => []);
    await Promise.all(
      names.filter((name) => !keep.has(name)).map((name) => rm(path.join(folder, name), { force: true })),
    );
  }

  /** What an earlier run has loaded is not loaded again before its time. */
  async function recall(): Promise<void> {
    for (const url of urls()) {
      const known = await stat(fileOf(url)).catch(() => undefined);
      if (known !== undefined) loadedAt.set(url, known.mtimeMs);
    }
  }

  function lookAgain(delayMs: number): void {
    timer = setTimeout(() => {
      void exclusively(() => bringUpToDate(isDue)).then(() => {
        if (!stopping.signal.aborted) lookAgain(LOOK_EVERY_MS);
      });
    }, delayMs);
    timer.unref();
  }

  return {
    name: 'guide',
    start() {
      void exclusively(recall);
      lookAgain(FIRST_LOOK_MS);
    },
    async stop() {
      clearTimeout(timer);
      stopping.abort(new ProxyError('STOPPING', say('relay.stopping')));
      await running;
    },
    async open() {
      try {
        const handle = await open(built);
        const { size } = await handle.stat();
        return { body: handle.createReadStream(), bytes: size };
      } catch {
        return undefined;
      }
    },
    get isNamed() {
      return urls().length > 0;
    },
    state: () => ({ sources: urls().length, ...counts, builtAt, failed: failures.size }),
    update: () => exclusively(() => bringUpToDate(isDue)),
    refresh: () => exclusively(() => bringUpToDate(() => true)),
  };
}

function wantTheSame(one: GuideWants, other: GuideWants | undefined): boolean {
  if (other === undefined || one.ids.size !== other.ids.size || one.names.size !== other.names.size) return false;
  return (
    [...one.ids].every(([id, exact]) => other.ids.get(id) === exact) &&
    [...one.names].every((name) => other.names.has(name))
  );
}

async function writeTo(output: Writable, text: string): Promise<void> {
  if (output.write(text) || output.destroyed) return;
  await new Promise<void>((resolve, reject) => {
    output.once('drain', resolve).once('close', resolve).once('error', reject);
  });
}

/** A guide as it was sent: often a gzip file, whatever it is called. */
async function openSource(file: string): Promise<Readable> {
  const handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  await handle.close();
  const source = createReadStream(file);
  if (bytesRead < 2 || buffer.readUInt16BE(0) !== GZIP_MAGIC) return source;
  const unpacked = createGunzip();
  source.on('error', (error) => unpacked.destroy(error));
  unpacked.on('close', () => source.destroy());
  return source.pipe(unpacked);
}

async function* bounded(source: Readable): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_GUIDE_BYTES) throw new Error('it is larger than 1 GiB');
    yield chunk;
  }
}
