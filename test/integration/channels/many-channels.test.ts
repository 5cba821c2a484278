import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openService, type OpenedService } from './opened-service.ts';

const CHANNELS = 100_000;
const WORDS = ['Sport', 'News', 'Kino', 'Kids', 'Docu', 'Music', '湖南卫视', '中央电视台', 'Первый', 'Canal'];

const LIST = Array.from({ length: CHANNELS }, (_, at) => {
  const attributes = `tvg-id="id${at}" tvg-logo="http://l/${at}.png" group-title="Group ${at % 40}"`;
  return `#EXTINF:-1 ${attributes},${WORDS[at % 10]} ${(at * 7919) % CHANNELS}\nhttp://x.example/live/u/p/${at}.m3u8\n`;
}).join('');

test('all that people do works with 100,000 channels; how long it took and what waited meanwhile is printed', async () => {
  await using opened = await openService();
  const { service } = opened;
  const figures: Record<string, string> = {};
  const timed = stopwatch(figures);

  await timed('plan and apply', () => opened.takeOver(LIST));
  await timed('first page', () => opened.names());
  await timed('page 900', () => opened.names({ offset: 90_000 }));
  await timed('by name', () => opened.names({ sort: 'name', descending: true }));
  await timed('by group', () => opened.names({ sort: 'group', offset: 50_000 }));
  expect(await timed('search, rare', () => opened.names({ search: '99999' }))).toHaveLength(1);
  expect(await timed('search, Chinese', () => opened.names({ search: '卫视' }))).toHaveLength(100);
  await timed('search in a group', () => opened.names({ search: '7', group: 'Group 7', sort: 'name' }));
  await timed('groups', () => Promise.resolve(service.groups()));
  await timed('lists', () => Promise.resolve(service.lists()));

  const some = (await opened.rows({ limit: 1000 })).map(({ id }) => id);
  const [first = ''] = some;
  await timed('save', () => service.save(first, { name: 'Mine' }));
  await timed('1,000 off', () => service.saveMany(some, { enabled: false }));
  await timed('1,000 to the end', () => service.move(some, null));
  await timed('1,000 into one gap', () => service.move(some.toReversed(), 'ch_id50000'));
  await timed('2,500 into another group', () => service.renameGroup('Group 7', 'Seven'));
  await timed('1,000 removed', () => service.remove(some));
  for (let step = 1; step <= 6; step += 1) await timed(`undo ${step}`, () => service.undo());
  expect(await opened.names({ limit: 3 })).toEqual(['Sport 0', 'News 7919', 'Kino 15838']);

  const all = await allIds(opened);
  await timed('all sorted', () => service.sort('name'));
  expect(await opened.names({ limit: 2 })).toEqual(['Canal 1', 'Canal 11']);
  await timed('all into one group', () => service.saveMany(all, { group: 'All' }));
  await timed('undo that', () => service.undo());
  await timed('undo sorting', () => service.undo());
  expect(await allIds(opened)).toEqual(all);
  expect(service.groups()).toHaveLength(40);
  console.log(JSON.stringify(figures));
}, 180_000);

async function allIds({ service }: OpenedService): Promise<string[]> {
  const ids: string[] = [];
  const query = { search: '', group: null, state: 'all', sort: 'position', descending: false, limit: 1000 } as const;
  while (ids.length < CHANNELS) {
    const { rows } = await service.query({ ...query, offset: ids.length });
    ids.push(...rows.map(({ id }) => id));
  }
  return ids;
}

/** Notes how long something took, and the longest that the event loop was kept from anything else. */
function stopwatch(figures: Record<string, string>) {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  return async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    await sleep(100);
    delay.reset();
    const startedAt = performance.now();
    const result = await work();
    const tookMs = performance.now() - startedAt;
    await sleep(10);
    figures[name] = `${Math.round(tookMs)} ms, blocked ${Math.round(delay.max / 1e6)} ms`;
    return result;
  };
}
