import { expect, test } from 'vitest';
import { writeM3u, type ListedChannel } from '../../../main/channels/list-export.ts';

const CHANNEL: ListedChannel = {
  id: 'ch_news',
  name: 'News',
  number: null,
  group: '',
  logo: '',
  tvgId: '',
  enabled: true,
  attributes: {},
};

function write(...channels: Partial<ListedChannel>[]): string {
  const page = channels.map((channel) => ({ ...CHANNEL, ...channel }));
  return [...writeM3u({ pages: [page], urlOf: ({ id }) => `http://192.168.1.20:8787/proxy/${id}/stream.m3u8` })].join(
    '',
  );
}

test('a channel leaves with everything its list said about it', () => {
  const written = write({
    number: 7,
    group: 'News, World',
    logo: 'http://logos.example/1.png?size=2',
    tvgId: 'news.de',
    attributes: { 'tvg-name': 'News', catchup: 'append', 'catchup-source': '?utc={utc}', radio: 'true' },
  });
  expect(written).toBe(
    '#EXTM3U\n' +
      '#EXTINF:-1 tvg-id="news.de" tvg-chno="7" tvg-logo="http://logos.example/1.png?size=2" group-title="News, World"' +
      ' tvg-name="News" catchup="append" catchup-source="?utc={utc}" radio="true",News\n' +
      'http://192.168.1.20:8787/proxy/ch_news/stream.m3u8\n',
  );
});

test('quotes and line breaks in names and attributes do not break the list', () => {
  expect(write({ name: 'A\nhttp://evil/', group: 'B"\r\n#EXTINF:-1,C' })).toBe(
    '#EXTM3U\n#EXTINF:-1 group-title="B\' #EXTINF:-1,C",A http://evil/\nhttp://192.168.1.20:8787/proxy/ch_news/stream.m3u8\n',
  );
});

test("the provider's credentials in a catch-up address do not leave the PC", () => {
  const attributes = {
    'catchup-source': 'http://panel.example/timeshift/anna/geheim/60/{utc}/1.ts',
    'catchup-days': '7',
  };
  const written = write({ attributes });
  expect(written).not.toContain('geheim');
  expect(written).toContain('catchup-days="7"');
});

test('each page of channels is a chunk of its own', () => {
  const chunks = [...writeM3u({ pages: [[CHANNEL], [CHANNEL, CHANNEL]], urlOf: () => 'http://x/' })];
  expect(chunks.map((chunk) => chunk.split('\n').length - 1)).toEqual([1, 2, 4]);
});
