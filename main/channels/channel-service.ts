import type { Source } from '../../shared/channel.ts';
import type {
  ChannelDetail,
  ChannelEdit,
  ChannelQuery,
  ChannelRow,
  ChannelSelection,
  CommandArguments,
  CommandOutput,
  ImportPlan,
  ImportReport,
  ListOrigin,
  ListRow,
} from '../../shared/contract.ts';
import { keepSentence, type Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { createBackup, type RestoredBackup } from './backup.ts';
import type { Moment } from './arrangement-store.ts';
import {
  addChannel,
  arrangeChannels,
  moveChannels,
  orderChannels,
  saveChannel,
  type CommonEdit,
} from './channel-edits.ts';
import { keysMatching, selectedKeys } from './channel-selection.ts';
import { createChannelTable, unknownChannel } from './channel-table.ts';
import { inSlices } from './in-slices.ts';
import { writeM3u, writeOriginalM3u } from './list-export.ts';
import { createListLibrary } from './list-library.ts';
import type { FetchList } from './list-origin.ts';
import { createListPlans } from './list-plans.ts';
import { createListSchedule } from './list-schedule.ts';
import type { LongWork } from './long-work.ts';
import type { ChannelRepository } from './repository.ts';

const EXPORT_PAGE = 200;

/**
 * Everything the window does with channels and lists; a method for each command of the contract. Started, it also keeps up with the
 * lists: those from the web on their schedule, local files when they change.
 * All of them throw a ProxyError with a sentence for people, and have then changed nothing.
 */
export type ChannelService = Part & {
  query(query: ChannelQuery): { total: number; rows: ChannelRow[] };
  groups(): { name: string; count: number }[];
  detail(id: string): ChannelDetail;
  add(channel: { name: string; group: string; source: Source }): Promise<ChannelDetail>;
  save(id: string, edit: ChannelEdit): Promise<ChannelDetail>;
  saveMany(selection: ChannelSelection, edit: CommonEdit): Promise<{ changed: number }>;
  remove(selection: ChannelSelection): Promise<{ removed: number }>;
  move(selection: ChannelSelection, beforeId: string | null): Promise<{ moved: number }>;
  sort(by: 'name' | 'number' | 'group'): Promise<void>;
  renameGroup(from: string, to: string): Promise<{ changed: number }>;
  undo(): Promise<{ what: Sentence | null }>;
  /** The ids of selected channels, as they stand or in the order given. */
  idsOf(selection: ChannelSelection): Promise<string[]>;

  lists(): ListRow[];
  plan(origin: ListOrigin, work: LongWork): Promise<ImportPlan>;
  planRows(query: CommandArguments<'lists.planRows'>): CommandOutput<'lists.planRows'>;
  narrow(planId: string, groups: readonly string[] | null): Promise<Pick<ImportPlan, 'counts'>>;
  apply(planId: string, groups: readonly string[] | null, refreshHours: number, work: LongWork): Promise<ImportReport>;
  refresh(listId: number, work: LongWork): Promise<ImportReport>;
  /** Refreshes the lists whose time has come; never rejects. */
  refreshDue(): Promise<void>;
  saveList(listId: number, refreshHours: number): Promise<ListRow>;
  removeList(listId: number): Promise<{ removed: number }>;

  exportM3u(urls: 'relay' | 'original'): Promise<{ fileName: string; text: string }>;
  /** An empty passphrase: without anything secret. */
  createBackup(passphrase: string, settings: Settings): Promise<{ fileName: string; text: string }>;
  /** @param intend see `Backup` */
  restoreBackup(
    text: string,
    passphrase: string,
    intend?: (restored: RestoredBackup) => Promise<number>,
  ): Promise<RestoredBackup>;

  /** Keeps the outcome of a check for the table; no edit, and not undone. */
  recordHealth(id: string, health: ChannelRow['health'], sentence: Sentence): Promise<void>;
};

export type ChannelServiceDeps = {
  channels: ChannelRepository;
  /** Loads a list, or a document of an Xtream panel, from the web; rejects with a ProxyError. */
  fetchList: FetchList;
  /** The path of a channel's playlist below a relay's address. */
  playlistPath: (channelId: string) => string;
  /** The path of the programme guide; undefined while no list names one. */
  guidePath: () => string | undefined;
  /** The address that TVs reach this relay at, without a slash at the end. */
  relayUrl: () => string;
  /** How often a source has played of late, 0 to 1; undefined: not known. */
  successRate: (channelId: string, url: string) => number | undefined;
  log: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
};

export function createChannelService({
  channels,
  fetchList,
  playlistPath,
  guidePath,
  relayUrl,
  successRate,
  log,
  now,
}: ChannelServiceDeps): ChannelService {
  const table = createChannelTable({ channels, playlistPath, successRate });
  const plans = createListPlans({ channels, fetchList, now });
  const lists = createListLibrary({ channels, fetchList, now });
  const schedule = createListSchedule({ lists, channels, log, now });
  const backup = createBackup({ channels, now });

  function keyOf({ database, arrangement }: Moment, id: string): number {
    const key = Number(database.prepare('SELECT key FROM channels WHERE id = ?').get(id)?.['key']);
    if (!arrangement.has(key)) throw unknownChannel();
    return key;
  }

  async function add(channel: { name: string; group: string; source: Source }): Promise<ChannelDetail> {
    const id = await channels.write({
      run: (moment) => addChannel(moment, channel),
      what: () => (channel.name === '' ? say('done.addOne') : say('done.add', { name: channel.name })),
    });
    return table.detail(id);
  }

  async function save(id: string, edit: ChannelEdit): Promise<ChannelDetail> {
    const { name } = table.detail(id);
    await channels.write({ run: (moment) => saveChannel(moment, id, edit), what: () => say('done.change', { name }) });
    return table.detail(id);
  }

  async function saveMany(selection: ChannelSelection, edit: CommonEdit): Promise<{ changed: number }> {
    const changed = await channels.write({
      run: async (moment, signal) =>
        arrangeChannels(moment.arrangement, await selectedKeys(moment, selection, signal), edit),
      what: (count) => say('done.changeMany', { count }),
    });
    return { changed };
  }

  async function remove(selection: ChannelSelection): Promise<{ removed: number }> {
    const removed = await channels.write({
      run: async (moment, signal) => {
        const keys = await selectedKeys(moment, selection, signal);
        moment.arrangement.remove(keys);
        return keys.length;
      },
      what: (count) => say('did.remove', { count }),
    });
    return { removed };
  }

  async function move(selection: ChannelSelection, beforeId: string | null): Promise<{ moved: number }> {
    const moved = await channels.write({
      run: async (moment, signal) => {
        const keys = await selectedKeys(moment, selection, signal);
        const beforeKey = beforeId === null ? undefined : keyOf(moment, beforeId);
        await moveChannels(moment, { keys, beforeKey, signal });
        return keys.length;
      },
      what: (count) => say('did.move', { count }),
    });
    return { moved };
  }

  async function sort(by: 'name' | 'number' | 'group'): Promise<void> {
    await channels.write({
      run: (moment) => orderChannels(moment, table.inOrder(moment, by)),
      what: () => say('did.sort', { by: say(`field.${by}`) }),
    });
  }

  async function renameGroup(from: string, to: string): Promise<{ changed: number }> {
    const changed = await channels.write({
      run: (moment) => {
        const keys = keysMatching(moment, moment.arrangement.order, { search: '', group: from, state: 'all' });
        return arrangeChannels(moment.arrangement, keys, { group: to });
      },
      what: (count) => say('did.renameGroup', { from: from || say('group.none'), to: to || say('group.none'), count }),
    });
    return { changed };
  }

  async function idsOf(selection: ChannelSelection): Promise<string[]> {
    const moment = channels.reader();
    const keys = await selectedKeys(moment, selection);
    const idOf = moment.database.prepare('SELECT id FROM channels WHERE key = ?');
    const ids: string[] = [];
    await inSlices(keys, (key) => {
      const id = idOf.get(key)?.['id'];
      if (id !== undefined) ids.push(String(id));
    });
    return ids;
  }

  async function afterwards<Result>(work: Promise<Result>): Promise<Result> {
    const result = await work;
    schedule.listsChanged();
    return result;
  }

  async function exportM3u(urls: 'relay' | 'original'): Promise<{ fileName: string; text: string }> {
    const chunks = urls === 'relay' ? relayed() : writeOriginalM3u(channels.pagesWithSource(EXPORT_PAGE));
    const parts: string[] = [];
    await inSlices(chunks, (chunk) => parts.push(chunk));
    return { fileName: urls === 'relay' ? 'hearthcast.m3u' : 'hearthcast-original.m3u', text: parts.join('') };
  }

  function relayed(): Generator<string> {
    const base = relayUrl();
    const guide = guidePath();
    return writeM3u({
      pages: channels.pages(EXPORT_PAGE),
      urlOf: ({ id }) => base + playlistPath(id),
      guideUrl: guide === undefined ? undefined : base + guide,
    });
  }

  return {
    ...schedule,
    query: table.query,
    groups: table.groups,
    detail: table.detail,
    add,
    save,
    saveMany,
    remove,
    move,
    sort,
    renameGroup,
    undo: async () => ({ what: await afterwards(channels.undo()) }),
    idsOf,

    lists: lists.all,
    plan: plans.plan,
    planRows: plans.planRows,
    narrow: plans.narrow,
    apply: (...call) => afterwards(plans.apply(...call)),
    refresh: (listId, work) => lists.refresh(listId, work, true),
    saveList: lists.save,
    removeList: (listId) => afterwards(lists.remove(listId)),

    exportM3u,
    createBackup: backup.create,
    restoreBackup: (...call) => afterwards(backup.restore(...call)),

    recordHealth: (id, health, sentence) =>
      channels.write({
        run: ({ database }) => {
          database
            .prepare('UPDATE channels SET health = ?, health_sentence = ? WHERE id = ?')
            .run(health, keepSentence(sentence), id);
        },
      }),
  };
}
