import { describe, expect, test } from 'vitest';
import { parseChannelList } from '../../../main/channels/channel-list.ts';
import { say } from '../../../shared/sentences.ts';
import { parseFixture, parseText } from './fixture.ts';

test('a list as iptv-org publishes it gives attributes, headers and guides', async () => {
  const list = await parseFixture('iptv-org.m3u');

  expect(list.guideUrls).toEqual(['https://guide.example/epg.xml.gz', 'https://guide.example/second.xml']);
  expect(list.skipped).toEqual([]);
  expect(list.entries).toEqual([
    {
      name: 'CNN (720p) [Geo-blocked]',
      number: null,
      group: 'News',
      logo: 'https://logos.example/cnn.png',
      tvgId: 'CNN.us@SD',
      attributes: {},
      sources: [
        {
          url: 'https://cdn.example/cnn/index.m3u8',
          headers: { Referer: 'https://www.example.com/', 'User-Agent': 'Mozilla/5.0 (X11; Linux)' },
        },
      ],
    },
    {
      name: 'Télé Ville',
      number: null,
      group: 'Undefined',
      logo: '',
      tvgId: '',
      attributes: {},
      sources: [{ url: 'http://cdn.example:8080/t%C3%A9l%C3%A9%20ville/live.m3u8', headers: {} }],
    },
  ]);
});

test('a list written for Kodi keeps bare and single-quoted attributes, headers in three syntaxes, groups and catch-up', async () => {
  const { entries, guideUrls } = await parseFixture('kodi.m3u');

  expect(guideUrls).toEqual(['http://guide.example/xmltv.php']);
  expect(entries.map(({ name, number, group, tvgId }) => ({ name, number, group, tvgId }))).toEqual([
    { name: 'Seven', number: 7, group: 'Section', tvgId: 'kit0' },
    { name: 'Eight, the channel', number: null, group: 'Own, group', tvgId: 'eight' },
    { name: 'Nine', number: null, group: 'Only nine', tvgId: '' },
    { name: 'Ten', number: null, group: 'Section', tvgId: '' },
  ]);
  expect(entries[0]?.logo).toBe('http://logos.example/?a=1&b=2');
  expect(entries[0]?.attributes).toEqual({ catchup: 'default', 'catchup-days': '3' });
  expect(entries[1]?.attributes).toEqual({ catchup: 'flussonic', 'catchup-days': '3', 'tvg-name': 'It is "8"' });
  expect(entries.map(({ sources }) => sources[0]?.headers)).toEqual([
    { 'User-Agent': 'Kodi/21.0 (Linux)', Referer: 'http://panel.example/', Cookie: 'a=b' },
    { 'User-Agent': 'Box/1', 'X-Device': 'abc' },
    { Cookie: 'session=1', Origin: 'http://panel.example' },
    {},
  ]);
});

test('broken lines are skipped and reported with their numbers and reasons; the rest is taken', async () => {
  const { entries, skipped, skippedCount } = await parseFixture('broken.m3u');

  expect(entries.map(({ tvgId }) => tvgId)).toEqual(['good']);
  expect(skipped).toEqual([
    { line: 2, reason: say('skipped.noAddress') },
    { line: 4, reason: say('skipped.scheme', { scheme: 'javascript' }) },
    { line: 6, reason: say('skipped.scheme', { scheme: 'file' }) },
    { line: 8, reason: say('skipped.scheme', { scheme: 'udp' }) },
    { line: 10, reason: say('skipped.scheme', { scheme: 'rtmp' }) },
    { line: 11, reason: say('skipped.neither') },
    { line: 13, reason: say('skipped.badAddress') },
    { line: 16, reason: say('skipped.noAddress') },
  ]);
  expect(skippedCount).toBe(8);
  expect(JSON.stringify(skipped)).not.toContain('geheim');
});

test('a TXT list gives groups, several addresses of a name, and names with commas', async () => {
  const { entries, skipped } = await parseFixture('sections.txt');

  expect(entries.map(({ name, group, sources }) => [group, name, ...sources.map(({ url }) => url)])).toEqual([
    ['央视频道', 'CCTV1', 'http://one.example/cctv1.m3u8', 'http://two.example/cctv1.m3u8'],
    ['央视频道', 'CCTV-5+', 'http://one.example/cctv5p.m3u8'],
    ['央视频道', 'CCTV1', 'http://three.example/cctv1.m3u8'],
    ['卫视频道', '湖南卫视', 'http://one.example/hunan.m3u8'],
    ['卫视频道', 'CCTV1', 'http://one.example/regional.m3u8'],
    ['卫视频道', 'News, Weather', 'http://one.example/a,b.m3u8'],
  ]);
  expect(skipped.map(({ line }) => line)).toEqual([2, 10]);
});

test.for(['sections-gbk.txt', 'sections-utf16.txt'])('%s reads like its UTF-8 original', async (name) => {
  expect(await parseFixture(name)).toEqual(await parseFixture('sections.txt'));
});

test('a latin-1 list with accents side by side is not taken for Chinese', async () => {
  const { entries } = await parseFixture('latin1.m3u');
  expect(entries.map(({ group, name }) => [group, name])).toEqual([
    ['Français', 'Télé Été'],
    ['Deutsch', 'Größe TV – €'],
  ]);
});

test('lists of two encodings glued together are read line by line', async () => {
  const { entries } = await parseFixture('mixed-encodings.txt');
  expect(entries.map(({ name }) => name)).toEqual(['中央一台', '湖南卫视']);
});

test('a byte order mark, CRLF and a missing last line end change nothing', async () => {
  const { entries, skippedCount } = await parseFixture('bom-crlf.m3u');
  expect(entries.map(({ tvgId, name }) => [tvgId, name])).toEqual([
    ['one', 'One'],
    ['two', 'Zwölf'],
  ]);
  expect(skippedCount).toBe(0);
});

describe('one entry', () => {
  const url = 'http://x.example/1.m3u8';

  test.for([
    ['no attributes', '#EXTINF:-1,News', 'News'],
    ['no duration', '#EXTINF:,News', 'News'],
    ['no colon', '#EXTINF -1,News', 'News'],
    ['lower case', '#extinf:-1,News', 'News'],
    ['a comma in the name', '#EXTINF:-1 group-title="a",News, local', 'News, local'],
    ['no comma before the name', '#EXTINF:-1 group-title="a" News', 'News'],
    ['a comma between attributes', '#EXTINF:-1,group-title="a",tvg-logo="b",News', 'News'],
    ['no space between attributes', '#EXTINF:-1 tvg-logo="b"group-title="a",News', 'News'],
    ['a quote that is never closed', '#EXTINF:-1 tvg-name="a,News', 'News'],
    ['control characters in the name', '#EXTINF:-1,Ne\u0000ws\u0007 now', 'Ne ws now'],
    ['a name only in tvg-name', '#EXTINF:-1 tvg-name="News",', 'News'],
    ['a name only in tvg-id', '#EXTINF:-1 tvg-id="news.de",', 'news.de'],
    ['no name at all', '#EXTINF:-1,', '1'],
    ['no #EXTINF', '', '1'],
  ])('with %s', async ([, line, name]) => {
    const { entries } = await parseText(`#EXTM3U\n${line}\n${url}\n`);
    expect(entries.map((entry) => [entry.name, entry.sources[0]?.url])).toEqual([[name, url]]);
  });

  test('keeps quotes inside a quoted attribute', async () => {
    const { entries } = await parseText(`#EXTINF:-1 tvg-name="The "Best" One" group-title="a",News\n${url}`);
    expect(entries[0]).toMatchObject({ name: 'News', group: 'a', attributes: { 'tvg-name': 'The "Best" One' } });
  });

  test('takes options that stand before its #EXTINF, and leaves none to the next entry', async () => {
    const { entries } = await parseText(
      `#EXTVLCOPT:http-user-agent="VLC/3"\n#EXTINF:-1,A\n${url}\n#EXTINF:-1,B\n${url}?b`,
    );
    expect(entries.map(({ sources }) => sources[0]?.headers)).toEqual([{ 'User-Agent': 'VLC/3' }, {}]);
  });

  test('never gets a header that would change how the relay speaks, or smuggle in another', async () => {
    const { entries } = await parseText(`${url}|Connection=close&Range=bytes%3D0-1&X-A=a%0D%0AHost%3A%20evil&X-B=b`);
    expect(entries[0]?.sources[0]?.headers).toEqual({ 'X-B': 'b' });
  });

  test('has a name of bounded length that does not end in half a character', async () => {
    const { entries } = await parseText(`#EXTINF:-1,${'a'.repeat(299)}${'📺'.repeat(5000)}\n${url}`);
    expect(entries[0]?.name).toBe('a'.repeat(299));
  });

  test('with a line of more than 32 KiB is reported, not taken', async () => {
    const { skipped } = await parseText(`${url}?${'x'.repeat(40_000)}\n${url}`);
    expect(skipped).toEqual([{ line: 1, reason: say('skipped.longLine') }]);
  });

  test('keeps a channel number that is no whole number as an attribute', async () => {
    const { entries } = await parseText(`#EXTINF:-1 tvg-chno="4.1",A\n${url}`);
    expect(entries[0]).toMatchObject({ number: null, attributes: { 'tvg-chno': '4.1' } });
  });
});

test('ten thousand broken lines are counted, and the first hundred kept', async () => {
  const list = await parseText(`${'nonsense\n'.repeat(10_000)}http://x.example/1.m3u8`);
  expect(list.skippedCount).toBe(10_000);
  expect(list.skipped).toHaveLength(100);
});

test('what is said of all channels, and where guides are, is kept within bounds', async () => {
  const attributes = Array.from({ length: 1_000 }, (_, index) => `#EXTM3U catchup-${index}="x"`);
  const guides = Array.from({ length: 1_000 }, (_, index) => `http://x.example/${index}.xml`);
  const header = [`#EXTM3U x-tvg-url="${guides.join()}"`, ...attributes].join('\n');
  const { entries, guideUrls } = await parseText(`${header}\n#EXTINF:-1 catchup-0="own",One\nhttp://x.example/1.m3u8`);
  expect(Object.keys(entries[0]?.attributes ?? {})).toHaveLength(64);
  expect(entries[0]?.attributes['catchup-0']).toBe('own');
  expect(guideUrls).toEqual(guides.slice(0, 64));
});

describe('what is no channel list', () => {
  test.for([
    ['an empty file', '', 'The list is empty: it names no channels.'],
    ['blank lines', '\n \r\n', 'The list is empty: it names no channels.'],
    ['only a header', '#EXTM3U\n', 'The list is empty: it names no channels.'],
    ['JSON', '{"error":"expired"}', 'line 1: this is neither an address nor "name,address".'],
    ['a gzip file', '\u001f', 'compressed'],
    ['a zip file', 'PK\u0003\u0004', 'compressed'],
    ['a binary file', 'ID3\u0000\u0001http://x.example/', 'names no channel that can be played'],
    ['only addresses that cannot be relayed', 'rtmp://x.example/1\nudp://@1.2.3.4:5', '2 lines were skipped; line 1: '],
  ] as const)('%s fails with a sentence', async ([, text, sentence]) => {
    const bytes = text === '\u001f' ? Buffer.from([0x1f, 0x8b, 8, 0]) : Buffer.from(text);
    await expect(parseChannelList(bytes)).rejects.toMatchObject({
      code: 'BAD_LIST',
      message: expect.stringContaining(sentence),
    });
  });

  test('a web page fails, also when something in it looks like a channel', async () => {
    await expect(parseFixture('login-page.m3u')).rejects.toMatchObject({
      code: 'BAD_LIST',
      message: 'This is a web page, not a channel list: has the login expired?',
    });
  });

  test('the playlist of a stream fails, though its segments look like channels', async () => {
    await expect(parseFixture('stream.m3u8')).rejects.toMatchObject({
      code: 'BAD_LIST',
      message: 'This is the playlist of one stream, not a list of channels.',
    });
  });
});
