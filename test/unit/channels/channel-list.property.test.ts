import fc from 'fast-check';
import { expect, test } from 'vitest';
import { channelId } from '../../../main/channels/channel-id.ts';
import { parseChannelList, type ListEntry } from '../../../main/channels/channel-list.ts';
import { writeM3u, type ListedChannel } from '../../../main/channels/list-export.ts';
import { ProxyError } from '../../../main/errors.ts';

const word = fc.string({ unit: 'binary', maxLength: 12 });

const entryLines = fc
  .record({
    attributes: fc.array(
      fc.tuple(
        fc.constantFrom('tvg-id', 'tvg-name', 'tvg-logo', 'group-title', 'tvg-chno', 'catchup', 'Radio'),
        fc.constantFrom('"', "'", ''),
        word,
      ),
      { maxLength: 5 },
    ),
    name: word,
    path: fc.webPath(),
  })
  .map(({ attributes, name, path }) => {
    const written = attributes.map(([key, quote, value]) => ` ${key}=${quote}${value}${quote}`).join('');
    return `#EXTINF:-1${written},${name}\nhttp://x.example${path}\n`;
  });

test('whatever bytes come, they are a list or fail as one', async () => {
  const fragments = fc.constantFrom(
    '#EXTM3U',
    '#EXTINF:-1 ',
    'tvg-id="',
    ',',
    '\n',
    'http://x/',
    '|a=',
    '#genre#',
    '\ufeff',
  );
  const bytes = fc
    .array(
      fc.oneof(
        fc.uint8Array({ maxLength: 20 }),
        fragments.map((text) => Buffer.from(text)),
      ),
      { maxLength: 30 },
    )
    .map((parts) => Buffer.concat(parts));

  await fc.assert(
    fc.asyncProperty(bytes, async (input) => {
      const entries = await parseChannelList(input).then(
        (list) => list.entries.length,
        (error: unknown) => (error instanceof ProxyError && error.code === 'BAD_LIST' ? 'refused' : error),
      );
      expect(entries === 'refused' || Number(entries) > 0).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

test('a list that was written reads as it was, and writes the same again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entryLines, { minLength: 1, maxLength: 8 }), async (lines) => {
      const first = await parseChannelList(Buffer.from(lines.join('')));
      const written = write(first.entries);
      const second = await parseChannelList(Buffer.from(written));

      expect(second.skippedCount).toBe(0);
      expect(second.entries.map(({ name, sources }) => [name, sources[0]?.url])).toEqual(
        first.entries.map(({ name, sources }) => [name, sources[0]?.url]),
      );
      expect(write(second.entries)).toBe(written);
    }),
    { numRuns: 500 },
  );
});

test('every identity has a valid id of bounded length, always the same', () => {
  const identity = fc.record({ tvgId: word, name: fc.string({ unit: 'grapheme' }), group: word });
  fc.assert(
    fc.property(identity, fc.nat({ max: 3 }), (channel, taken) => {
      const ids = [1, 2].map(() => {
        let asked = 0;
        return channelId(channel, () => (asked += 1) > taken);
      });
      expect(ids[0]).toMatch(/^ch_[a-z0-9._-]{1,80}$/);
      expect(ids[1]).toBe(ids[0]);
    }),
    { numRuns: 1000 },
  );
});

function write(entries: readonly ListEntry[]): string {
  const urls = new Map<ListedChannel, string>(
    entries.map(({ sources, ...entry }, index) => [
      { ...entry, id: `ch_${index}`, enabled: true },
      sources[0]?.url ?? '',
    ]),
  );
  return [...writeM3u({ pages: [[...urls.keys()]], urlOf: (channel) => urls.get(channel) ?? '' })].join('');
}
