import { open } from 'node:fs/promises';
import type { CommandArguments, LogLine } from '../shared/contract.ts';
import { maskUrlsIn } from './mask-url.ts';

/** Which lines are asked for; newest first, `before`: only those with a smaller id. */
export type LogQuery = CommandArguments<'log.query'>;

/** The newest lines of the log, for the window. Nothing in them tells a credential. */
export type LogStore = {
  /** Where the logger writes its JSON lines to, besides its file. */
  write(line: string): void;
  query(query: LogQuery): Promise<LogLine[]>;
  /** The live tail. @returns what to call to hear no more */
  onLine(listener: (line: LogLine) => void): () => void;
};

export type LogStoreDeps = {
  /** The log's files, the oldest first: what is no longer in memory is read from there. */
  files: readonly string[];
  maxLines?: number;
};

const MAX_LINES = 5_000;
const MAX_TEXT_LENGTH = 2_000;
const MAX_DETAIL_LENGTH = 8_000;
/** Lines of the same millisecond are told apart by what is added to it. */
const IDS_PER_MILLISECOND = 1_000;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/** A line's id is its time and a number, so that it is the same in memory and in the file, before and after a restart. */
export function createLogStore({ files, maxLines = MAX_LINES }: LogStoreDeps): LogStore {
  const parse = createLineParser();
  const listeners = new Set<(line: LogLine) => void>();
  let lines: LogLine[] = [];

  async function olderThan(limit: number, query: LogQuery): Promise<LogLine[]> {
    const parseFile = createLineParser();
    let newest: LogLine[] = [];
    for (const file of files) {
      for await (const text of readLines(file)) {
        const line = parseFile(text);
        if (line === undefined || !matches(line, query)) continue;
        newest.push(line);
        if (newest.length >= 2 * limit) newest = newest.slice(-limit);
      }
    }
    return newest.slice(-limit).toReversed();
  }

  return {
    write(text) {
      const line = parse(text);
      if (line === undefined) return;
      lines.push(line);
      // A tenth at a time, because moving them all up costs.
      if (lines.length > maxLines * 1.1) lines = lines.slice(-maxLines);
      for (const listener of listeners) listener(line);
    },

    async query(query) {
      const found = lines.filter((line) => matches(line, query)).toReversed();
      if (found.length >= query.limit) return found.slice(0, query.limit);
      const before = Math.min(query.before ?? Infinity, lines[0]?.id ?? Infinity);
      const older = await olderThan(query.limit - found.length, { ...query, before });
      return [...found, ...older];
    },

    onLine(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Reads pino's lines in their order. */
function createLineParser(): (text: string) => LogLine | undefined {
  let lastId = 0;
  return (text) => {
    const record = toRecord(text);
    const at = new Date(String(record?.['time'])).getTime();
    if (record === undefined || Number.isNaN(at)) return undefined;
    lastId = Math.max(lastId + 1, at * IDS_PER_MILLISECOND);
    const { time: _time, level, msg, ...rest } = record;
    return {
      id: lastId,
      at,
      level: levelOf(level),
      text: maskUrlsIn(typeof msg === 'string' ? msg : '').slice(0, MAX_TEXT_LENGTH),
      detail: Object.keys(rest).length === 0 ? '' : maskUrlsIn(JSON.stringify(rest)).slice(0, MAX_DETAIL_LENGTH),
    };
  };
}

/** Pino's numbers: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal. */
function levelOf(level: unknown): LogLine['level'] {
  return LEVELS[Math.min(Math.max(Math.floor(Number(level) / 10) - 2, 0), LEVELS.length - 1)] ?? 'info';
}

function matches(line: LogLine, { level, text, from, to, before }: LogQuery): boolean {
  if (before !== null && line.id >= before) return false;
  if ((from !== null && line.at < from) || (to !== null && line.at > to)) return false;
  if (LEVELS.indexOf(line.level) < LEVELS.indexOf(level)) return false;
  const wanted = text.toLowerCase();
  return line.text.toLowerCase().includes(wanted) || line.detail.toLowerCase().includes(wanted);
}

/** A file that is not there, or cannot be read, has no lines. */
async function* readLines(file: string): AsyncGenerator<string> {
  try {
    await using handle = await open(file);
    yield* handle.readLines();
  } catch {
    // What is in memory has to do.
  }
}

function toRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
