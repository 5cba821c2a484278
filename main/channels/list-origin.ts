import { basename } from 'node:path';
import type { ListOrigin } from '../../shared/contract.ts';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { ProxyError, systemErrorCode } from '../errors.ts';
import { maskUrl } from '../mask-url.ts';
import { parseChannelList, type ChannelList } from './channel-list.ts';
import { readListFile } from './list-file.ts';
import type { LongWork } from './long-work.ts';
import { unpackList } from './unpack.ts';
import { loadXtream } from './xtream.ts';

/** What an origin said of the version of a list that it sent; empty what it did not say. */
export type ListVersion = { etag: string; lastModified: string };

/** A list as it came from the web. */
export type FetchedList = { bytes: Buffer<ArrayBuffer> } & ListVersion;

/** Loads something from the web; undefined when it has not changed since the version `known`. */
export type FetchList = (url: string, known: ListVersion) => Promise<FetchedList | undefined>;

/** A list, loaded and read. */
export type LoadedList = { list: ChannelList } & ListVersion;

/** What `maskUrl` writes. */
export const MASK = '***';

const NO_VERSION: ListVersion = { etag: '', lastModified: '' };

/**
 * Loads a list from wherever it is; undefined when it has not changed since the version `known`.
 * @throws ProxyError in words without credentials; what else may go wrong is explained by `reasonOf`
 */
async function loadList(
  origin: ListOrigin,
  { fetchList, known = NO_VERSION, signal }: { fetchList: FetchList; known?: ListVersion; signal: AbortSignal },
): Promise<LoadedList | undefined> {
  const parse = async (bytes: Buffer): Promise<ChannelList> => parseChannelList(await unpackList(bytes), signal);
  switch (origin.kind) {
    case 'url': {
      const fetched = await unlessAborted(fetchList(origin.url, known), signal);
      if (fetched === undefined) return undefined;
      const { bytes, etag, lastModified } = fetched;
      return { list: await parse(bytes), etag, lastModified };
    }
    case 'file':
      return { list: await parse(await readListFile(origin.path)), ...NO_VERSION };
    case 'text':
      return { list: await parse(Buffer.from(origin.text)), ...NO_VERSION };
    case 'xtream': {
      const load = async (url: string): Promise<Buffer> =>
        unpackList((await unlessAborted(fetchList(url, NO_VERSION), signal))?.bytes ?? Buffer.alloc(0));
      return { list: await loadXtream(origin, load, signal), ...NO_VERSION };
    }
  }
}

/** The same for somebody who waits: says that it is under way, and what fails for anything but a bug is a ProxyError. */
export async function loadForPeople(
  origin: ListOrigin,
  { fetchList, known, work }: { fetchList: FetchList; known?: ListVersion; work: LongWork },
): Promise<LoadedList | undefined> {
  work.onProgress(0, null, say('task.loading'));
  try {
    return await loadList(origin, { fetchList, signal: work.signal, ...(known && { known }) });
  } catch (error) {
    const reason = error instanceof ProxyError || work.signal.aborted ? undefined : reasonOf(error);
    if (reason === undefined) throw error;
    // Without its cause: that may hold the address and with it the credentials.
    throw new ProxyError('BAD_LIST', reason);
  }
}

/** What tells the lists of one origin from all others; the same account with another password is the same list. */
export function originKey(origin: ListOrigin): string {
  switch (origin.kind) {
    case 'url':
      return origin.url;
    case 'file':
      return origin.path;
    case 'text':
      return `text:${origin.name}`;
    case 'xtream':
      return `xtream:${encodeURIComponent(origin.username)}@${origin.server}`;
  }
}

/** The address as it is when nothing in it is secret, else with the secrets masked. */
export function publicUrl(url: string): string {
  const masked = maskUrl(url);
  return masked.includes(MASK) ? masked : url;
}

/** The key of an origin without its secrets, as a backup without a passphrase has it. */
export function maskedKey(kind: ListOrigin['kind'] | 'manual', key: string): string {
  return kind === 'xtream' ? `xtream:${MASK}@${publicUrl(key.slice(key.indexOf('@') + 1))}` : publicUrl(key);
}

/** What people call a list until they say otherwise. */
export function originName(origin: ListOrigin): string {
  switch (origin.kind) {
    case 'url': {
      const { host, pathname } = new URL(origin.url);
      const file = basename(pathname);
      return /\.(?:m3u8?|txt)$/i.test(file) ? `${host} ${file}` : host;
    }
    case 'file':
      return basename(origin.path);
    case 'text':
      return origin.name;
    case 'xtream':
      return new URL(origin.server).host;
  }
}

/** The origin of a stored list, without anything that is nobody's business. */
export function shownOrigin(kind: ListOrigin['kind'] | 'manual', key: string): string {
  switch (kind) {
    case 'url':
      return maskUrl(key);
    case 'file':
      return key;
    case 'xtream':
      return maskUrl(key.slice(key.indexOf('@') + 1));
    case 'text':
    case 'manual':
      return '';
  }
}

/** Why a list could not be loaded, in a sentence without credentials; undefined when that is a bug. */
export function reasonOf(error: unknown): Sentence | undefined {
  if (error instanceof ProxyError) return error.sentence;
  const code = systemErrorCode(error);
  if (code === 'ENOENT') return say('list.missing');
  if (code === 'EACCES' || code === 'EPERM') return say('list.forbidden');
  return code === undefined ? undefined : say('list.unreadable', { code });
}

/** Whoever gives up does not wait for a slow provider. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.throwIfAborted();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
