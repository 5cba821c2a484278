import { vi } from 'vitest';
import { Entry } from '../../../main/cache/entry.ts';
import type { ProxyError } from '../../../main/errors.ts';
import { startDownload, type DownloadRequest } from '../../../main/origin/download.ts';
import type { Fetch, OriginClient } from '../../../main/origin/origin-client.ts';
import { readEntry, type EntryReader } from '../cache/recordings.ts';
import { ANONYMOUS } from './scripted-origin.ts';

export const SEGMENT_URL = 'http://provider.example/seg-1042.ts?token=old';

/** A download into an entry. */
export type RecordedDownload = {
  entry: Entry;
  fetch: Fetch;
  hidden: readonly ProxyError[];
};

/** The same, with a reader that was there from the start and takes everything at once. */
export type ReadDownload = RecordedDownload & { reader: EntryReader };

export type RecordedDownloadOptions = Partial<DownloadRequest> & { origin: OriginClient; maxBytes?: number };

/** Starts a download as the relay does. Its randomness is always one half. Nobody reads it yet. */
export function startRecordedDownload(options: RecordedDownloadOptions): RecordedDownload {
  const { origin, maxBytes = 1_000_000, ...request } = options;
  const hidden: ProxyError[] = [];
  const entry = new Entry({ maxBytes, onSettled() {}, onAbandoned() {} });
  const fetch = startDownload(
    { origin, now: Date.now, random: () => 0.5, onHidden: (error) => void hidden.push(error) },
    { url: SEGMENT_URL, identity: ANONYMOUS, range: undefined, durationSeconds: 2, renewUrl: undefined, ...request },
    entry,
  );
  return { entry, fetch, hidden };
}

/** Starts a download with a reader. */
export function startReadDownload(options: RecordedDownloadOptions): ReadDownload {
  const download = startRecordedDownload(options);
  return { ...download, reader: readEntry(download.entry) };
}

/** Runs a download with a reader to its end, by a clock that the test has faked. */
export async function runDownload(options: RecordedDownloadOptions): Promise<ReadDownload & { tookMs: number }> {
  const startedAt = Date.now();
  const download = startReadDownload(options);
  await vi.runAllTimersAsync();
  return { ...download, tookMs: Date.now() - startedAt };
}

/** Why an entry failed before its head. */
export function failureOf(entry: Entry): Promise<unknown> {
  return entry.ready.then(
    () => undefined,
    (error: unknown) => error,
  );
}
