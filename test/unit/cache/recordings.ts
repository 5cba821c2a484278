import type { Entry, EntryHead } from '../../../main/cache/entry.ts';
import type { Reader, Valve } from '../../../main/cache/passage.ts';

/** A head that says nothing but what is given. */
export function headOf(overrides: Partial<EntryHead> = {}): EntryHead {
  return {
    contentType: 'video/mp2t',
    contentEncoding: undefined,
    etag: undefined,
    contentLength: undefined,
    range: undefined,
    ...overrides,
  };
}

/** Bytes that tell their own position, so that a lost, doubled or swapped piece shows. Another version differs everywhere. */
export function patternedBytes(length: number, version = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => index * 31 + (index >> 8) * 7 + version * 101));
}

/** A valve that does nothing. */
export const OPEN_VALVE: Valve = { pause() {}, resume() {} };

/** Reads an entry as the answer to a TV does: what is there, then what comes. */
export type EntryReader = {
  readonly bytes: Buffer;
  readonly state: 'reading' | 'complete' | 'failed' | 'let go';
  /** Takes nothing more until told to go on. */
  stop(): void;
  goOn(): void;
  leave(): void;
};

export function readEntry(entry: Entry): EntryReader {
  const chunks: Buffer[] = [];
  let state: EntryReader['state'] = 'reading';
  let isStopped = false;
  const pump = (): void => {
    while (!isStopped && reader.position < entry.length) {
      const chunk = entry.read(reader.position, Infinity);
      if (chunk === undefined) {
        state = 'let go';
        entry.unfollow(reader);
        return;
      }
      chunks.push(chunk);
      reader.position += chunk.length;
    }
    if (reader.position < entry.length) return;
    if (entry.isComplete) state = 'complete';
    else if (entry.hasFailed) state = 'failed';
  };
  const reader: Reader = { position: 0, wake: pump };
  entry.follow(reader);
  pump();
  return {
    get bytes() {
      return Buffer.concat(chunks);
    },
    get state() {
      return state;
    },
    stop: () => void (isStopped = true),
    goOn() {
      isStopped = false;
      pump();
    },
    leave: () => entry.unfollow(reader),
  };
}
