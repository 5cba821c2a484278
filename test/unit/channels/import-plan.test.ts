import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identityKey } from '../../../main/channels/channel-id.ts';
import type { ListEntry } from '../../../main/channels/channel-list.ts';
import { countChanges, planTakeOver, rowsOf, type KnownChannel } from '../../../main/channels/import-plan.ts';
import { listedColumns, toStored } from '../../../main/channels/list-writer.ts';

const { signal } = new AbortController();
const LIST = 1;

function entry(
  name: string,
  { tvgId = '', url = `http://x.example/${name}`, ...more }: Partial<ListEntry> & { url?: string } = {},
) {
  return {
    ...{ name, number: null, group: '', logo: '', tvgId, attributes: {} },
    sources: [{ url, headers: {} }],
    ...more,
  } satisfies ListEntry;
}

/** The channels that a list has made. */
async function takenOver(entries: readonly ListEntry[], listKey = LIST): Promise<KnownChannel[]> {
  const { channels } = await plan(entries, []);
  return channels.map(({ id, entry: first, others, sources }, index) => ({
    ...{ key: index + 1, id, list: listKey, edited: '[]', isGone: false },
    columns: listedColumns(first),
    identities: [first, ...others].map(identityKey),
    ownSources: listKey === LIST ? toStored(sources) : [],
  }));
}

function plan(entries: readonly ListEntry[], known: readonly KnownChannel[], removedIds: string[] = []) {
  return planTakeOver({ entries, known, listKey: LIST, removedIds: new Set(removedIds), signal });
}

const changesOf = async (...call: Parameters<typeof plan>) =>
  (await rowsOf(await plan(...call), signal)).map(({ change, id }) => `${change} ${id}`);

test('a channel is found by what the list called it before it is found by tvg-id or name', async () => {
  const known = await takenOver([entry('News HD', { tvgId: 'n1' }), entry('News SD', { tvgId: 'n2' })]);
  expect(await changesOf([entry('News SD', { tvgId: 'n2' }), entry('News HD', { tvgId: 'n1' })], known)).toEqual([
    'unchanged ch_n2',
    'unchanged ch_n1',
  ]);
});

test('a channel that got another name is found by its tvg-id', async () => {
  const known = await takenOver([entry('News', { tvgId: 'N.de', url: 'http://x.example/1' })]);
  const { channels } = await plan([entry('News 24', { tvgId: 'n.de', url: 'http://x.example/1' })], known);
  expect(channels).toMatchObject([{ id: 'ch_n.de', change: 'changed', detail: { text: 'Was "News". New guide id.' } }]);
});

test('names alone do not make one channel of those with different tvg-ids', async () => {
  const entries = [entry('News', { tvgId: 'news.de' }), entry('News HD', { tvgId: 'news.uk' }), entry('News 4K')];
  const { channels } = await plan(entries, []);
  expect(channels.map(({ id, sources }) => [id, sources.length])).toEqual([
    ['ch_news.de', 2],
    ['ch_news.uk', 1],
  ]);
});

test('what stands for no tvg-id makes nothing one channel, and neither does that of the programme an hour later', async () => {
  const entries = [
    entry('One', { tvgId: 'none' }),
    entry('Two', { tvgId: 'none' }),
    entry('Three', { tvgId: 'three' }),
    entry('Three +1', { tvgId: 'three' }),
  ];
  expect(await changesOf(entries, [])).toEqual([
    'added ch_one',
    'added ch_two',
    'added ch_three',
    expect.stringMatching(/^added ch_three-/),
  ]);
});

test('what somebody edited is no change', async () => {
  const [known] = await takenOver([entry('News')]);
  const renamed = { ...known!, columns: { ...known!.columns, name: 'Mine' }, edited: '["name"]' };
  expect(await changesOf([entry('News')], [renamed])).toEqual(['unchanged ch_news']);
});

test('a channel that is gone comes back, also through another list', async () => {
  const gone = (known: KnownChannel[]) => known.map((channel) => ({ ...channel, isGone: true }));
  expect(await changesOf([entry('News')], gone(await takenOver([entry('News')])))).toEqual(['changed ch_news']);
  expect(await changesOf([entry('News')], gone(await takenOver([entry('News')], 2)))).toEqual(['changed ch_news']);
  expect(await changesOf([], gone(await takenOver([entry('News')])))).toEqual([]);
});

test('what somebody took away is left away where it must not come back', async () => {
  expect(await changesOf([entry('News'), entry('Sport')], [], ['ch_news'])).toEqual(['added ch_sport']);
});

const entries = fc.array(
  fc
    .record({
      name: fc.constantFrom('News', 'News HD', '[4K] news', 'Sport', 'Sport +1', '湖南卫视', 'HD'),
      tvgId: fc.constantFrom('', '', 'none', 'n1', 'N1', 's1'),
      group: fc.constantFrom('', 'A', 'B'),
      url: fc.constantFrom('http://x.example/1', 'http://x.example/2', 'http://x.example/3'),
    })
    .map(({ name, ...more }) => entry(name, more)),
  { maxLength: 12 },
);

test('whatever two lists hold, every entry ends in exactly one channel, ids are unique, and nothing changes the second time', async () => {
  await fc.assert(
    fc.asyncProperty(entries, entries, async (first, second) => {
      const before = await takenOver(first);
      const { channels, vanished } = await plan(second, before);
      const taken = channels.flatMap((channel) => [channel.entry, ...channel.others]);
      expect(new Set(taken)).toEqual(new Set(second));
      expect(taken).toHaveLength(second.length);
      expect(new Set(channels.map(({ id }) => id)).size).toBe(channels.length);
      const kept = channels.filter(({ known }) => known !== undefined).length;
      expect(kept + vanished.length).toBe(before.length);

      const again = await rowsOf(await plan(first, before), signal);
      expect(countChanges(again)).toEqual({ added: 0, changed: 0, removed: 0, unchanged: before.length, merged: 0 });
    }),
  );
});
