import { readFile } from 'node:fs/promises';
import { parseChannelList, type ChannelList } from '../../../main/channels/channel-list.ts';

/** A list of `test/fixtures/lists`, read. */
export async function parseFixture(name: string): Promise<ChannelList> {
  return parseChannelList(await readFile(new URL(`../../fixtures/lists/${name}`, import.meta.url)));
}

/** A list given as text, read. */
export async function parseText(text: string): Promise<ChannelList> {
  return parseChannelList(Buffer.from(text));
}
