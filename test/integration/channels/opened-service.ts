import { createChannelService, type ChannelService } from '../../../main/channels/channel-service.ts';
import type { FetchList } from '../../../main/channels/list-origin.ts';
import type { ChannelRepository } from '../../../main/channels/repository.ts';
import {
  ChannelQuery,
  type ChannelRow,
  type ChannelSelection,
  type ImportReport,
  type ListOrigin,
} from '../../../shared/contract.ts';
import { openRepository, recordingLog, temporaryFolder } from './channel-database.ts';

/** Long work that nobody looks at or cancels. */
export const work = { signal: new AbortController().signal, onProgress: () => undefined };

/** These channels, for a command on many. */
export function these(...ids: string[]): ChannelSelection {
  return { kind: 'ids', ids };
}

/** A service on a database of its own, with a clock that stands still unless told otherwise. */
export type OpenedService = AsyncDisposable & {
  service: ChannelService;
  channels: ChannelRepository;
  messages: string[];
  path: (name: string) => string;
  advanceClock: (ms: number) => void;
  /** The rows of a query of which only some fields matter. */
  rows: (query?: Partial<ChannelQuery>) => Promise<ChannelRow[]>;
  names: (query?: Partial<ChannelQuery>) => Promise<string[]>;
  /** Plans and applies a list given as text. */
  takeOver: (text: string, options?: { name?: string; groups?: string[] }) => Promise<ImportReport>;
};

export async function openService({
  fetchList = () => Promise.reject(new Error('nothing is loaded from the web in this test')),
  file,
}: { fetchList?: FetchList; file?: string } = {}): Promise<OpenedService> {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await temporaryFolder());
  const { log, messages } = recordingLog();
  const { channels } = cleanup.use(await openRepository(file ?? folder.file, { log, messages }));
  let nowMs = Date.UTC(2026, 10, 22);
  const service = createChannelService({
    channels,
    fetchList,
    playlistPath: (id) => `/proxy/${id}/stream.m3u8`,
    guidePath: () => undefined,
    relayUrl: () => 'http://192.168.1.20:8787',
    successRate: () => undefined,
    log,
    now: () => nowMs,
  });
  cleanup.defer(async () => service.stop?.());
  const rows = async (query: Partial<ChannelQuery> = {}) => service.query(ChannelQuery.parse(query)).rows;
  const owned = cleanup.move();
  return {
    service,
    channels,
    messages,
    path: folder.path,
    advanceClock: (ms) => void (nowMs += ms),
    rows,
    names: async (query) => (await rows(query)).map(({ name }) => name),
    takeOver: async (text, { name = 'Home', groups } = {}) => {
      const origin: ListOrigin = { kind: 'text', name, text };
      const { planId } = await service.plan(origin, work);
      return service.apply(planId, groups ?? null, 24, work);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
