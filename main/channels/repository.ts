import { LRUCache } from 'lru-cache';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ChannelOptions, type Channel, type RankedSource, type Source } from '../../shared/channel.ts';
import { syncFile, syncFolder } from '../durable-file.ts';
import { ProxyError } from '../errors.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { SkippedLine } from './channel-list.ts';
import { createCopyOfTheDay } from './copy-of-the-day.ts';
import { openChannelDatabase, toProxyError } from './database.ts';
import { openJournal, type Journal } from './journal.ts';
import type { ListedChannel } from './list-export.ts';
import { importList, type ImportedList } from './list-import.ts';
import type { ImportCounts } from './list-writer.ts';
import { checkpoint } from './off-thread.ts';

const HOT_CHANNELS = 2_000;

/** What an import did, for the log and the window. */
export type ImportReport = ImportCounts & { skipped: SkippedLine[]; skippedCount: number; durationMs: number };

/** All channels the relay knows, kept in one SQLite file. */
export type ChannelRepository = Part & {
  /** A channel by its id, enabled or not; the same object until something is written. */
  get(id: string): Channel | undefined;
  /** How many channels are enabled. */
  count(): number;
  /** Another number after every write that changed a channel. */
  revision(): number;
  /** The enabled channels in their order, all as of one moment, `size` at a time. */
  pages(size: number): Generator<ListedChannel[], void>;
  /** The same with the source that is played first. */
  pagesWithSource(size: number): Generator<{ channel: ListedChannel; source: Source }[], void>;
  /**
   * Takes over a list: all of it or, whatever happens, nothing.
   * @throws ProxyError STOPPING, BAD_DATABASE or DATA_FOLDER; the channels are then as before.
   */
  importList(list: ImportedList): Promise<ImportReport>;

  /** For the parts of this folder: a connection that sees what is committed. */
  reader(): DatabaseSync;
  /** For the parts of this folder: a connection that goes on seeing this moment, to be closed by its user. */
  snapshot(): DatabaseSync;
  /**
   * For the parts of this folder: does the work in a transaction, when those before it are done. What is named has reached the disk
   * when this resolves: not even a power cut takes it back.
   * @throws what the work throws, as a ProxyError where people can understand it; nothing is changed then.
   */
  write<Result>(work: Write<Result>): Promise<Result>;
  /** Takes back the last write that was named. @returns its name; null when there is none */
  undo(): Promise<string | null>;
};

/** Something to be done in one transaction, in as many turns as it takes. */
export type Write<Result> = {
  run: (writer: DatabaseSync, signal: AbortSignal) => Result | Promise<Result>;
  /** What people would call it; named, it can be undone. */
  what?: (result: Result) => string;
  /** Stops the work, which then has changed nothing. */
  signal?: AbortSignal;
  /** Whether channels are different now; without it they are. */
  hasChanged?: (result: Result) => boolean;
};

type ChannelRepositoryDeps = {
  /** Path of the database file; its folder is made when missing. */
  file: string;
  log: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
};

type Open = ReturnType<typeof openBoth>;

/**
 * Reads come from one connection and see only what is committed; writes go through another, one after the other, each a single
 * transaction that spans as many turns of the event loop as it needs.
 */
export function createChannelRepository({ file, log, now }: ChannelRepositoryDeps): ChannelRepository {
  const hot = new LRUCache<string, Channel>({ max: HOT_CHANNELS });
  const stopping = new AbortController();
  let open: Open | undefined;
  let revision = 0;
  let enabledCount: number | undefined;
  let lastWrite: Promise<unknown> = Promise.resolve();
  let checkpoints: Promise<void> = Promise.resolve();
  const copyOfTheDay = createCopyOfTheDay({ file, isWorthIt: () => count() > 0, log, now });

  function opened(): Open {
    if (open === undefined) throw new Error('the channel repository is not open');
    return open;
  }

  function get(id: string): Channel | undefined {
    const known = hot.get(id);
    if (known !== undefined) return known;
    const { channel, sources } = opened();
    const row = channel.get(id) as unknown as [options: string, ...ChannelRow] | undefined;
    if (row === undefined) return undefined;
    const [options, ...columns] = row;
    const found = {
      ...toListed(columns),
      options: toOptions(options),
      sources: (sources.all(id) as RankedSourceRow[]).map(toRankedSource),
    };
    if (found.sources.length === 0) return undefined;
    hot.set(id, found);
    return found;
  }

  function count(): number {
    enabledCount ??= Number(opened().count.get()?.['count']);
    return enabledCount;
  }

  function snapshot(): DatabaseSync {
    const moment = new DatabaseSync(file, { readOnly: true });
    // The first statement fixes what all of them see.
    moment.exec('BEGIN; SELECT count(*) FROM lists');
    return moment;
  }

  function* pages(size: number): Generator<ListedChannel[], void> {
    using moment = snapshot();
    const rows = moment.prepare(`SELECT ${COLUMNS} FROM channels WHERE enabled = 1 ORDER BY position, key`);
    rows.setReturnArrays(true);
    yield* inPages(rows.iterate() as Iterable<unknown> as Iterable<ChannelRow>, toListed, size);
  }

  function* pagesWithSource(size: number): Generator<{ channel: ListedChannel; source: Source }[], void> {
    using moment = snapshot();
    const rows = moment.prepare(
      `SELECT coalesce(own_headers, headers), url, ${COLUMNS} FROM channels JOIN sources ON sources.key =
         (SELECT key FROM sources WHERE channel = channels.key AND is_hidden = 0 ORDER BY ${PREFERENCE} LIMIT 1)
       WHERE enabled = 1 ORDER BY channels.position, channels.key`,
    );
    rows.setReturnArrays(true);
    yield* inPages(
      rows.iterate() as Iterable<unknown> as Iterable<[headers: string, url: string, ...ChannelRow]>,
      ([headers, url, ...row]) => ({ channel: toListed(row), source: toSource({ url, headers }) }),
      size,
    );
  }

  async function takeOver(list: ImportedList): Promise<ImportReport> {
    const startedAt = performance.now();
    const { wrote: _wrote, ...counts } = await write({
      run: (writer, signal) => importList(writer, list, { nowMs: now(), signal }),
      hasChanged: ({ wrote }) => wrote,
    });
    const { skipped, skippedCount } = list;
    return { ...counts, skipped, skippedCount, durationMs: performance.now() - startedAt };
  }

  async function write<Result>({ run, what, signal, hasChanged = () => true }: Write<Result>): Promise<Result> {
    const written = await exclusively(async () => {
      const anySignal = signal === undefined ? stopping.signal : AbortSignal.any([stopping.signal, signal]);
      const result = await transaction(async (writer, journal) => {
        if (what !== undefined) journal.begin();
        const done = await run(writer, anySignal);
        if (what !== undefined) await journal.end(what(done), now());
        return done;
      });
      if (hasChanged(result)) published();
      return result;
    });
    if (what !== undefined) await reachDisk();
    return written;
  }

  /** Writes wait for each other: the transaction of one would take in the statements of the next. */
  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = lastWrite.then(work);
    lastWrite = result.catch(() => undefined);
    return result;
  }

  async function undo(): Promise<string | null> {
    const undone = await exclusively(async () => {
      const what = await transaction((_writer, journal) => journal.undo(stopping.signal));
      if (what !== null) published();
      return what;
    });
    await reachDisk();
    return undone;
  }

  /** What SQLite does with `synchronous = FULL`, but beside the main thread, where TVs do not wait for the disk. */
  async function reachDisk(): Promise<void> {
    try {
      await syncFile(`${file}-wal`);
    } catch (error) {
      log.warn({ err: error }, 'The disk did not confirm a change of the channels: a power cut might take it back.');
    }
  }

  async function transaction<Result>(
    work: (writer: DatabaseSync, journal: Journal) => Promise<Result>,
  ): Promise<Result> {
    stopping.signal.throwIfAborted();
    const { writer, journal } = opened();
    try {
      writer.exec('BEGIN IMMEDIATE');
      const result = await work(writer, journal);
      writer.exec('COMMIT');
      return result;
    } catch (error) {
      if (writer.isTransaction) writer.exec('ROLLBACK');
      throw toProxyError(error);
    }
  }

  function published(): void {
    revision += 1;
    enabledCount = undefined;
    hot.clear();
    checkpoints = checkpoints
      .then(() => checkpoint(file))
      .catch((error: unknown) =>
        log.warn({ err: error }, 'The channel database could not be tidied; this is done when it is closed.'),
      );
  }

  return {
    name: 'channels',
    start: async () => {
      open = openBoth(await openChannelDatabase({ file, log, now }), file);
      // The log was made just now, and what will be in it must be found after a power cut.
      await syncFolder(dirname(file));
      copyOfTheDay.start();
    },
    stop: async () => {
      stopping.abort(new ProxyError('STOPPING', 'The relay is stopping.'));
      await Promise.all([lastWrite, checkpoints, copyOfTheDay.stop()]);
      open?.reader.close();
      open?.writer.close();
      open = undefined;
    },
    get,
    count,
    revision: () => revision,
    pages,
    pagesWithSource,
    importList: takeOver,
    reader: () => opened().reader,
    snapshot,
    write,
    undo,
  };
}

/** Which source of a channel comes first. */
const PREFERENCE = 'priority, sources.list, sources.position';

const COLUMNS = 'channels.id, name, number, group_title, logo, tvg_id, enabled, attributes';

function openBoth(writer: DatabaseSync, file: string) {
  const reader = new DatabaseSync(file, { readOnly: true });
  const channel = reader.prepare(`SELECT options, ${COLUMNS} FROM channels WHERE id = ?`);
  channel.setReturnArrays(true);
  return {
    writer,
    journal: openJournal(writer),
    reader,
    channel,
    sources: reader.prepare(
      `SELECT url, coalesce(own_headers, headers) AS headers, priority FROM sources
       WHERE channel = (SELECT key FROM channels WHERE id = ?) AND is_hidden = 0 ORDER BY ${PREFERENCE}`,
    ),
    count: reader.prepare(
      'SELECT (SELECT count(*) FROM channels) - (SELECT count(*) FROM channels WHERE enabled = 0) AS count',
    ),
  };
}

/** As an array: for 50,000 rows that is a third faster than objects. */
type ChannelRow = [
  id: string,
  name: string,
  number: number | null,
  group: string,
  logo: string,
  tvgId: string,
  enabled: number,
  attributes: string,
];

type SourceRow = { url: string; headers: string };

type RankedSourceRow = SourceRow & { priority: number };

function* inPages<Row, Item>(rows: Iterable<Row>, toItem: (row: Row) => Item, size: number): Generator<Item[], void> {
  let page: Item[] = [];
  for (const row of rows) {
    page.push(toItem(row));
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function toListed([id, name, number, group, logo, tvgId, enabled, attributes]: ChannelRow): ListedChannel {
  return { id, name, number, group, logo, tvgId, enabled: enabled === 1, attributes: toRecord(attributes) };
}

/** Most channels have none of their own. */
const DEFAULT_OPTIONS = ChannelOptions.parse({});

/** Those of a channel, as the database keeps them. */
export function toOptions(json: string): ChannelOptions {
  return json === '{}' ? DEFAULT_OPTIONS : ChannelOptions.parse(JSON.parse(json));
}

/** Those that nobody has put in order are equal. */
function toRankedSource({ priority, ...row }: RankedSourceRow): RankedSource {
  return priority === 0 ? toSource(row) : { ...toSource(row), priority };
}

function toSource({ url, headers }: SourceRow): Source {
  return { url, headers: toRecord(headers) };
}

/** Written by this app from a checked record, so not checked again. */
function toRecord(json: string): Record<string, string> {
  return json === '{}' ? {} : (JSON.parse(json) as Record<string, string>);
}
