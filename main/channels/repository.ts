import { LRUCache } from 'lru-cache';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ChannelOptions, type Channel, type RankedSource, type Source } from '../../shared/channel.ts';
import type { Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import { syncFile, syncFolder } from '../durable-file.ts';
import { ProxyError } from '../errors.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { Arrangement } from './arrangement.ts';
import { readArrangement, saveArrangement, type Moment } from './arrangement-store.ts';
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

  /** Another number after every write that changed a channel in more than its arrangement. */
  rowRevision(): number;
  /** For the parts of this folder: what is committed. */
  reader(): Moment;
  /** For the parts of this folder: what is committed now, through a connection of its own that is closed by its user. */
  snapshot(): Moment & Disposable;
  /**
   * For the parts of this folder: does the work in a transaction, when those before it are done. What is named has reached the disk
   * when this resolves: not even a power cut takes it back.
   * @throws what the work throws, as a ProxyError where people can understand it; nothing is changed then.
   */
  write<Result>(work: Write<Result>): Promise<Result>;
  /** Takes back the last write that was named. @returns its name; null when there is none */
  undo(): Promise<Sentence | null>;
};

/** Something to be done in one transaction, in as many turns as it takes. */
export type Write<Result> = {
  run: (moment: Moment, signal: AbortSignal) => Result | Promise<Result>;
  /** What people would call it; named, it can be undone. */
  what?: (result: Result) => Sentence;
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
  let rowRevision = 0;
  let arrangement = Arrangement.empty();
  let lastWrite: Promise<unknown> = Promise.resolve();
  let tidying: Promise<void> = Promise.resolve();
  let isTidyingDue = false;
  const copyOfTheDay = createCopyOfTheDay({ file, isWorthIt: () => arrangement.order.length > 0, log, now });

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
    const [key] = columns;
    if (!arrangement.has(key)) return undefined;
    const found = {
      ...toListed(columns, arrangement),
      options: toOptions(options),
      sources: (sources.all(key) as RankedSourceRow[]).map(toRankedSource),
    };
    if (found.sources.length === 0) return undefined;
    hot.set(id, found);
    return found;
  }

  function snapshot(): Moment & Disposable {
    const database = new DatabaseSync(file, { readOnly: true });
    // The first statement fixes what all of them see.
    database.exec('BEGIN; SELECT count(*) FROM lists');
    return { database, arrangement, [Symbol.dispose]: () => database.close() };
  }

  function* pages(size: number): Generator<ListedChannel[], void> {
    using moment = snapshot();
    const rows = moment.database.prepare(`SELECT ${COLUMNS} FROM channels WHERE key IN ${GIVEN}`);
    rows.setReturnArrays(true);
    for (const keys of enabledKeys(moment.arrangement, size)) {
      const page = rows.all(JSON.stringify(keys)) as unknown as ChannelRow[];
      yield inOrderOf(keys, page, ([key]) => key).map((row) => toListed(row, moment.arrangement));
    }
  }

  function* pagesWithSource(size: number): Generator<{ channel: ListedChannel; source: Source }[], void> {
    using moment = snapshot();
    const rows = moment.database.prepare(
      `SELECT coalesce(own_headers, headers), url, ${COLUMNS} FROM channels JOIN sources ON sources.key =
         (SELECT key FROM sources WHERE channel = channels.key AND is_hidden = 0 ORDER BY ${PREFERENCE} LIMIT 1)
       WHERE channels.key IN ${GIVEN}`,
    );
    rows.setReturnArrays(true);
    for (const keys of enabledKeys(moment.arrangement, size)) {
      const page = rows.all(JSON.stringify(keys)) as unknown as [headers: string, url: string, ...ChannelRow][];
      yield inOrderOf(keys, page, ([, , key]) => key).map(([headers, url, ...row]) => ({
        channel: toListed(row, moment.arrangement),
        source: toSource({ url, headers }),
      }));
    }
  }

  async function takeOver(list: ImportedList): Promise<ImportReport> {
    const startedAt = performance.now();
    const { wrote: _wrote, ...counts } = await write({
      run: (moment, signal) => importList(moment, list, { nowMs: now(), signal }),
      hasChanged: ({ wrote }) => wrote,
    });
    const { skipped, skippedCount } = list;
    return { ...counts, skipped, skippedCount, durationMs: performance.now() - startedAt };
  }

  async function write<Result>({ run, what, signal, hasChanged = () => true }: Write<Result>): Promise<Result> {
    const written = await exclusively(async () => {
      const anySignal = signal === undefined ? stopping.signal : AbortSignal.any([stopping.signal, signal]);
      const { result, isInRows } = await transaction(async (moment, journal) => {
        if (what !== undefined) journal.begin();
        const changesBefore = changeCount();
        const done = await run(moment, anySignal);
        const changedRows = changeCount() !== changesBefore;
        if (what !== undefined) journal.end(what(done), now(), { before: arrangement, after: moment.arrangement });
        return { result: done, isInRows: changedRows };
      });
      if (hasChanged(result)) published(isInRows);
      return result;
    });
    if (what !== undefined) await reachDisk();
    return written;
  }

  /** How many rows the writer has ever changed. */
  function changeCount(): unknown {
    return opened().changeCount.get()?.['count'];
  }

  /** Writes wait for each other: the transaction of one would take in the statements of the next. */
  function exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = lastWrite.then(work);
    lastWrite = result.catch(() => undefined);
    return result;
  }

  async function undo(): Promise<Sentence | null> {
    const undone = await exclusively(async () => {
      const taken = await transaction((moment, journal) => journal.undo(moment, stopping.signal));
      if (taken !== null) published(taken.isInRows);
      return taken?.what ?? null;
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
    work: (moment: Moment, journal: Journal) => Result | Promise<Result>,
  ): Promise<Result> {
    stopping.signal.throwIfAborted();
    const { writer, journal } = opened();
    try {
      writer.exec('BEGIN IMMEDIATE');
      const moment = { database: writer, arrangement: arrangement.draft() };
      const result = await work(moment, journal);
      saveArrangement(writer, moment.arrangement, arrangement);
      writer.exec('COMMIT');
      ({ arrangement } = moment);
      return result;
    } catch (error) {
      if (writer.isTransaction) writer.exec('ROLLBACK');
      throw toProxyError(error);
    }
  }

  function published(isInRows: boolean): void {
    revision += 1;
    if (isInRows) rowRevision += 1;
    hot.clear();
    tidySoon();
  }

  /** After the one that is under way, and once for all writes until then. */
  function tidySoon(): void {
    if (isTidyingDue) return;
    isTidyingDue = true;
    tidying = tidying.then(tidy).catch((error: unknown) => {
      if (stopping.signal.aborted) return;
      log.warn({ err: error }, 'The channel database could not be tidied; this is done when it is closed.');
    });
  }

  async function tidy(): Promise<void> {
    isTidyingDue = false;
    await checkpoint(file);
    await sweep();
  }

  /** Clears away what nobody can undo any more, a little at a time: what people do comes between. */
  async function sweep(): Promise<void> {
    while (!stopping.signal.aborted && opened().journal.hasExpired()) {
      await exclusively(() => transaction((moment, journal) => journal.sweep(moment)));
    }
  }

  return {
    name: 'channels',
    start: async () => {
      open = openBoth(await openChannelDatabase({ file, log, now }), file);
      arrangement = readArrangement(open.writer);
      if (open.journal.hasExpired()) tidySoon();
      // The log was made just now, and what will be in it must be found after a power cut.
      await syncFolder(dirname(file));
      copyOfTheDay.start();
    },
    stop: async () => {
      stopping.abort(new ProxyError('STOPPING', say('relay.stopping')));
      await Promise.all([lastWrite, copyOfTheDay.stop()]);
      // Which the last write may have begun.
      await tidying;
      open?.reader.close();
      open?.writer.close();
      open = undefined;
    },
    get,
    count: () => arrangement.enabledCount,
    revision: () => revision,
    rowRevision: () => rowRevision,
    pages,
    pagesWithSource,
    importList: takeOver,
    reader: () => ({ database: opened().reader, arrangement }),
    snapshot,
    write,
    undo,
  };
}

/** Which source of a channel comes first. */
const PREFERENCE = 'priority, sources.list, sources.position';

const COLUMNS = 'channels.key, channels.id, name, number, logo, tvg_id, attributes';

const GIVEN = '(SELECT value FROM json_each(?))';

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
       WHERE channel = ? AND is_hidden = 0 ORDER BY ${PREFERENCE}`,
    ),
    changeCount: writer.prepare('SELECT total_changes() AS count'),
  };
}

/** As an array: for 50,000 rows that is a third faster than objects. */
type ChannelRow = [
  key: number,
  id: string,
  name: string,
  number: number | null,
  logo: string,
  tvgId: string,
  attributes: string,
];

type SourceRow = { url: string; headers: string };

type RankedSourceRow = SourceRow & { priority: number };

/** The keys of the enabled channels in their order, `size` at a time. */
function* enabledKeys(arrangement: Arrangement, size: number): Generator<number[], void> {
  const enabled = arrangement.order.filter((key) => arrangement.is('enabled', key));
  for (let at = 0; at < enabled.length; at += size) yield [...enabled.subarray(at, at + size)];
}

/** The rows in the order of their keys. */
function inOrderOf<Row>(keys: readonly number[], rows: readonly Row[], keyOf: (row: Row) => number): Row[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return keys.flatMap((key) => {
    const row = byKey.get(key);
    return row === undefined ? [] : [row];
  });
}

function toListed(
  [key, id, name, number, logo, tvgId, attributes]: ChannelRow,
  arrangement: Arrangement,
): ListedChannel {
  const [group, enabled] = [arrangement.groupOf(key), arrangement.is('enabled', key)];
  return { id, name, number, group, logo, tvgId, enabled, attributes: toRecord(attributes) };
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
