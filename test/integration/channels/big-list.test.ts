import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { writeM3u } from '../../../main/channels/list-export.ts';
import { parseChannelList } from '../../../main/channels/channel-list.ts';
import { allChannels, importText, openRepository, temporaryFolder } from './channel-database.ts';

const ENTRIES = 50_000;

test('50,000 entries come in whole and go out whole; how long that took and blocked is printed', async () => {
  const list = ['#EXTM3U\n', ...Array.from({ length: ENTRIES }, (_, at) => entry(at))].join('');
  await using folder = await temporaryFolder();
  await using opened = await openRepository(folder.file);
  const { channels } = opened;

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await sleep(50);
  delay.reset();
  const importedAt = performance.now();
  const report = await importText(channels, list);
  const importMs = performance.now() - importedAt;
  await sleep(300);
  delay.disable();

  const exportedAt = performance.now();
  const written = [...writeM3u({ pages: channels.pages(1000), urlOf: ({ id }) => `http://x/proxy/${id}` })].join('');
  const exportMs = performance.now() - exportedAt;

  const figures = { importMs, longestBlockMs: delay.max / 1e6, exportMs };
  console.log(JSON.stringify(figures, (_, value: unknown) => (typeof value === 'number' ? Math.round(value) : value)));
  expect(report).toMatchObject({ added: ENTRIES, skippedCount: 0 });
  expect(channels.count()).toBe(ENTRIES);
  expect(new Set(allChannels(channels).map(({ id }) => id)).size).toBe(ENTRIES);
  expect((await parseChannelList(Buffer.from(written))).entries).toHaveLength(ENTRIES);
});

function entry(at: number): string {
  const attributes = `tvg-id="kit${at}" tvg-name="Kit ${at}" tvg-logo="http://l/${at}.png" group-title="Group ${at % 40}"`;
  return `#EXTINF:-1 ${attributes},Kit channel ${at}\nhttp://panel.example:9000/live/user/pass/${at}/stream.m3u8\n`;
}
