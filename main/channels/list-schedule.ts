import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { LongWork } from './long-work.ts';
import { watchListFile } from './list-file.ts';
import type { ListLibrary } from './list-library.ts';
import type { ChannelRepository } from './repository.ts';

const LOOK_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;

/** After a failure a list is not left alone for longer than this, and not asked for more often. */
const RETRY_HOURS = 1;

/** Keeps up with the lists: those from the web every so many hours, local files when they change. */
export type ListSchedule = Part & {
  /** Refreshes what is due, one list after the other; never rejects. */
  refreshDue(): Promise<void>;
  /** To be called when there are other lists than before. */
  listsChanged(): void;
};

export function createListSchedule({
  lists,
  channels,
  log,
  now,
}: {
  lists: Pick<ListLibrary, 'refresh'>;
  channels: Pick<ChannelRepository, 'reader'>;
  log: Logger;
  now: () => number;
}): ListSchedule {
  const stopping = new AbortController();
  const watched = new Map<number, AbortController>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  function refreshDue(): Promise<void> {
    running = running.then(async () => {
      for (const listId of dueLists()) await refresh(listId);
    });
    return running;
  }

  function dueLists(): number[] {
    if (stopping.signal.aborted) return [];
    // What was refreshed in the future, by a clock that was wrong then, is due as well.
    const rows = channels
      .reader()
      .database.prepare(
        `SELECT key FROM lists WHERE refresh_hours > 0 AND kind IN ('url', 'xtream')
         AND (max(coalesce(refreshed_at, 0), coalesce(tried_at, 0)) > ?1
           OR max(coalesce(refreshed_at, 0), coalesce(tried_at, 0)) + ?2 *
             iif(failure = '', refresh_hours, min(refresh_hours, ?3)) <= ?1)`,
      )
      .all(now(), HOUR_MS, RETRY_HOURS);
    return rows.map((row) => Number(row['key']));
  }

  async function refresh(listId: number): Promise<void> {
    const work: LongWork = { signal: stopping.signal, onProgress: () => undefined };
    try {
      const { added, changed, removed } = await lists.refresh(listId, work, false);
      log.info({ list: listId, added, changed, removed }, 'A list was refreshed.');
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (error instanceof ProxyError) log.warn({ list: listId }, `A list was not refreshed: ${error.message}`);
      else log.error({ err: error, list: listId }, 'A list was not refreshed: this is a bug.');
    }
  }

  /** Only files that somebody has taken over through a plan; others are the business of who imports them. */
  function listsChanged(): void {
    const rows = channels
      .reader()
      .database.prepare(`SELECT key, origin FROM lists WHERE kind = 'file' AND merges = 1`)
      .all();
    const files = new Map(rows.map((row) => [Number(row['key']), String(row['origin'])]));
    for (const [listId, watching] of watched) {
      if (files.has(listId)) continue;
      watching.abort();
      watched.delete(listId);
    }
    for (const [listId, path] of files) {
      if (!watched.has(listId)) watched.set(listId, watch(listId, path));
    }
  }

  function watch(listId: number, path: string): AbortController {
    const leaving = new AbortController();
    const watching = watchListFile(path, {
      onChange: () => refresh(listId),
      onMissing: () => log.warn({ list: listId }, 'The file of a list has disappeared; its channels stay.'),
      signal: AbortSignal.any([leaving.signal, stopping.signal]),
    });
    watching.catch((error: unknown) => {
      if (!leaving.signal.aborted && !stopping.signal.aborted) {
        log.error({ err: error, list: listId }, 'The file of a list is no longer watched.');
      }
    });
    return leaving;
  }

  return {
    name: 'list schedule',
    start: () => {
      listsChanged();
      timer = setInterval(() => void refreshDue(), LOOK_EVERY_MS).unref();
    },
    stop: async () => {
      clearInterval(timer);
      stopping.abort(new ProxyError('STOPPING', say('relay.stopping')));
      await running;
    },
    refreshDue,
    listsChanged,
  };
}
