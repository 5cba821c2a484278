import { hash } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ChannelService } from '../../../main/channels/channel-service.ts';
import { ChannelQuery, type ChannelSelection } from '../../../shared/contract.ts';
import { openService, these, type OpenedService } from './opened-service.ts';

const CHANNELS = 100_000;
const QUERY = ChannelQuery.parse({});
const ALL: Extract<ChannelSelection, { kind: 'matching' }> = {
  ...{ kind: 'matching', search: '', group: null, state: 'all', except: [] },
};
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
  await timed('1,000 off', () => service.saveMany(these(...some), { enabled: false }));
  await timed('1,000 to the end', () => service.move(these(...some), null));
  await timed('1,000 back among the others', () => service.move(these(...some.toReversed()), 'ch_id50000'));
  await timed('2,500 into another group', () => service.renameGroup('Group 7', 'Seven'));
  await timed('1,000 removed', () => service.remove(these(...some)));
  for (let step = 1; step <= 6; step += 1) await timed(`undo ${step}`, () => service.undo());
  expect(await opened.names({ limit: 3 })).toEqual(['Sport 0', 'News 7919', 'Kino 15838']);

  const before = await state(opened);
  for (const { name, operate, check } of ON_ALL) {
    const answer = await timed(name, () => operate(service));
    await timed(`first page after that`, () => opened.names());
    await timed(`groups after that`, () => Promise.resolve(service.groups()));
    await check(opened, answer);
    await timed(`${name}, undone`, () => service.undo());
    expect(await state(opened)).toEqual(before);
  }
  console.log(JSON.stringify(figures, undefined, 1));
}, 180_000);

type OnAll = {
  name: string;
  operate: (service: ChannelService) => Promise<unknown>;
  check: (opened: OpenedService, answer: unknown) => Promise<void>;
};

/** What people do to all channels at once, and what is so afterwards. */
const ON_ALL: readonly OnAll[] = [
  {
    name: 'all sorted by name',
    operate: (service) => service.sort('name'),
    check: async (opened) => expect(await opened.names({ limit: 2 })).toEqual(['Canal 1', 'Canal 11']),
  },
  {
    name: 'all sorted by group',
    operate: (service) => service.sort('group'),
    check: async (opened) =>
      expect((await opened.rows({ limit: 2 })).map(({ id }) => id)).toEqual(['ch_id0', 'ch_id40']),
  },
  {
    name: 'all sorted by number',
    operate: async (service) => {
      await service.save('ch_id99999', { number: 1 });
      await service.sort('number');
    },
    check: async (opened) => {
      expect((await opened.rows({ limit: 2 })).map(({ id }) => id)).toEqual(['ch_id99999', 'ch_id0']);
      await opened.service.undo();
    },
  },
  {
    name: 'all into one group',
    operate: (service) => service.saveMany(ALL, { group: 'All' }),
    check: async ({ service }, answer) => {
      expect(answer).toEqual({ changed: CHANNELS });
      expect(service.groups()).toEqual([{ name: 'All', count: CHANNELS }]);
    },
  },
  {
    name: 'all off',
    operate: (service) => service.saveMany(ALL, { enabled: false }),
    check: async ({ channels }, answer) => {
      expect(answer).toEqual({ changed: CHANNELS });
      expect(channels.count()).toBe(0);
    },
  },
  {
    name: 'all favourites',
    operate: (service) => service.saveMany(ALL, { favourite: true }),
    check: async ({ service }) => expect(service.query({ ...QUERY, state: 'favourite' }).total).toBe(CHANNELS),
  },
  {
    name: 'all but one removed',
    operate: (service) => service.remove({ ...ALL, except: ['ch_id5'] }),
    check: async (opened, answer) => {
      expect(answer).toEqual({ removed: CHANNELS - 1 });
      expect((await opened.rows()).map(({ id }) => id)).toEqual(['ch_id5']);
      expect(opened.channels.get('ch_id6')).toBeUndefined();
      expect(opened.service.lists()).toMatchObject([{ channelCount: 1 }]);
    },
  },
  {
    name: 'all but one moved before that one',
    operate: (service) => service.move({ ...ALL, except: ['ch_id0'] }, 'ch_id0'),
    check: async (opened, answer) => {
      expect(answer).toEqual({ moved: CHANNELS - 1 });
      const ends = [await opened.rows({ limit: 1 }), await opened.rows({ offset: CHANNELS - 1 })];
      expect(ends.flat().map(({ id }) => id)).toEqual(['ch_id1', 'ch_id0']);
    },
  },
  {
    name: 'all that a search finds moved to the end',
    operate: (service) => service.move({ ...ALL, search: 'sport' }, null),
    check: async (opened, answer) => {
      expect(answer).toEqual({ moved: CHANNELS / 10 });
      expect(await opened.names({ limit: 1 })).toEqual(['News 7919']);
      expect(await opened.names({ offset: CHANNELS - 1 })).toEqual([expect.stringMatching(/^Sport /)]);
    },
  },
  {
    name: 'a group of 100,000 renamed',
    operate: async (service) => {
      await service.saveMany(ALL, { group: 'All' });
      return service.renameGroup('All', 'Everything');
    },
    check: async ({ service }, answer) => {
      expect(answer).toEqual({ changed: CHANNELS });
      expect(service.groups()).toEqual([{ name: 'Everything', count: CHANNELS }]);
      await service.undo();
    },
  },
];

/** Everything about the channels that operations on all of them change. */
async function state({ service, channels }: OpenedService) {
  const exported = await service.exportM3u('original');
  const favourites = service.query({ ...QUERY, state: 'favourite' }).total;
  return { exported: hash('sha256', exported.text), favourites, enabled: channels.count(), groups: service.groups() };
}

/** Notes how long something took, and the longest that the event loop was kept from anything else. */
function stopwatch(figures: Record<string, string>) {
  const delay = monitorEventLoopDelay({ resolution: 2 });
  delay.enable();
  return async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    await sleep(100);
    delay.reset();
    // It measures from one tick to the next, and forgets the last one too.
    await sleep(10);
    const startedAt = performance.now();
    const result = await work();
    const tookMs = performance.now() - startedAt;
    await sleep(10);
    figures[name] = `${Math.round(tookMs)} ms, blocked ${Math.round(delay.max / 1e6)} ms`;
    return result;
  };
}
