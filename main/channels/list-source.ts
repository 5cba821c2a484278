import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { maskUrl } from '../mask-url.ts';
import { parseChannelList } from './channel-list.ts';
import { readListFile, watchListFile } from './list-file.ts';
import type { ImportedList } from './list-import.ts';
import { reasonOf } from './list-origin.ts';
import type { ChannelRepository } from './repository.ts';
import { unpackList } from './unpack.ts';

/** The relay serves already while its lists are taken over; only saying so waits for them, and not for ever. */
const START_WAIT_MS = 5_000;

const SKIPPED_LOGGED = 5;

type ListSourceDeps = {
  /** Absolute path of a list, or its http(s) URL. */
  origin: string;
  channels: Pick<ChannelRepository, 'importList'>;
  /** Loads a list from the web: decoded, bounded, or rejected with a ProxyError. */
  fetchList: (url: string, signal: AbortSignal) => Promise<Buffer<ArrayBuffer>>;
  log: Logger;
};

/**
 * Takes a list over when the app starts and, when it is a local file, within a second of every change. A list that cannot be loaded
 * or read changes nothing: the channels stay as they were, and the log says why in one sentence.
 */
export function createListSource({ origin, channels, fetchList, log }: ListSourceDeps): Part {
  const isUrl = /^https?:\/\//i.test(origin);
  const label = isUrl ? maskUrl(origin) : basename(origin);
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => undefined);
  let running: Promise<void> = Promise.resolve();
  let takenDigest = '';

  async function load(read: () => Promise<Buffer<ArrayBuffer>>): Promise<void> {
    try {
      // The app's stop does not wait for whatever a slow provider does.
      const bytes = await Promise.race([read(), stopped.promise]);
      const digest = Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
      if (digest === takenDigest) return;
      const list = { ...(await parseChannelList(await unpackList(bytes), signal)), origin };
      report(list, await channels.importList(list));
      takenDigest = digest;
    } catch (error) {
      if (signal.aborted) return;
      logFailure(error);
    }
  }

  /** Only a bug is logged whole: the errors of a failed load may hold the address and with it the credentials. */
  function logFailure(error: unknown): void {
    const reason = reasonOf(error);
    if (reason === undefined) log.error({ err: error }, `The list ${label} was not taken over: this is a bug.`);
    else log.warn(`The list ${label} was not taken over: ${reason.text}`);
  }

  function report(
    { skipped, skippedCount }: ImportedList,
    counts: Awaited<ReturnType<ChannelRepository['importList']>>,
  ): void {
    const { added, changed, removed, unchanged, durationMs } = counts;
    log.info(
      { added, changed, removed, unchanged, durationMs: Math.round(durationMs) },
      `The list ${label} was taken over: ${added + changed + unchanged} channels.`,
    );
    if (skippedCount === 0) return;
    const first = skipped.slice(0, SKIPPED_LOGGED).map(({ line, reason }) => `line ${line}: ${reason.text}`);
    log.warn({ skippedCount }, `The list ${label} has ${skippedCount} lines that were skipped; ${first.join('; ')}`);
  }

  function watchFile(firstLoadDone: () => void): Promise<void> {
    return watchListFile(origin, {
      onChange: () => load(() => readListFile(origin)).finally(firstLoadDone),
      onMissing: () => log.warn(`The list ${label} has disappeared; its channels stay until it is back.`),
      signal,
    });
  }

  return {
    name: `list ${label}`,
    start: async () => {
      const { promise: firstLoad, resolve: firstLoadDone } = Promise.withResolvers<void>();
      const work = isUrl ? load(() => fetchList(origin, signal)) : watchFile(firstLoadDone);
      running = work.catch((error: unknown) => {
        if (!signal.aborted) log.error({ err: error }, `The list ${label} is no longer watched.`);
      });
      await Promise.race([firstLoad, running, sleep(START_WAIT_MS, undefined, { ref: false })]);
    },
    stop: async () => {
      const reason = new ProxyError('STOPPING', say('relay.stopping'));
      stopping.abort(reason);
      stopped.reject(reason);
      await running;
    },
  };
}
