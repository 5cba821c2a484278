import { describe, expect, test, vi } from 'vitest';
import { parseChannelList } from '../../../main/channels/channel-list.ts';
import { say } from '../../../shared/sentences.ts';
import { m3u } from './channel-database.ts';
import { openService, these } from './opened-service.ts';

const url = (name: string) => `http://panel.example/${name}.m3u8`;

/** Named by their ids; the groups are `One`, `Two`, `One`, ... */
const list = (...ids: string[]) =>
  [
    '#EXTM3U',
    ...ids.map((id, at) => `#EXTINF:-1 tvg-id="${id}" group-title="${at % 2 ? 'Two' : 'One'}",${id}\n${url(id)}`),
  ].join('\n');

describe('a query', () => {
  test('finds names in any script, part of a word, whatever capitals and accents', async () => {
    await using opened = await openService();
    await opened.takeOver(
      m3u(['', '湖南卫视', url('a')], ['', 'Télé Ville', url('b')], ['', 'Первый канал', url('c')]),
    );
    expect(await opened.names({ search: '卫视' })).toEqual(['湖南卫视']);
    expect(await opened.names({ search: '湖' })).toEqual(['湖南卫视']);
    expect(await opened.names({ search: 'tele vi' })).toEqual(['Télé Ville']);
    expect(await opened.names({ search: 'ПЕРВ' })).toEqual(['Первый канал']);
    expect(await opened.names({ search: '%' })).toEqual([]);
  });

  test('gives any page of any order, and how many there are in all', async () => {
    await using opened = await openService();
    await opened.takeOver(list('Kit 10', 'kit 9', 'Kit 100', 'Art'));
    expect(await opened.names()).toEqual(['Kit 10', 'kit 9', 'Kit 100', 'Art']);
    expect(await opened.names({ sort: 'name' })).toEqual(['Art', 'kit 9', 'Kit 10', 'Kit 100']);
    expect(await opened.names({ sort: 'name', descending: true, offset: 1, limit: 2 })).toEqual(['Kit 10', 'kit 9']);
    expect(await opened.names({ sort: 'group' })).toEqual(['Kit 10', 'Kit 100', 'kit 9', 'Art']);
    const { total } = opened.service.query({
      ...{ search: 'kit', group: 'One', state: 'all', sort: 'position', descending: false, offset: 0, limit: 1 },
    });
    expect(total).toBe(2);
  });

  test('puts channels by their numbers, and those without at the end', async () => {
    await using opened = await openService();
    await opened.takeOver(list('a', 'b', 'c'));
    await opened.service.save('ch_c', { number: 2 });
    await opened.service.save('ch_b', { number: 10 });
    expect(await opened.names({ sort: 'number' })).toEqual(['c', 'b', 'a']);
  });

  test('tells states apart', async () => {
    await using opened = await openService();
    const { service } = opened;
    await opened.takeOver(list('a', 'b', 'c'));
    await service.saveMany(these('ch_a'), { enabled: false });
    await service.saveMany(these('ch_b'), { favourite: true });
    await service.recordHealth('ch_c', 'broken', say('status.403'));
    expect(await opened.names({ state: 'disabled' })).toEqual(['a']);
    expect(await opened.names({ state: 'enabled' })).toEqual(['b', 'c']);
    expect(await opened.names({ state: 'favourite' })).toEqual(['b']);
    expect(await opened.rows({ state: 'broken' })).toMatchObject([
      { id: 'ch_c', health: 'broken', healthSentence: say('status.403') },
    ]);
  });

  test('asked while channels are written answers with one state or the other', async () => {
    await using opened = await openService();
    await opened.takeOver(list('a', 'b', 'c', 'd'));
    const [names] = await Promise.all([
      opened.names(),
      opened.service.sort('name'),
      opened.service.remove(these('ch_a')),
    ]);
    expect(names).toHaveLength(4);
    expect(await opened.names()).toEqual(['b', 'c', 'd']);
  });
});

describe('an edited channel', () => {
  test('has what was changed, and everything else as before', async () => {
    await using opened = await openService();
    await opened.takeOver(list('a', 'b'));
    const detail = await opened.service.save('ch_a', {
      ...{ name: ' My  channel ', number: 7, group: 'Mine', notes: 'good', favourite: true },
      options: { quality: { kind: 'lowest' }, wrap: true, cacheKey: 'query', prefetch: false },
    });
    expect(detail).toMatchObject({
      ...{ id: 'ch_a', name: 'My channel', number: 7, group: 'Mine', tvgId: 'a', notes: 'good', favourite: true },
      path: '/proxy/ch_a/stream.m3u8',
      sources: [{ url: url('a'), headers: {}, listName: 'Home', successRate: null }],
    });
    expect(opened.channels.get('ch_a')?.options.quality).toEqual({ kind: 'lowest' });
    expect(await opened.names({ search: 'my chan' })).toEqual(['My channel']);
  });

  test('keeps edits, order and id when its list comes again with new addresses', async () => {
    await using opened = await openService();
    const { service } = opened;
    await opened.takeOver(list('a', 'b', 'c'));
    await service.save('ch_b', { name: 'Mine', number: 3 });
    await service.move(these('ch_c'), 'ch_a');

    await opened.takeOver(list('a', 'b', 'c', 'd').replaceAll('panel.example', 'new.example'));

    expect(await opened.names()).toEqual(['c', 'a', 'Mine', 'd']);
    expect(opened.channels.get('ch_b')).toMatchObject({ number: 3, sources: [{ url: 'http://new.example/b.m3u8' }] });
  });

  test('keeps the order and headers of its sources, and those taken away stay away', async () => {
    await using opened = await openService();
    await opened.takeOver(`A,${url('1')}#${url('2')}#${url('3')}`);
    await opened.service.save('ch_a', {
      sources: [
        { url: url('3'), headers: { 'user-agent': 'VLC' } },
        { url: url('1'), headers: {} },
        { url: url('own'), headers: {} },
      ],
    });
    const expected = [
      { url: url('3'), headers: { 'User-Agent': 'VLC' } },
      { url: url('1'), headers: {} },
      { url: url('own'), headers: {} },
    ];
    expect(opened.channels.get('ch_a')?.sources).toMatchObject(expected);

    await opened.takeOver(`A,${url('1')}#${url('2')}#${url('3')}#${url('4')}`);
    expect(opened.channels.get('ch_a')?.sources).toMatchObject([...expected, { url: url('4'), headers: {} }]);
    await opened.takeOver(`A,${url('1')}#${url('2')}#${url('3')}?token=2`);
    expect(opened.channels.get('ch_a')?.sources.map((source) => source.url)).toEqual([
      `${url('3')}?token=2`,
      url('1'),
      url('own'),
    ]);
  });

  test.for([
    ['javascript:alert(1)', 'Addresses of kind javascript: cannot be relayed, only http: and https:.'],
    ['file:///etc/passwd', 'Addresses of kind file: cannot be relayed, only http: and https:.'],
    ['http://', 'The address is not valid.'],
  ] as const)('is never given the address %s', async ([address, sentence]) => {
    await using opened = await openService();
    await opened.takeOver(list('a'));
    const source = { url: address, headers: {} };
    const refused = { code: 'BAD_REQUEST', message: sentence };
    await expect(opened.service.save('ch_a', { sources: [source] })).rejects.toMatchObject(refused);
    await expect(opened.service.add({ name: 'x', group: '', source })).rejects.toMatchObject(refused);
    expect(await opened.names()).toEqual(['a']);
  });

  test('that is not there any more is told as such', async () => {
    await using opened = await openService();
    const unknown = { code: 'UNKNOWN_CHANNEL', message: 'There is no such channel any more.' };
    await expect(opened.service.save('ch_x', { name: 'X' })).rejects.toMatchObject(unknown);
    expect(() => opened.service.detail('ch_x')).toThrow(expect.objectContaining(unknown));
  });
});

test('a channel added by hand is the last one, and a list does not touch it', async () => {
  await using opened = await openService();
  await opened.takeOver(list('a', 'b'));
  const source = { url: 'http://cam.example/hall way.m3u8', headers: { Referer: 'http://cam.example/' } };
  const detail = await opened.service.add({ name: '', group: 'House', source });
  expect(detail).toMatchObject({
    ...{ id: 'ch_hall-20way', name: 'hall%20way', group: 'House', enabled: true },
    sources: [{ url: 'http://cam.example/hall%20way.m3u8', headers: { Referer: 'http://cam.example/' } }],
  });
  await opened.takeOver(list('a'));
  expect(await opened.names()).toEqual(['a', 'hall%20way']);
  expect(opened.service.lists().map(({ name, channelCount }) => [name, channelCount])).toEqual([
    ['Home', 1],
    ['Added by hand', 1],
  ]);
});

describe('moving', () => {
  test('puts channels before another one, in the order given', async () => {
    await using opened = await openService();
    const { service } = opened;
    await opened.takeOver(list('a', 'b', 'c', 'd', 'e'));
    await service.move(these('ch_e', 'ch_c'), 'ch_b');
    expect(await opened.names()).toEqual(['a', 'e', 'c', 'b', 'd']);
    await service.move(these('ch_a'), null);
    expect(await opened.names()).toEqual(['e', 'c', 'b', 'd', 'a']);
    await service.move(these('ch_d', 'ch_b'), 'ch_d');
    expect(await opened.names()).toEqual(['e', 'c', 'd', 'b', 'a']);
    await service.move(these('ch_a', 'ch_b', 'ch_c', 'ch_d', 'ch_e'), 'ch_c');
    expect(await opened.names()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('goes on working where a gap is used up', async () => {
    await using opened = await openService();
    await opened.takeOver(list('a', 'b', 'c', 'd'));
    for (let round = 0; round < 30; round += 1) {
      await opened.service.move(these('ch_c'), 'ch_b');
      await opened.service.move(these('ch_b'), 'ch_c');
    }
    await opened.service.move(these('ch_d'), 'ch_c');
    expect(await opened.names()).toEqual(['a', 'b', 'd', 'c']);
  });

  test('of more channels than fit into a gap keeps their order and that of all others', async () => {
    await using opened = await openService();
    const ids = Array.from({ length: 4000 }, (_, at) => `n${at}`);
    await opened.takeOver(list(...ids));
    const moved = ids.slice(1000).toReversed();
    await opened.service.move(these(...moved.map((id) => `ch_${id}`)), 'ch_n1');
    const { total, rows } = opened.service.query({
      ...{ search: '', group: null, state: 'all', sort: 'position', descending: false, offset: 0, limit: 4000 },
    });
    expect(total).toBe(4000);
    expect(rows.map(({ name }) => name)).toEqual(['n0', ...moved, ...ids.slice(1, 1000)]);
  });

  test('survives the next version of the list, and what is new in it comes last', async () => {
    await using opened = await openService();
    await opened.takeOver(list('a', 'b', 'c'));
    await opened.service.sort('name');
    await opened.service.move(these('ch_c'), 'ch_a');
    await opened.takeOver(list('new', 'a', 'b', 'c'));
    expect(await opened.names()).toEqual(['c', 'a', 'b', 'new']);
  });

  test('before a channel that is gone meanwhile changes nothing', async () => {
    await using opened = await openService();
    await opened.takeOver(list('a', 'b'));
    await expect(opened.service.move(these('ch_b'), 'ch_x')).rejects.toMatchObject({ code: 'UNKNOWN_CHANNEL' });
    expect(await opened.names()).toEqual(['a', 'b']);
  });
});

test('renaming a group renames it for all of its channels, also when their list comes again', async () => {
  await using opened = await openService();
  await opened.takeOver(list('a', 'b', 'c'));
  expect(await opened.service.renameGroup('One', 'First')).toEqual({ changed: 2 });
  await opened.takeOver(list('a', 'b', 'c'));
  expect(opened.service.groups()).toEqual([
    { name: 'First', count: 2 },
    { name: 'Two', count: 1 },
  ]);
});

describe('a selection', () => {
  test('means all that a filter lets through but some, in their order', async () => {
    await using opened = await openService();
    const { service } = opened;
    await opened.takeOver(list('kit 1', 'art', 'kit 2', 'kit 3', 'kit 4'));
    const kits = { kind: 'matching', search: 'KIT', group: null, state: 'all', except: ['ch_kit-3'] } as const;
    expect(await service.idsOf({ ...kits, except: [...kits.except] })).toEqual(['ch_kit-1', 'ch_kit-2', 'ch_kit-4']);
    expect(await service.saveMany({ ...kits, group: 'One', except: [] }, { enabled: false })).toEqual({ changed: 3 });
    expect(await opened.names({ state: 'disabled' })).toEqual(['kit 1', 'kit 2', 'kit 4']);
    expect(await service.move({ ...kits, state: 'disabled', except: [] }, null)).toEqual({ moved: 3 });
    expect(await opened.names()).toEqual(['art', 'kit 3', 'kit 1', 'kit 2', 'kit 4']);
    expect(await service.remove({ ...kits, except: ['ch_kit-3'] })).toEqual({ removed: 3 });
    expect(await opened.names()).toEqual(['art', 'kit 3']);
  });
});

test('a removed channel stays away when its list is refreshed, and the rest of the list does not mind', async () => {
  await using opened = await openService();
  await opened.channels.importList({ ...(await parsed(list('a', 'b', 'c'))), origin: '/lists/home.m3u' });
  expect(await opened.service.remove(these('ch_b', 'ch_unknown'))).toEqual({ removed: 1 });
  const again = { ...(await parsed(list('a', 'b', 'c', 'd'))), origin: '/lists/home.m3u' };
  expect(await opened.channels.importList(again)).toMatchObject({ added: 1, removed: 0, unchanged: 2 });
  expect(await opened.names()).toEqual(['a', 'c', 'd']);
  expect(opened.channels.get('ch_b')).toBeUndefined();
});

describe('undo', () => {
  const operations: Record<string, (opened: Awaited<ReturnType<typeof openService>>) => Promise<unknown>> = {
    save: ({ service }) => service.save('ch_a', { name: 'X', sources: [{ url: url('x'), headers: {} }] }),
    saveMany: ({ service }) => service.saveMany(these('ch_a', 'ch_c'), { group: 'X', enabled: false }),
    add: ({ service }) => service.add({ name: 'X', group: '', source: { url: url('x'), headers: {} } }),
    remove: ({ service }) => service.remove(these('ch_b', 'ch_a')),
    move: ({ service }) => service.move(these('ch_c'), 'ch_a'),
    sort: ({ service }) => service.sort('name'),
    renameGroup: ({ service }) => service.renameGroup('One', 'X'),
    'taking over a list': ({ takeOver }) => takeOver(list('d', 'a', 'c').replace(url('a'), url('changed'))),
    'taking over another list': ({ takeOver }) => takeOver(list('a', 'z'), { name: 'Other' }),
    'removing a list': ({ service }) => service.removeList(1),
  };

  test.for(Object.entries(operations))('of %s puts everything back', async ([, operate]) => {
    await using opened = await openService();
    await opened.takeOver(list('c', 'b', 'a'));
    const state = async () => ({
      channels: (await opened.rows()).map(({ id }) => opened.service.detail(id)),
      played: (await opened.rows()).map(({ id }) => opened.channels.get(id)),
      lists: opened.service.lists(),
      original: (await opened.service.exportM3u('original')).text,
    });
    const before = await state();

    await operate(opened);
    expect(await state()).not.toEqual(before);

    expect((await opened.service.undo()).what).not.toBeNull();
    expect(await state()).toEqual(before);
  });

  test('goes back step by step, also after a restart, and says what it took back', async () => {
    await using first = await openService();
    const file = first.path('shared.sqlite');
    {
      await using opened = await openService({ file });
      await opened.takeOver(list('a', 'b', 'c'));
      await opened.service.save('ch_a', { name: 'X' });
      await opened.service.remove(these('ch_b', 'ch_c'));
    }
    await using opened = await openService({ file });
    expect(await opened.service.undo()).toEqual({ what: say('did.remove', { count: 2 }) });
    expect(await opened.names()).toEqual(['X', 'b', 'c']);
    expect(await opened.service.undo()).toEqual({ what: say('done.change', { name: 'a' }) });
    expect(await opened.names()).toEqual(['a', 'b', 'c']);
    expect(await opened.service.undo()).toEqual({ what: say('done.takeOver', { name: 'Home' }) });
    expect(await opened.names()).toEqual([]);
    expect(await opened.service.undo()).toEqual({ what: null });
  });

  test('has nothing to do with what changed nothing, or failed', async () => {
    await using opened = await openService();
    await opened.takeOver(list('a'));
    await opened.service.saveMany(these('ch_a'), { enabled: true });
    await expect(opened.service.save('ch_x', { name: 'X' })).rejects.toThrow('no such channel');
    expect(await opened.service.undo()).toEqual({ what: say('done.takeOver', { name: 'Home' }) });
  });

  test('remembers the last fifty operations', async () => {
    await using opened = await openService();
    await opened.takeOver(list('a'));
    for (let number = 1; number <= 60; number += 1) await opened.service.save('ch_a', { number });
    let undone = 0;
    while ((await opened.service.undo()).what !== null) undone += 1;
    expect(undone).toBe(50);
    expect(opened.channels.get('ch_a')?.number).toBe(10);
  });

  test('of a removal brings back what nothing has taken the place of, after a restart too', async () => {
    await using first = await openService();
    const file = first.path('shared.sqlite');
    {
      await using opened = await openService({ file });
      await opened.takeOver(list('a', 'b', 'c', 'd'));
      await opened.service.save('ch_b', { favourite: true, group: 'Mine' });
      await opened.service.remove(these('ch_a', 'ch_b', 'ch_c'));
      // Another channel gets the id of one that was removed, and a refresh brings one more.
      await opened.service.add({ name: 'c', group: '', source: { url: url('own'), headers: {} } });
      await opened.service.undo();
      await opened.channels.importList({ ...(await parsed(`C,${url('other')}`)), origin: '/lists/other.m3u' });
      await opened.channels.importList({ ...(await parsed(list('a', 'b', 'c', 'd', 'e'))), origin: 'text:Home' });
      expect(await opened.names()).toEqual(['d', 'e', 'C']);
    }
    await using opened = await openService({ file });
    expect(await opened.service.undo()).toEqual({ what: say('did.remove', { count: 3 }) });
    expect(await opened.names()).toEqual(['a', 'b', 'd', 'e', 'C']);
    expect(opened.service.detail('ch_b')).toMatchObject({
      favourite: true,
      group: 'Mine',
      sources: [{ url: url('b') }],
    });
    expect(opened.channels.get('ch_c')).toMatchObject({ name: 'C', sources: [{}, { url: url('other') }] });
  });

  test('of a removal that is too long ago is no more: its rows go, and its lists still do not bring it back', async () => {
    await using opened = await openService();
    const { service, channels } = opened;
    await opened.takeOver(list('a', 'b', 'c'));
    await service.remove(these('ch_b'));
    const rows = () => channels.reader().database.prepare('SELECT id FROM channels ORDER BY id').all();
    expect(rows()).toHaveLength(3);
    for (let number = 1; number <= 50; number += 1) await service.save('ch_a', { number });
    await vi.waitFor(() => expect(rows()).toEqual([{ id: 'ch_a' }, { id: 'ch_c' }]), 20_000);

    await channels.importList({ ...(await parsed(list('a', 'b', 'c'))), origin: 'text:Home' });
    expect(await opened.names()).toEqual(['a', 'c']);
    for (let step = 1; step <= 50; step += 1) await service.undo();
    expect(await service.undo()).toEqual({ what: null });
    expect(await opened.names()).toEqual(['a', 'c']);
  });

  test('of an edit leaves alone what its list changed meanwhile', async () => {
    await using opened = await openService();
    await opened.takeOver(list('a', 'b'));
    await opened.service.saveMany(these('ch_a'), { enabled: false });
    await opened.channels.importList({ ...(await parsed(list('a', 'c'))), origin: 'text:Home' });
    await opened.service.undo();
    expect((await opened.rows()).map(({ name, enabled }) => [name, enabled])).toEqual([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
  });
});

describe('an exported list', () => {
  const text = `#EXTM3U\n#EXTINF:-1 tvg-id="a" catchup-source="http://p.example/live/anna/geheim/{utc}.ts",A\n#EXTVLCOPT:http-user-agent=VLC\nhttp://p.example/live/anna/geheim/1.m3u8|X-Token=a%26b\n`;

  test('with relay addresses tells nobody the credentials', async () => {
    await using opened = await openService();
    await opened.takeOver(text);
    const exported = await opened.service.exportM3u('relay');
    expect(exported.text).toContain('http://192.168.1.20:8787/proxy/ch_a/stream.m3u8');
    expect(exported.text).not.toContain('geheim');
  });

  test('with original addresses comes back as it was', async () => {
    await using opened = await openService();
    await opened.takeOver(text);
    const exported = await opened.service.exportM3u('original');
    const before = opened.channels.get('ch_a');
    await opened.service.removeList(1);
    await opened.takeOver(exported.text);
    expect(opened.channels.get('ch_a')).toEqual(before);
  });
});

async function parsed(text: string) {
  return parseChannelList(Buffer.from(text));
}
