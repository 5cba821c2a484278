import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Operation, type CommandArguments } from '../shared/contract.ts';
import { foreign, mapText, type Sentence } from '../shared/sentence.ts';
import { draftOf, replaceFile } from './durable-file.ts';
import { systemErrorCode } from './errors.ts';
import type { Part } from './lifecycle.ts';
import type { Logger } from './log.ts';
import { maskUrlsIn } from './mask-url.ts';

/** Who changed what and when. */
export type OperationsLog = Part & {
  /**
   * @param who `window`, `192.168.1.5`, `list refresh`, ...
   * @param what credentials in its addresses are masked
   */
  note(who: string, what: Sentence): void;
  /** Newest first. */
  query(page: CommandArguments<'operations.query'>): Operation[];
};

const MAX_OPERATIONS = 2_000;

/** Kept as JSON lines, which a person can read and a power cut cannot damage but for the last one. */
export function createOperationsLog({
  file,
  log,
  now,
}: {
  file: string;
  log: Logger;
  now: () => number;
}): OperationsLog {
  let operations: Operation[] = [];
  let lastWrite = Promise.resolve();
  let lacksLines = false;

  /** One after the other. What cannot be written is still in memory, for the next attempt. */
  function write(work: () => Promise<void>): void {
    lastWrite = lastWrite.then(work).catch((error: unknown) => {
      lacksLines = true;
      log.warn({ err: error }, 'The log of operations could not be written.');
    });
  }

  async function compact(): Promise<void> {
    await replaceFile(file, operations.map(toLine).join(''));
    lacksLines = false;
  }

  /** Not after a line that a full disk cut off: the new one would be lost with it. */
  async function append(operation: Operation): Promise<void> {
    if (lacksLines) return compact();
    await mkdir(path.dirname(file), { recursive: true });
    await appendFile(file, toLine(operation), { mode: 0o600 });
  }

  return {
    name: 'operations log',
    async start() {
      await rm(draftOf(file), { force: true }).catch(() => undefined);
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        if (systemErrorCode(error) !== 'ENOENT') log.warn({ err: error }, 'The log of operations could not be read.');
        return '';
      });
      const known = text.split('\n').flatMap(parseLine);
      operations = known.slice(-MAX_OPERATIONS);
      // Also when its last line was cut off, or the next one would be lost with it.
      if (known.length > operations.length || (text !== '' && !text.endsWith('\n'))) write(compact);
    },
    async stop() {
      await lastWrite;
      if (lacksLines) write(compact);
      await lastWrite;
    },

    note(who, what) {
      const operation = { id: (operations.at(-1)?.id ?? 0) + 1, at: now(), who, what: masked(what) };
      operations.push(operation);
      if (operations.length > MAX_OPERATIONS * 1.5) {
        operations = operations.slice(-MAX_OPERATIONS);
        write(compact);
        return;
      }
      write(() => append(operation));
    },

    query({ before, limit }) {
      const older = before === null ? operations : operations.filter(({ id }) => id < before);
      return older.slice(-limit).toReversed();
    },
  };
}

/** Older versions wrote what was done as plain text. */
function asSentence(key: string, value: unknown): unknown {
  return key === 'what' && typeof value === 'string' ? foreign(value) : value;
}

function masked(sentence: Sentence): Sentence {
  return mapText(sentence, maskUrlsIn);
}

function toLine(operation: Operation): string {
  return `${JSON.stringify(operation)}\n`;
}

/** A line that was cut off or edited into something else is left out. */
function parseLine(line: string): Operation[] {
  try {
    return [Operation.parse(JSON.parse(line, asSentence))];
  } catch {
    return [];
  }
}
