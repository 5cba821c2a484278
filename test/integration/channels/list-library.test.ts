import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { FetchList } from '../../../main/channels/list-origin.ts';
import { ProxyError } from '../../../main/errors.ts';
import { fetchListIfChanged } from '../../../main/origin/fetch-list.ts';
import { createOriginClient } from '../../../main/origin/origin-client.ts';
import type { ListOrigin, PlanChange } from '../../../shared/contract.ts';
import { say } from '../../../shared/sentences.ts';
import { m3u } from './channel-database.ts';
import { openService, these, work, type OpenedService } from './opened-service.ts';

const A = 'http://panel.example/a.m3u8';
const B = 'http://panel.example/b.m3u8';
const C = 'http://panel.example/c.m3u8';
const HOUR_MS = 3_600_000;

const web: ListOrigin = { kind: 'url', url: 'http://lists.example/get.php?username=anna&password=geheim' };

/** A list on the web whose content the test changes. */
function changingList(text: string) {
  const state = { text, etag: '"1"', fetches: 0, failure: undefined as Error | undefined };
  const fetchList: FetchList = (_url, known) => {
    state.fetches += 1;
    if (state.failure !== undefined) return Promise.reject(state.failure);
    if (known.etag === state.etag) return Promise.resolve(undefined);
    return Promise.resolve({ bytes: Buffer.from(state.text), etag: state.etag, lastModified: '' });
  };
  return { state, fetchList };
}

async function planned({ service }: OpenedService, origin: ListOrigin) {
  const plan = await service.plan(origin, work);
  const rowsOf = (query: { change?: PlanChange; search?: string; group?: string } = {}) =>
    service.planRows({ planId: plan.planId, change: null, group: null, search: '', offset: 0, limit: 100, ...query })
      .rows;
  const narrow = (groups: string[] | null) => service.narrow(plan.planId, groups);
  return {
    ...plan,
    rowsOf,
    narrow,
    apply: (groups: string[] | null = null) => service.apply(plan.planId, groups, 24, work),
  };
}

const text = (content: string, name = 'Home'): ListOrigin => ({ kind: 'text', name, text: content });

describe('a plan', () => {
  test('shows what would happen before anything is written, and applying it does just that', async () => {
    await using opened = await openService();
    await opened.takeOver(m3u(['a', 'Alpha', A], ['b', 'Beta', B], ['c', 'Gamma', C]));

    const plan = await planned(opened, text(m3u(['b', 'Beta', B], ['a', 'Alpha', `${A}?new`], ['d', 'Delta', C])));
    expect(plan.counts).toEqual({ added: 1, changed: 1, removed: 1, unchanged: 1, merged: 0 });
    expect(plan.rowsOf().map(({ change, id, detail }) => [change, id, detail?.text ?? ''])).toEqual([
      ['unchanged', 'ch_b', ''],
      ['changed', 'ch_a', 'New address.'],
      ['added', 'ch_d', ''],
      ['removed', 'ch_c', 'No longer in the list.'],
    ]);
    expect(plan.rowsOf({ change: 'added' })).toMatchObject([{ name: 'Delta' }]);
    expect(plan.rowsOf({ search: 'ALPH' })).toMatchObject([{ name: 'Alpha' }]);
    expect(await opened.names()).toEqual(['Alpha', 'Beta', 'Gamma']);

    expect(await plan.apply()).toMatchObject({ added: 1, changed: 1, removed: 1, unchanged: 1 });
    expect(await opened.names()).toEqual(['Beta', 'Alpha', 'Delta']);
  });

  test('shows what would happen for the groups that are chosen, and the last choice holds', async () => {
    await using opened = await openService();
    const list = (extra = '') =>
      `#EXTM3U\n#EXTINF:-1 group-title="News",Alpha\n${A}\n#EXTINF:-1 group-title="Sport",Beta\n${B}\n${extra}`;
    await opened.takeOver(list());

    const plan = await planned(opened, text(list(`#EXTINF:-1 group-title="Films",Gamma\n${C}\n`)));
    expect(plan.counts).toMatchObject({ added: 1, unchanged: 2, removed: 0 });
    const [, last] = await Promise.all([plan.narrow(['Films']), plan.narrow(['News', 'Films'])]);
    expect(last.counts).toEqual({ added: 1, changed: 0, removed: 1, unchanged: 1, merged: 0 });
    expect(plan.rowsOf().map(({ change, name }) => [change, name])).toEqual([
      ['unchanged', 'Alpha'],
      ['added', 'Gamma'],
      ['removed', 'Beta'],
    ]);
    expect(await opened.names()).toEqual(['Alpha', 'Beta']);
    expect(await plan.apply(['News', 'Films'])).toMatchObject({ added: 1, changed: 0, removed: 1, unchanged: 1 });
    expect((await opened.names()).toSorted()).toEqual(['Alpha', 'Gamma']);
  });

  test('makes one channel of the same in several qualities, the first one its name', async () => {
    await using opened = await openService();
    const plan = await planned(
      opened,
      text(m3u(['', 'News HD', A], ['', 'News (1080p)', B], ['', '[4K] news', C], ['', 'News +1', `${A}?1`])),
    );
    expect(plan.counts).toMatchObject({ added: 2, merged: 2 });
    expect(plan.rowsOf({ change: 'merged' })).toMatchObject([
      { name: 'News (1080p)', detail: say('plan.sourceOf', { name: 'News HD' }) },
      { name: '[4K] news' },
    ]);
    await plan.apply();
    expect(await opened.names()).toEqual(['News HD', 'News +1']);
    expect(opened.channels.get('ch_news-hd')?.sources.map(({ url }) => url)).toEqual([A, B, C]);
  });

  test('of another list makes its channels sources of those that are the same', async () => {
    await using opened = await openService();
    await opened.takeOver(m3u(['news.de', 'News HD', A], ['', 'Sport', B]), { name: 'First' });
    const plan = await planned(
      opened,
      text(m3u(['news.de', 'Nachrichten', C], ['', 'Sport FHD', C], ['news.uk', 'News', B]), 'Second'),
    );
    expect(plan.rowsOf().map(({ change, id, detail }) => [change, id, detail?.text ?? ''])).toEqual([
      ['merged', 'ch_news.de', 'Becomes a source of "News HD".'],
      ['merged', 'ch_sport', 'Becomes a source of "Sport".'],
      ['added', 'ch_news.uk', ''],
    ]);
    await plan.apply();
    expect(opened.service.detail('ch_sport').sources).toMatchObject([
      { url: B, listName: 'First' },
      { url: C, listName: 'Second' },
    ]);
    expect(await opened.service.removeList(1)).toEqual({ removed: 0 });
    expect(opened.channels.get('ch_sport')?.sources.map(({ url }) => url)).toEqual([C]);
  });

  test('finds a channel again that somebody has renamed', async () => {
    await using opened = await openService();
    await opened.takeOver(m3u(['', 'News HD', A]));
    await opened.service.save('ch_news-hd', { name: 'Mine', group: 'Best' });
    const plan = await planned(opened, text(m3u(['', 'News HD', B])));
    expect(plan.rowsOf()).toMatchObject([{ change: 'changed', id: 'ch_news-hd', detail: say('plan.address') }]);
  });

  test('takes over the chosen groups only, and a refresh keeps to them', async () => {
    const grouped = (path: string) =>
      ['News', 'Sport', 'Junk']
        .map((group) => `${group},#genre#\n${group} 1,http://p.example/${path}/${group}`)
        .join('\n');
    const { state, fetchList } = changingList(grouped('1'));
    await using opened = await openService({ fetchList });
    const plan = await planned(opened, web);
    expect(plan).toMatchObject({ kind: 'url', before: null });
    expect(plan.groups).toEqual([
      { name: 'News', count: 1 },
      { name: 'Sport', count: 1 },
      { name: 'Junk', count: 1 },
    ]);
    await plan.apply(['News', 'Sport']);
    expect(await opened.names()).toEqual(['News 1', 'Sport 1']);

    Object.assign(state, { text: grouped('2'), etag: '"2"' });
    expect(await opened.service.refresh(1, work)).toMatchObject({ added: 0, changed: 2, removed: 0 });
    expect(await opened.names()).toEqual(['News 1', 'Sport 1']);

    const fewer = await planned(opened, web);
    expect(fewer.before).toEqual({ groups: ['News', 'Sport'], refreshHours: 24 });
    await fewer.apply(['News']);
    expect(await opened.names()).toEqual(['News 1']);
    await (await planned(opened, web)).apply();
    expect((await planned(opened, web)).before).toEqual({ groups: null, refreshHours: 24 });
  });

  test('that is cancelled while it is applied changes nothing', async () => {
    await using opened = await openService();
    const many = Array.from({ length: 20_000 }, (_, at) => `Name ${at},${A}?${at}`).join('\n');
    const plan = await planned(opened, text(many));
    const cancel = new AbortController();
    const applying = opened.service.apply(plan.planId, null, 24, {
      signal: cancel.signal,
      onProgress: (done) => done > 5000 && cancel.abort(),
    });
    await expect(applying).rejects.toThrow('aborted');
    expect(await opened.names()).toEqual([]);
    expect(opened.service.lists()).toEqual([]);
    expect(await opened.service.undo()).toEqual({ what: null });
  });

  test('that was forgotten says what to do', async () => {
    await using opened = await openService();
    const refused = { code: 'BAD_REQUEST', message: 'This preview is no longer there: load the list again.' };
    await expect(opened.service.apply('gone', null, 24, work)).rejects.toMatchObject(refused);
  });

  test('shows no credentials, and neither do the list and its failures', async () => {
    const { state, fetchList } = changingList(m3u(['a', 'Alpha', A]));
    await using opened = await openService({ fetchList });
    const plan = await planned(opened, web);
    await plan.apply();
    state.failure = Object.assign(new Error('connect http://anna:geheim@lists.example'), { code: 'ECONNREFUSED' });
    await expect(opened.service.refresh(1, work)).rejects.toMatchObject({
      message: 'It cannot be read (ECONNREFUSED).',
    });
    expect(JSON.stringify([plan, opened.service.lists(), opened.messages])).not.toContain('geheim');
    expect(opened.service.lists()).toMatchObject([
      { name: 'lists.example', shownOrigin: 'http://lists.example/get.php?username=***&password=***' },
    ]);
  });
});

const entries = fc.array(
  fc.tuple(
    fc.constantFrom('', 'n1', 's1'),
    fc.constantFrom('News', 'News HD', 'Sport', 'Sport 4K', '湖南卫视'),
    fc.constantFrom(A, B, C),
  ),
  { minLength: 1, maxLength: 8 },
);

test('whatever two lists hold, the second is taken over as its plan says, and undoing it puts everything back', async () => {
  await fc.assert(
    fc.asyncProperty(entries, entries, async (first, second) => {
      await using opened = await openService();
      const { service } = opened;
      const state = async () => (await opened.rows()).map(({ id }) => [service.detail(id), opened.channels.get(id)]);
      await opened.takeOver(m3u(...first));
      const before = await state();
      const plan = await planned(opened, text(m3u(...second)));
      const { merged: _merged, ...counts } = plan.counts;
      expect(await plan.apply()).toMatchObject(counts);
      expect(await state()).toHaveLength(counts.added + counts.changed + counts.unchanged);
      await service.undo();
      expect(await state()).toEqual(before);
      await service.undo();
      expect(await state()).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

describe('a refresh', () => {
  test('marks channels that vanished, and unmarks them when they are back', async () => {
    const { state, fetchList } = changingList(m3u(['a', 'Alpha', A], ['b', 'Beta', B]));
    await using opened = await openService({ fetchList });
    await (await planned(opened, web)).apply();

    Object.assign(state, { text: m3u(['a', 'Alpha', A]), etag: '"2"' });
    expect(await opened.service.refresh(1, work)).toMatchObject({ removed: 1, unchanged: 1 });
    expect(await opened.rows({ state: 'gone' })).toMatchObject([{ id: 'ch_b', goneAt: Date.UTC(2026, 10, 22) }]);
    expect(opened.channels.get('ch_b')?.sources).toEqual([{ url: B, headers: {} }]);

    Object.assign(state, { text: m3u(['b', 'Beta', C], ['a', 'Alpha', A]), etag: '"3"' });
    expect(await opened.service.refresh(1, work)).toMatchObject({ added: 0, changed: 1 });
    expect(await opened.rows({ state: 'gone' })).toEqual([]);
    expect(opened.channels.get('ch_b')?.sources).toEqual([{ url: C, headers: {} }]);
  });

  test('asks only for what has changed', async () => {
    const { state, fetchList } = changingList(m3u(['a', 'Alpha', A]));
    await using opened = await openService({ fetchList });
    await (await planned(opened, web)).apply();
    const revision = opened.channels.revision();
    state.text = 'never looked at';
    expect(await opened.service.refresh(1, work)).toMatchObject({ added: 0, changed: 0, removed: 0, unchanged: 1 });
    expect(opened.channels.revision()).toBe(revision);
  });

  test.for([
    ['', 'The list is empty: it names no channels.'],
    ['<!DOCTYPE html><title>Log in</title>', 'This is a web page, not a channel list: has the login expired?'],
    ['PK\u0003\u0004zip', 'This is a compressed file, not a channel list: unpack it first.'],
  ] as const)('that brings %j changes nothing and says why, until it goes well', async ([content, sentence]) => {
    const { state, fetchList } = changingList(m3u(['a', 'Alpha', A]));
    await using opened = await openService({ fetchList });
    await (await planned(opened, web)).apply();

    Object.assign(state, { text: content, etag: '"2"' });
    await expect(opened.service.refresh(1, work)).rejects.toMatchObject({ code: 'BAD_LIST', message: sentence });
    expect(opened.service.lists()).toMatchObject([{ failure: { text: sentence }, channelCount: 1 }]);
    expect(await opened.rows({ state: 'gone' })).toEqual([]);

    Object.assign(state, { text: m3u(['a', 'Alpha', B]) });
    await opened.service.refresh(1, work);
    expect(opened.service.lists()).toMatchObject([{ failure: null }]);
  });

  test('comes by itself when it is due, and an hour after a failure', async () => {
    const { state, fetchList } = changingList(m3u(['a', 'Alpha', A]));
    await using opened = await openService({ fetchList });
    await (await planned(opened, web)).apply();
    const { service, advanceClock } = opened;

    advanceClock(23 * HOUR_MS);
    await service.refreshDue();
    expect(state.fetches).toBe(1);
    advanceClock(HOUR_MS);
    state.failure = new ProxyError('ORIGIN_TIMEOUT', say('origin.silent'));
    await service.refreshDue();
    expect(state.fetches).toBe(2);
    expect(opened.messages.at(-1)).toBe('A list was not refreshed: The provider did not answer in time.');

    advanceClock(HOUR_MS / 2);
    await service.refreshDue();
    expect(state.fetches).toBe(2);
    advanceClock(HOUR_MS / 2);
    state.failure = undefined;
    await service.refreshDue();
    expect(state.fetches).toBe(3);
    expect(service.lists()).toMatchObject([{ failure: null, refreshHours: 24 }]);

    await service.saveList(1, 0);
    advanceClock(1000 * HOUR_MS);
    await service.refreshDue();
    expect(state.fetches).toBe(3);
  });

  test('is due when the clock was set back to before the last one', async () => {
    const { state, fetchList } = changingList(m3u(['a', 'Alpha', A]));
    await using opened = await openService({ fetchList });
    await (await planned(opened, web)).apply();
    opened.advanceClock(-1000 * HOUR_MS);
    await opened.service.refreshDue();
    expect(state.fetches).toBe(2);
    await opened.service.refreshDue();
    expect(state.fetches).toBe(2);
  });

  test('by the schedule does not get in the way of undoing what somebody did', async () => {
    const { state, fetchList } = changingList(m3u(['a', 'Alpha', A]));
    await using opened = await openService({ fetchList });
    await (await planned(opened, web)).apply();
    await opened.service.saveMany(these('ch_a'), { enabled: false });
    Object.assign(state, { text: m3u(['a', 'Alpha', B]), etag: '"2"' });
    opened.advanceClock(24 * HOUR_MS);
    await opened.service.refreshDue();
    expect(await opened.service.undo()).toEqual({ what: say('done.changeMany', { count: 1 }) });
    expect(opened.channels.get('ch_a')).toMatchObject({ enabled: true, sources: [{ url: B }] });
  });

  test('of a pasted list is refused with a sentence', async () => {
    await using opened = await openService();
    await opened.takeOver(m3u(['a', 'Alpha', A]));
    await expect(opened.service.refresh(1, work)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      message: 'This list was not loaded from anywhere: there is nothing to refresh.',
    });
  });
});

test('a local file is taken over again when it changes, gzip or not', async () => {
  await using opened = await openService();
  const path = opened.path('home.m3u.gz');
  await writeFile(path, gzipSync(m3u(['a', 'Alpha', A])));
  await opened.service.start?.();
  await (await planned(opened, { kind: 'file', path })).apply();
  expect(await opened.names()).toEqual(['Alpha']);

  await writeFile(path, gzipSync(m3u(['a', 'Alpha 2', A], ['b', 'Beta', B])));
  await vi.waitFor(async () => expect(await opened.names()).toEqual(['Alpha 2', 'Beta']), 10_000);
});

test('a file that does not exist, a damaged gzip file and one that is endless are told in words', async () => {
  await using opened = await openService();
  const plan = (path: string) => opened.service.plan({ kind: 'file', path }, work);
  await expect(plan(opened.path('none.m3u'))).rejects.toMatchObject({ message: 'The file does not exist.' });

  const damaged = gzipSync(m3u(['a', 'Alpha', A])).subarray(0, 40);
  await writeFile(opened.path('damaged.gz'), damaged);
  const sentence = 'The list is a gzip file that is damaged or larger than 256 MiB.';
  await expect(plan(opened.path('damaged.gz'))).rejects.toMatchObject({ code: 'BAD_LIST', message: sentence });

  await writeFile(opened.path('bomb.gz'), gzipSync(Buffer.alloc(300 * 1024 * 1024), { level: 1 }));
  await expect(plan(opened.path('bomb.gz'))).rejects.toMatchObject({ code: 'BAD_LIST', message: sentence });
});

describe('an Xtream account', () => {
  const account: ListOrigin = {
    kind: 'xtream',
    server: 'http://panel.example:8080',
    username: 'anna',
    password: 'ge/heim',
  };
  const categories = [{ category_id: '1', category_name: 'News' }];
  const streams = [
    {
      num: 5,
      name: 'News [One]',
      stream_id: 101,
      epg_channel_id: 'news.one',
      stream_icon: 'http://l/1.png',
      category_id: '1',
    },
    { num: '6', name: 'Radio', stream_id: '102', epg_channel_id: null, stream_icon: null, category_id: 9 },
    { name: 'broken' },
  ];

  const panel =
    (answers: Record<string, string>): FetchList =>
    (address) => {
      const { origin, pathname, searchParams: query } = new URL(address);
      const isPanel = origin === 'http://panel.example:8080' && pathname === '/player_api.php';
      const isKnown = query.get('username') === 'anna' && query.get('password') === 'ge/heim';
      const answer = isPanel && isKnown ? answers[query.get('action') ?? ''] : undefined;
      return Promise.resolve({ bytes: Buffer.from(answer ?? ''), etag: '', lastModified: '' });
    };

  test('is a list of its live channels', async () => {
    const answers = { get_live_categories: JSON.stringify(categories), get_live_streams: JSON.stringify(streams) };
    await using opened = await openService({ fetchList: panel(answers) });
    const plan = await planned(opened, account);
    expect(plan).toMatchObject({ name: 'panel.example:8080', counts: { added: 2 }, skippedCount: 1 });
    await plan.apply();
    expect(opened.channels.get('ch_news.one')).toMatchObject({
      ...{ name: 'News [One]', number: 5, group: 'News', logo: 'http://l/1.png', tvgId: 'news.one' },
      sources: [{ url: 'http://panel.example:8080/live/anna/ge%2Fheim/101.m3u8', headers: {} }],
    });
    expect(opened.channels.get('ch_radio')).toMatchObject({ number: 6, group: '', logo: '' });
    expect(JSON.stringify(opened.service.lists())).not.toMatch(/anna|heim/);

    answers.get_live_streams = JSON.stringify(streams.slice(0, 1));
    expect(await opened.service.refresh(1, work)).toMatchObject({ removed: 1, unchanged: 1 });
  });

  test.for([
    ['{"user_info":{"auth":0}}', 'The server does not accept this user name and password.'],
    ['[]', 'The account has no live channels.'],
    ['<html>', 'The server does not answer like an Xtream Codes panel.'],
    ['[{"name":"cut off', 'The server does not answer like an Xtream Codes panel.'],
    ['', 'The server does not answer like an Xtream Codes panel.'],
  ] as const)('whose panel answers %j is refused in words', async ([answer, sentence]) => {
    await using opened = await openService({
      fetchList: panel({ get_live_categories: '[]', get_live_streams: answer }),
    });
    await expect(opened.service.plan(account, work)).rejects.toMatchObject({ code: 'BAD_LIST', message: sentence });
  });
});

describe('over HTTP', () => {
  async function serve(answer: RequestListener) {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = createOriginClient({ connectionsPerHost: 4, now: Date.now });
    const deps = {
      origin,
      now: Date.now,
      random: Math.random,
      onHidden: () => undefined,
      userAgent: 'VLC',
      lanHosts: [],
    };
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.m3u`,
      fetchList: ((address, known) => fetchListIfChanged(deps, address, known)) satisfies FetchList,
      async [Symbol.asyncDispose]() {
        await origin.close();
        server.closeAllConnections();
        server.close();
      },
    };
  }

  test.for([
    ['if-none-match', { ETag: '"v1"', 'Last-Modified': 'Sun, 22 Nov 2026 10:00:00 GMT' }, '"v1"'],
    ['if-modified-since', { 'Last-Modified': 'Sun, 22 Nov 2026 10:00:00 GMT' }, 'Sun, 22 Nov 2026 10:00:00 GMT'],
  ] as const)('an unchanged list is not sent again (%s)', async ([condition, headers, value]) => {
    const statuses: number[] = [];
    await using origin = await serve((request, response) => {
      const status = request.headers[condition] === value ? 304 : 200;
      statuses.push(status);
      response.writeHead(status, headers).end(status === 304 ? undefined : m3u(['a', 'Alpha', A]));
    });
    await using opened = await openService({ fetchList: origin.fetchList });
    await (await planned(opened, { kind: 'url', url: origin.url })).apply();
    expect(await opened.service.refresh(1, work)).toMatchObject({ changed: 0, unchanged: 1 });
    expect(statuses).toEqual([200, 304]);
  });

  test('a body that never ends is left, and nothing is changed', async () => {
    const piece = Buffer.alloc(1024 * 1024, '#\n');
    await using origin = await serve((_request, response) => {
      const send = (): void => {
        while (!response.destroyed && response.write(piece));
        response.once('drain', send);
      };
      send();
    });
    await using opened = await openService({ fetchList: origin.fetchList });
    await expect(opened.service.plan({ kind: 'url', url: origin.url }, work)).rejects.toMatchObject({
      code: 'ORIGIN_TOO_LARGE',
    });
    expect(opened.service.lists()).toEqual([]);
  });

  test('loading stops when somebody cancels it', async () => {
    await using origin = await serve((_request, response) => void response.write('#EXTM3U\n'));
    await using opened = await openService({ fetchList: origin.fetchList });
    const cancel = new AbortController();
    const planning = opened.service.plan({ kind: 'url', url: origin.url }, { ...work, signal: cancel.signal });
    cancel.abort();
    await expect(planning).rejects.toThrow('aborted');
  });
});
