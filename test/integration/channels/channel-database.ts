import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { parseChannelList } from '../../../main/channels/channel-list.ts';
import { createChannelRepository, type ChannelRepository } from '../../../main/channels/repository.ts';
import type { Logger } from '../../../main/log.ts';

/** A log that remembers its messages of level info and above. */
export function recordingLog(): { log: Logger; messages: string[] } {
  const messages: string[] = [];
  const write = (line: string) => void messages.push(String((JSON.parse(line) as { msg?: unknown }).msg));
  return { log: pino({ level: 'info' }, { write }), messages };
}

/** A folder of its own for a database and lists, removed with everything in it. */
export async function temporaryFolder(): Promise<{ file: string; path: (name: string) => string } & AsyncDisposable> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'hearthcast-channels-'));
  const path = (name: string) => join(folder.path, name);
  return { file: path('channels.sqlite'), path, [Symbol.asyncDispose]: () => folder.remove() };
}

/** An open repository on a database file, closed when its block ends. */
export async function openRepository(
  file: string,
  { log, messages } = recordingLog(),
): Promise<{ channels: ChannelRepository; messages: string[] } & AsyncDisposable> {
  const channels = createChannelRepository({ file, log, now: () => Date.UTC(2026, 10, 22) });
  await channels.start?.();
  return { channels, messages, [Symbol.asyncDispose]: async () => channels.stop?.() };
}

/** Imports a list given as text. */
export async function importText(channels: ChannelRepository, text: string, origin = '/lists/home.m3u') {
  return channels.importList({ ...(await parseChannelList(Buffer.from(text))), origin });
}

/** Every enabled channel in order. */
export function allChannels(channels: ChannelRepository) {
  return [...channels.pages(2)].flat();
}

/** An M3U list of `[tvg-id, name, address]` entries. */
export function m3u(...entries: (readonly [tvgId: string, name: string, address: string])[]): string {
  return ['#EXTM3U', ...entries.map(([id, name, url]) => `#EXTINF:-1 tvg-id="${id}",${name}\n${url}`)].join('\n');
}
