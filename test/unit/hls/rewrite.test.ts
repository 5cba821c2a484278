import { describe, expect, test } from 'vitest';
import { fixture, rewrite } from './rewriting.ts';

/** For each fixture: every URI as written there, in order, and what it has to become. */
const REWRITES: Record<string, [written: string, kind: string, extension: string, url: string][]> = {
  'rfc8216-8.1-simple-media.m3u8': [
    ['http://media.example.com/first.ts', 'segment', 'ts', 'http://media.example.com/first.ts'],
    ['second.ts', 'segment', 'ts', 'https://origin.example/live/ch1/second.ts'],
    ['../archive/third.ts', 'segment', 'ts', 'https://origin.example/live/archive/third.ts'],
  ],
  'rfc8216-8.2-live-media.m3u8': [2680, 2681, 2682].map((number) => {
    const url = `https://priv.example.com/fileSequence${number}.ts`;
    return [url, 'segment', 'ts', url];
  }),
  'rfc8216-8.3-encrypted-media.m3u8': [
    [
      'https://keys.example.com/key.php?r=52&file=a.ts',
      'key',
      'key',
      'https://keys.example.com/key.php?r=52&file=a.ts',
    ],
    ['fileSequence52-A.ts', 'segment', 'ts', 'https://origin.example/live/ch1/fileSequence52-A.ts'],
    ['fileSequence52-B.ts', 'segment', 'ts', 'https://origin.example/live/ch1/fileSequence52-B.ts'],
    ['../keys/53.key', 'key', 'key', 'https://origin.example/live/keys/53.key'],
    ['fileSequence53-A.ts', 'segment', 'ts', 'https://origin.example/live/ch1/fileSequence53-A.ts'],
    ['fileSequence54-A.ts', 'segment', 'ts', 'https://origin.example/live/ch1/fileSequence54-A.ts'],
  ],
  'rfc8216-8.4-multivariant.m3u8': [
    ['http://example.com/low.m3u8', 'playlist', 'm3u8', 'http://example.com/low.m3u8'],
    ['mid', 'playlist', 'm3u8', 'https://origin.example/live/ch1/mid'],
    ['/v/720p?t=1', 'playlist', 'm3u8', 'https://origin.example/v/720p?t=1'],
    [
      '//audio.example.com/only/audio.php?list=a.ts',
      'playlist',
      'm3u8',
      'https://audio.example.com/only/audio.php?list=a.ts',
    ],
  ],
  'rfc8216-8.5-multivariant-i-frames.m3u8': [
    ['low/audio-video.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/low/audio-video.m3u8'],
    ['low/iframe.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/low/iframe.m3u8'],
    ['low/images', 'playlist', 'm3u8', 'https://origin.example/live/ch1/low/images'],
  ],
  'rfc8216-8.6-alternative-audio.m3u8': [
    ['main/english-audio.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/main/english-audio.m3u8'],
    ['subs/中文.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/subs/%E4%B8%AD%E6%96%87.m3u8'],
    ['low/video-only.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/low/video-only.m3u8'],
    ['main/english-audio.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/main/english-audio.m3u8'],
  ],
  'rfc8216-8.7-alternative-video.m3u8': [
    ['low/main/audio-video.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/low/main/audio-video.m3u8'],
    [
      'low/centerfield/audio-video.m3u8',
      'playlist',
      'm3u8',
      'https://origin.example/live/ch1/low/centerfield/audio-video.m3u8',
    ],
    ['low/main/audio-video.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/low/main/audio-video.m3u8'],
  ],
  'rfc8216-8.8-session-data.m3u8': [
    ['lyrics.json', 'data', 'json', 'https://origin.example/live/ch1/lyrics.json'],
    ['/chapters', 'data', 'json', 'https://origin.example/chapters'],
    ['https://keys.example.com/session?id=1', 'key', 'key', 'https://keys.example.com/session?id=1'],
    ['low.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/low.m3u8'],
  ],
  'rfc8216-4.3.2.5-map-and-byte-ranges.m3u8': [
    ['main.mp4', 'segment', 'mp4', 'https://origin.example/live/ch1/main.mp4'],
    ['main.mp4', 'segment', 'mp4', 'https://origin.example/live/ch1/main.mp4'],
    ['main.mp4', 'segment', 'mp4', 'https://origin.example/live/ch1/main.mp4'],
    ['advert-init', 'segment', 'mp4', 'https://origin.example/live/ch1/advert-init'],
    ['advert/1.png', 'segment', 'm4s', 'https://origin.example/live/ch1/advert/1.png'],
    ['advert/2.png', 'segment', 'm4s', 'https://origin.example/live/ch1/advert/2.png'],
    ['advert/3.cmfv', 'segment', 'm4s', 'https://origin.example/live/ch1/advert/3.cmfv'],
  ],
  'rfc8216bis-4.4.4.9-low-latency.m3u8': [
    ['init', 'segment', 'mp4', 'https://origin.example/live/ch1/init'],
    ['fileSequence269.mp4', 'segment', 'mp4', 'https://origin.example/live/ch1/fileSequence269.mp4'],
    ['filePart270.0', 'segment', 'm4s', 'https://origin.example/live/ch1/filePart270.0'],
    ['filePart270.1.mp4', 'segment', 'mp4', 'https://origin.example/live/ch1/filePart270.1.mp4'],
    ['fileSequence270.mp4', 'segment', 'mp4', 'https://origin.example/live/ch1/fileSequence270.mp4'],
    ['filePart271.0.mp4', 'segment', 'mp4', 'https://origin.example/live/ch1/filePart271.0.mp4'],
    ['filePart271.1', 'segment', 'm4s', 'https://origin.example/live/ch1/filePart271.1'],
    ['next-init', 'segment', 'mp4', 'https://origin.example/live/ch1/next-init'],
    ['../1M/waitForMSN.php', 'playlist', 'm3u8', 'https://origin.example/live/1M/waitForMSN.php'],
    ['../4M/waitForMSN.php', 'playlist', 'm3u8', 'https://origin.example/live/4M/waitForMSN.php'],
  ],
  'rfc8216bis-4.4.6.6-content-steering.m3u8': [
    ['/steering?video=00012', 'data', 'json', 'https://origin.example/steering?video=00012'],
    ['https://a.example.com/low.m3u8', 'playlist', 'm3u8', 'https://a.example.com/low.m3u8'],
    ['https://b.example.com/low.m3u8', 'playlist', 'm3u8', 'https://b.example.com/low.m3u8'],
  ],
  'rfc8216bis-D.2-interstitials.m3u8': [
    ['https://ads.example.com/ad1', 'playlist', 'm3u8', 'https://ads.example.com/ad1'],
    ['ads/list?id=2', 'data', 'json', 'https://origin.example/live/ch1/ads/list?id=2'],
    ['ads/ad3.mp4', 'segment', 'mp4', 'https://origin.example/live/ch1/ads/ad3.mp4'],
    ['seg-1.ts', 'segment', 'ts', 'https://origin.example/live/ch1/seg-1.ts'],
  ],
  'images-only.m3u8': [
    ['tiles/1.jpg', 'segment', 'jpg', 'https://origin.example/live/ch1/tiles/1.jpg'],
    ['tiles/2.WebP?w=1', 'segment', 'webp', 'https://origin.example/live/ch1/tiles/2.WebP?w=1'],
    ['tiles/3.php', 'segment', 'jpg', 'https://origin.example/live/ch1/tiles/3.php'],
  ],
  'iptv-pointer.m3u8': [
    [
      'http://provider.example.com/live/user/secret/1042.m3u8?x=a.ts',
      'playlist',
      'm3u8',
      'http://provider.example.com/live/user/secret/1042.m3u8?x=a.ts',
    ],
  ],
  'vendor-tags.m3u8': [
    ['overlays/7', 'data', 'bin', 'https://origin.example/live/ch1/overlays/7'],
    ['thumbs/index.m3u8', 'playlist', 'm3u8', 'https://origin.example/live/ch1/thumbs/index.m3u8'],
    ['seg.ts?playlist=a.m3u8', 'segment', 'ts', 'https://origin.example/live/ch1/seg.ts?playlist=a.m3u8'],
  ],
};

describe('each URI of a playlist becomes a link to what stands behind it, and nothing else changes', () => {
  test.each(Object.entries(REWRITES))('%s', (name, rewrites) => {
    const original = fixture(name).toString();
    const { text, references } = rewrite(original);

    let rest = original;
    let expected = '';
    for (const [written, kind, extension, url] of rewrites) {
      const at = rest.indexOf(written);
      const reference = references.find((candidate) => candidate.url === url && candidate.kind === kind);
      expect.soft(at, `${written} is in the fixture`).toBeGreaterThanOrEqual(0);
      expected += `${rest.slice(0, at)}${kind}/${reference?.name}.${extension}?k=${encodeURIComponent(url)}`;
      rest = rest.slice(at + written.length);
    }
    expect(text).toBe(expected + rest);
  });
});

describe('every byte that is no URI survives', () => {
  const playlist = (lines: (string | Buffer)[], lineBreak: string) =>
    Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from(lineBreak)]));

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['a lone CR', '\r'],
    ['blank lines', '\r\n\n \t\n'],
  ])('line breaks: %s', (_, lineBreak) => {
    const lines = ['#EXTM3U', '#EXT-X-TARGETDURATION:6', '#EXTINF:6,', 'a.ts'];
    const { body } = rewrite(playlist(lines, lineBreak));
    const link = 'segment/a.ts?k=https%3A%2F%2Forigin.example%2Flive%2Fch1%2Fa.ts';
    expect(body).toEqual(playlist([...lines.slice(0, 3), link], lineBreak));
  });

  test('a byte order mark, bytes that are no UTF-8, and a missing last line break', () => {
    const head = Buffer.from('\uFEFF#EXTM3U\n#EXT-X-TARGETDURATION:6\n');
    const title = Buffer.from([...Buffer.from('#EXTINF:6,T'), 0xe9, 0xff, 0x80, 0xa0, 0x0a]);
    const { body } = rewrite(Buffer.concat([head, title, Buffer.from('a.ts')]));
    expect(body.subarray(0, head.length + title.length)).toEqual(Buffer.concat([head, title]));
    expect(body.toString('latin1').endsWith('\nsegment/a.ts?k=https%3A%2F%2Forigin.example%2Flive%2Fch1%2Fa.ts')).toBe(
      true,
    );
  });

  test('blanks around a URI stay, and are no part of it', () => {
    const { text } = rewrite('#EXTM3U\n#EXT-X-ENDLIST\n \ta.ts\t \n');
    expect(text).toMatch(/\n \tsegment\/a\.ts\?k=[^ \t]+\t \n$/);
  });

  test('a URI whose last UTF-8 byte looks like a no-break space is not cut', () => {
    const { references } = rewrite('#EXTM3U\n#EXT-X-ENDLIST\nvoilà\n');
    expect(references[0]?.url).toBe('https://origin.example/live/ch1/voil%C3%A0');
  });

  test('a tag line that contains ".t" or ".ts" is only changed where its URI is', () => {
    const { text } = rewrite(
      '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-NOTE:see.this.ts,v1.two\n#EXT-X-KEY:METHOD=AES-128,URI="k.t/key.ts",IV=0x1.t\na.ts\n',
    );
    expect(text).toContain('\n#EXT-X-NOTE:see.this.ts,v1.two\n');
    expect(text).toContain(
      '\n#EXT-X-KEY:METHOD=AES-128,URI="key/key.key?k=https%3A%2F%2Forigin.example%2Flive%2Fch1%2Fk.t%2Fkey.ts",IV=0x1.t\n',
    );
  });
});

describe('URIs reach the origin exactly', () => {
  test.each([
    ['720/hd/a.ts', 'https://origin.example/live/ch1/720/hd/a.ts', 'sub-directories are kept'],
    ['../../vod/a.ts', 'https://origin.example/vod/a.ts', 'parent directories'],
    ['/a.ts', 'https://origin.example/a.ts', 'root-relative'],
    ['//cdn.example:8080/a.ts', 'https://cdn.example:8080/a.ts', 'protocol-relative'],
    ['?part=2', 'https://origin.example/live/ch1/index.m3u8?part=2', 'query only'],
    ['a%2Fb%20c.ts?x=%2F&y=a+b', 'https://origin.example/live/ch1/a%2Fb%20c.ts?x=%2F&y=a+b', 'percent-encoding'],
    ['a b.ts', 'https://origin.example/live/ch1/a%20b.ts', 'a space'],
    ['a.ts#t=10', 'https://origin.example/live/ch1/a.ts', 'no fragment'],
    ['http://user:pa%40ss@other.example/a.ts', 'http://user:pa%40ss@other.example/a.ts', 'credentials'],
    ['{$x}.ts', 'https://origin.example/live/ch1/%7B$x%7D.ts', 'what only looks like a variable'],
  ])('%s', (uri, url) => {
    const { references } = rewrite(`#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n${uri}\n`);
    expect(references.map((reference) => reference.url)).toEqual([url]);
  });

  test('a path in an old 8-bit code goes out byte by byte', () => {
    const uri = Buffer.from([0x54, 0xe9, 0x2e, 0x74, 0x73]);
    const { references } = rewrite(Buffer.concat([Buffer.from('#EXTM3U\n#EXT-X-ENDLIST\n'), uri]));
    expect(references[0]?.url).toBe('https://origin.example/live/ch1/T%E9.ts');
  });

  test.each([
    'data:text/plain,a',
    'skd://key',
    'urn:uuid:1',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://[',
    '',
  ])('what HTTP cannot fetch stays: %j', (uri) => {
    const original = `#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-KEY:METHOD=AES-128,URI="${uri}"\n#EXTINF:6,\n${uri}\n`;
    expect(rewrite(original).text).toBe(original);
  });
});

describe('attribute lists', () => {
  const attributeList = (list: string) => rewrite(`#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-KEY:${list}\n`);

  test.each([
    ['METHOD=AES-128,URI="k,1.key",IV=0x1', 'k,1.key', 'a comma in quotes'],
    ['X-NOTE=",URI=",URI="k"', 'k', 'an attribute name in quotes'],
    ['"x,URI=a,y",METHOD=AES-128,URI="k"', 'k', 'a quoted string without a name'],
    ['METHOD = AES-128 , URI = "k"', 'k', 'blanks'],
    ['URI=keys/1.key,METHOD=AES-128', 'keys/1.key', 'no quotes'],
    ['METHOD=AES-128,URI="k', 'k', 'a quote that is never closed'],
    [',,=,METHOD,URI="k"', 'k', 'pieces that are no attributes'],
  ])('%s', (list, uri) => {
    const { references, text } = attributeList(list);
    expect(references.map(({ url }) => url)).toEqual([`https://origin.example/live/ch1/${uri}`]);
    const link = `key/${references[0]?.name}.key?k=${encodeURIComponent(references[0]?.url ?? '')}`;
    const at = list.lastIndexOf(uri);
    expect(text).toContain(`#EXT-X-KEY:${list.slice(0, at)}${link}${list.slice(at + uri.length)}\n`);
  });

  test('an attribute whose name only ends in URI is none', () => {
    expect(attributeList('METHOD=AES-128,X-URI="k"').references).toEqual([]);
  });
});

describe('variables', () => {
  test('are substituted before a URI is resolved, and what is read from the query is written out for the player', () => {
    const { text, references } = rewrite(fixture('rfc8216bis-4.4.2.3-define-multivariant.m3u8'));
    expect(references[0]?.url).toBe('https://cdn.example.com/low/%7B$undefined%7D.m3u8?token=t&%201');
    expect(text).toContain('\n#EXT-X-DEFINE:NAME="host",VALUE="https://cdn.example.com"\n');
    expect(text).toContain('\n#EXT-X-DEFINE:NAME="token",VALUE="t& 1"\n');
    expect(text).toContain('\n#EXT-X-DEFINE:QUERYPARAM="absent"\n');
  });

  test('a child playlist gets those of its multivariant playlist and can import them', () => {
    const multivariant = rewrite(fixture('rfc8216bis-4.4.2.3-define-multivariant.m3u8'));
    const importedVariables = multivariant.references[0]?.variables ?? new Map<string, string>();
    expect(Object.fromEntries(importedVariables)).toEqual({ host: 'https://cdn.example.com', token: 't& 1' });

    const original = fixture('rfc8216bis-4.4.2.3-define-media.m3u8').toString();
    const { references, text } = rewrite(original, { importedVariables });
    expect(references.map(({ url }) => url)).toEqual([
      'https://origin.example/live/ch1/seg-t&%201/init.mp4',
      'https://origin.example/live/ch1/seg-t&%201/1.m4s?t=t&%201',
    ]);
    expect(references.every(({ variables }) => variables.size === 0)).toBe(true);
    expect(text).toContain('\n#EXT-X-DEFINE:IMPORT="token"\n#EXT-X-DEFINE:NAME="path",VALUE="seg-{$token}"\n');
  });

  test('a rendition report passes on what its own playlist may import, so that its link equals the multivariant one', () => {
    const importedVariables = new Map([['token', 'x']]);
    const { references } = rewrite(
      '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-DEFINE:NAME="own",VALUE="y"\n#EXT-X-RENDITION-REPORT:URI="b.m3u8"\n',
      { importedVariables },
    );
    expect(references[0]?.variables).toEqual(importedVariables);
  });

  test('a value that a quoted string cannot hold is percent-encoded where it cannot', () => {
    const { text } = rewrite('#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=q\n', { baseUrl: 'http://o.example/?q=a%22%0A%C3%A9' });
    expect(text).toBe('#EXTM3U\n#EXT-X-DEFINE:NAME="q",VALUE="a%22%0Aé"\n');
  });

  test('variables that expand to gigabytes are not expanded beyond the size of a playlist', () => {
    const doublings = Array.from({ length: 40 }, (_, index) => {
      return `#EXT-X-DEFINE:NAME="v${index + 1}",VALUE="{$v${index}}{$v${index}}"\n`;
    });
    const { references } = rewrite(`#EXTM3U\n#EXT-X-DEFINE:NAME="v0",VALUE="aaaaaaaa"\n${doublings.join('')}{$v40}\n`);
    expect(references[0]?.url.length).toBeLessThan(32 * 1024 * 1024);
  });
});

describe('what a reference says', () => {
  const media = (uris: string[], tags = '') =>
    rewrite(`#EXTM3U\n#EXT-X-TARGETDURATION:6\n${tags}${uris.map((uri) => `#EXTINF:6.0061,\n${uri}\n`).join('')}`);

  test.each([
    ['live/seg-1042.ts?tok=1', 'seg-1042'],
    ['720p', '720p'],
    ['seg.1042', 'seg.1042'],
    ['My%20Channel%2F1.ts', 'My-Channel-1'],
    ['..hidden.ts', 'hidden'],
    ['中文.ts', 'segment'],
    ['dir/', 'segment'],
    ['%E9%.ts', 'E9-'],
    [`${'a'.repeat(80)}-1042.ts`, `${'a'.repeat(59)}-1042`],
  ])('the name of %s', (uri, name) => {
    expect(media([uri]).references[0]?.name).toBe(name);
  });

  test.each([
    ['a.ts', '', 'ts'],
    ['a.AAC', '', 'aac'],
    ['a.m2ts', '', 'ts'],
    ['a.png', '', 'ts'],
    ['a.php?file=a.mp4', '', 'ts'],
    ['a', '', 'ts'],
    ['a.m3u8', '', 'ts'],
    ['a.webvtt', '', 'webvtt'],
    ['a', '#EXT-X-MAP:URI="init.mp4"\n', 'm4s'],
    ['a.m4f', '#EXT-X-MAP:URI="init.mp4"\n', 'm4s'],
    ['a', '#EXT-X-MAP:URI="tables.ts"\n', 'ts'],
  ])('the extension of segment %s after %j', (uri, tags, extension) => {
    expect(media([uri], tags).references.at(-1)?.extension).toBe(extension);
  });

  test('the query counts only where two URIs differ in nothing else', () => {
    const { references } = media(['a.ts?n=1', 'a.ts?n=2', 'b.ts?n=1', 'b.ts?n=1', 'c.ts', 'c.ts?n=1']);
    expect(references.map(({ url, keyedByQuery }) => [url.slice(-8), keyedByQuery])).toEqual([
      ['a.ts?n=1', true],
      ['a.ts?n=2', true],
      ['b.ts?n=1', false],
      ['ch1/c.ts', true],
      ['c.ts?n=1', true],
    ]);
  });

  test('the query counts where it is all that tells a URI from the playlist itself', () => {
    const { references } = rewrite('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex.m3u8?quality=1\n');
    expect(references[0]?.keyedByQuery).toBe(true);
  });

  test('the query counts in all of a playlist that was told from another by its query', () => {
    const { references } = rewrite('#EXTM3U\n#EXT-X-ENDLIST\na.ts?quality=1\n', { keyedByQuery: true });
    expect(references[0]?.keyedByQuery).toBe(true);
  });

  test('the query of a key always counts, because a playlist shows just one key of a rotation at a time', () => {
    const { references } = media(['a.ts?t=1', 'b.ts?t=1'], '#EXT-X-KEY:METHOD=AES-128,URI="key?id=7"\n');
    expect(references.map(({ kind, keyedByQuery }) => [kind, keyedByQuery])).toEqual([
      ['key', true],
      ['segment', false],
      ['segment', false],
    ]);
  });

  test('byte ranges mark every reference to their resource', () => {
    const { references } = rewrite(fixture('rfc8216-4.3.2.5-map-and-byte-ranges.m3u8'));
    expect(references.map(({ name, ranged }) => [name, ranged])).toEqual([
      ['main', true],
      ['main', true],
      ['advert-init', false],
      ['1', false],
      ['2', false],
      ['3', false],
    ]);
    const lowLatency = rewrite(fixture('rfc8216bis-4.4.4.9-low-latency.m3u8')).references;
    expect(lowLatency.filter(({ ranged }) => ranged).map(({ name }) => name)).toEqual([
      'filePart270.1',
      'filePart271.1',
    ]);
  });

  test('segments and parts say how long they play, in whole milliseconds', () => {
    expect(media(['a.ts']).references[0]?.durationSeconds).toBe(6.006);
    const { references } = rewrite(fixture('rfc8216bis-4.4.4.9-low-latency.m3u8'));
    expect(references.map(({ durationSeconds }) => durationSeconds)).toEqual([
      undefined,
      4,
      0.333,
      0.333,
      4,
      0.333,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each(['-1', '0', 'NaN', '1e300', 'abc', '0.0000001'])('a duration of %s is no duration', (duration) => {
    const { references } = rewrite(`#EXTM3U\n#EXT-X-ENDLIST\n#EXTINF:${duration},\na.ts\n`);
    expect(references[0]?.durationSeconds).toBeUndefined();
  });

  test('a reference that appears often is linked once', () => {
    const { references, text } = rewrite(
      `#EXTM3U\n#EXT-X-TARGETDURATION:6\n${'#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:6,\na.ts\n'.repeat(100)}`,
    );
    expect(references).toHaveLength(2);
    expect(text.match(/k%2F|ch1%2F/g)).toHaveLength(200);
  });
});

/* No timing: what is quadratic would take minutes here and run into the test's time-out. */
describe('hostile input of 8 MiB is read in one pass', () => {
  const fill = (piece: string) => piece.repeat((8 * 1024 * 1024) / piece.length);

  test.each([
    ['commas', `#EXT-X-FOO:${fill(',')}`],
    ['quotes', `#EXT-X-FOO:${fill('"')}`],
    ['equals signs', `#EXT-X-FOO:${fill('=')}`],
    ['a name without an end', `#EXT-X-FOO:${fill('A')}`],
    ['blanks', `#EXT-X-FOO:A=${fill(' ')}x`],
    ['half variables', `#EXT-X-DEFINE:NAME="a",VALUE="b"\n${fill('{$')}`],
    ['hashes', fill('#')],
    ['line breaks', fill('\r\n')],
    ['percent signs', fill('%')],
    ['dots', fill('.')],
    ['dots and slashes', fill('../')],
  ])('%s', (_, hostile) => {
    expect(rewrite(`#EXTM3U\n${hostile}\n`).references.length).toBeLessThanOrEqual(1);
  });

  test('key formats without number', () => {
    const keys = Array.from({ length: 50_000 }, (_, index) => `#EXT-X-KEY:KEYFORMAT="${index}",URI="k"\n`).join('');
    expect(rewrite(`#EXTM3U\n${keys}`).references).toHaveLength(1);
  });
});
