import type { DatabaseSync } from 'node:sqlite';
import type { Source } from '../../shared/channel.ts';
import type {
  ChannelDetail,
  ChannelEdit,
  ChannelQuery,
  ChannelRow,
  CommandArguments,
  CommandOutput,
  ImportPlan,
  ImportReport,
  ListOrigin,
  ListRow,
} from '../../shared/contract.ts';
import { keepSentence, type Sentence } from '../../shared/sentence.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Part } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { createBackup, type RestoredBackup } from './backup.ts';
import { addChannel, removeChannels, saveChannel, saveChannels, type CommonEdit } from './channel-edits.ts';
import { moveChannels, orderChannels } from './channel-order.ts';
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
  query(query: ChannelQuery): Promise<{ total: number; rows: ChannelRow[] }>;
  groups(): { name: string; count: number }[];
  detail(id: string): ChannelDetail;
  add(channel: { name: string; group: string; source: Source }): Promise<ChannelDetail>;
  save(id: string, edit: ChannelEdit): Promise<ChannelDetail>;
  saveMany(ids: readonly string[], edit: CommonEdit): Promise<{ changed: number }>;
  remove(ids: readonly string[]): Promise<{ removed: number }>;
  move(ids: readonly string[], beforeId: string | null): Promise<void>;
  sort(by: 'name' | 'number' | 'group'): Promise<void>;
  renameGroup(from: string, to: string): Promise<{ changed: number }>;
  undo(): Promise<{ what: string | null }>;

  lists(): ListRow[];
  plan(origin: ListOrigin, work: LongWork): Promise<ImportPlan>;
  planRows(query: CommandArguments<'lists.planRows'>): CommandOutput<'lists.planRows'>;
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

  function keyOf(writer: DatabaseSync, id: string): number {
    const key = writer.prepare('SELECT key FROM channels WHERE id = ?').get(id)?.['key'];
    if (key === undefined) throw unknownChannel();
    return Number(key);
  }

  async function add(channel: { name: string; group: string; source: Source }): Promise<ChannelDetail> {
    const id = await channels.write({
      run: (writer) => addChannel(writer, channel),
      what: () => `Added ${channel.name || 'a channel'}.`,
    });
    return table.detail(id);
  }

  async function save(id: string, edit: ChannelEdit): Promise<ChannelDetail> {
    const { name } = table.detail(id);
    await channels.write({ run: (writer) => saveChannel(writer, id, edit), what: () => `Changed ${name}.` });
    return table.detail(id);
  }

  async function saveMany(ids: readonly string[], edit: CommonEdit): Promise<{ changed: number }> {
    const changed = await channels.write({
      run: (writer, signal) => saveChannels(writer, ids, edit, signal),
      what: (count) => `Changed ${channelCount(count)}.`,
    });
    return { changed };
  }

  async function remove(ids: readonly string[]): Promise<{ removed: number }> {
    const removed = await channels.write({
      run: (writer, signal) => removeChannels(writer, ids, signal),
      what: (count) => `Removed ${channelCount(count)}.`,
    });
    return { removed };
  }

  async function move(ids: readonly string[], beforeId: string | null): Promise<void> {
    await channels.write({
      run: (writer, signal) =>
        moveChannels(writer, {
          keys: [...new Set(ids)].map((id) => keyOf(writer, id)),
          beforeKey: beforeId === null ? undefined : keyOf(writer, beforeId),
          signal,
        }),
      what: () => `Moved ${channelCount(ids.length)}.`,
    });
  }

  async function sort(by: 'name' | 'number' | 'group'): Promise<void> {
    await channels.write({
      run: async (writer, signal) => orderChannels(writer, await table.inOrder(by), signal),
      what: () => `Sorted the channels by ${by}.`,
    });
  }

  async function renameGroup(from: string, to: string): Promise<{ changed: number }> {
    const changed = await channels.write({
      run: (writer, signal) => {
        const rows = writer.prepare('SELECT id FROM channels WHERE group_title = ?').all(from);
        return saveChannels(
          writer,
          rows.map((row) => String(row['id'])),
          { group: to },
          signal,
        );
      },
      what: (count) => `Renamed the group ${from || '(none)'} of ${channelCount(count)}.`,
    });
    return { changed };
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

    lists: lists.all,
    plan: plans.plan,
    planRows: plans.planRows,
    apply: (...call) => afterwards(plans.apply(...call)),
    refresh: (listId, work) => lists.refresh(listId, work, true),
    saveList: lists.save,
    removeList: (listId) => afterwards(lists.remove(listId)),

    exportM3u,
    createBackup: backup.create,
    restoreBackup: (...call) => afterwards(backup.restore(...call)),

    recordHealth: (id, health, sentence) =>
      channels.write({
        run: (writer) => {
          writer
            .prepare('UPDATE channels SET health = ?, health_sentence = ? WHERE id = ?')
            .run(health, keepSentence(sentence), id);
        },
      }),
  };
}

function channelCount(count: number): string {
  return count === 1 ? 'a channel' : `${count} channels`;
}
