import { fileURLToPath } from 'node:url';
import type { Handlers } from '../../main/control/dispatch.ts';
import { createEvents } from '../../main/control/events.ts';
import { createTasks } from '../../main/control/tasks.ts';
import { ProxyError } from '../../main/errors.ts';
import { silentLogger } from '../../main/log.ts';
import { ChannelOptions } from '../../shared/channel.ts';
import {
  EditableSettings,
  type ChannelDetail,
  type ChannelFilter,
  type ChannelRow,
  type ChannelSelection,
  type Diagnosis,
  type ImportPlan,
  type ListRow,
  type LogLine,
  type Operation,
  type Progress,
  type SelfTest,
  type UpdateState,
} from '../../shared/contract.ts';
import { foreign, type Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import {
  HISTORY_STEP_SECONDS,
  type HistorySample,
  type Problem,
  type Snapshot,
  type Viewer,
} from '../../shared/stats.ts';
import { startControlServer, type TestControlServer } from './control-server.ts';
import { emptySnapshot } from './snapshot.ts';

/*
 * A household for looking at the window: the real control port, and behind it channels, TVs and traffic that exist in memory
 * only. It shows every state of the window at once, which a real relay seldom does; that window and relay fit together is
 * shown by the tests against the real one.
 */

export type Household = {
  /** How many channels there are. */
  channels?: number;
  /** How many TVs watch. */
  viewers?: number;
  problems?: readonly Problem[];
  settings?: Partial<EditableSettings>;
  /** How the program stands to newer versions. */
  updates?: UpdateState;
  /** What its self-test says, where it is no good news. */
  selfTest?: Partial<SelfTest>;
  /** What the time is at the start; it goes on from there. */
  now?: () => number;
};

const RENDERER_FOLDER = fileURLToPath(new URL('../../out/renderer', import.meta.url));
const HOUR_MS = 3_600_000;
const LIST_LENGTH = 50_000;
const WORK_STEPS = 40;
const WORK_STEP_MS = 25;
const NEW_VERSION = '1.1.0';

const GROUPS = [
  'News',
  'Documentaries',
  'Sports',
  'Kids',
  'Films',
  'Music',
  'Regional',
  '央视频道',
  '卫视频道',
  'France',
  'Radio',
];
const NAMES = [
  ...[
    'Northern Lights News',
    'City 24',
    'Planet One HD',
    'Wild Coast',
    'Stadium 1',
    'Stadium 2',
    'Little Fox',
    'Cinema Blue',
  ],
  ...[
    'Nachtmusik',
    'Radio Harbour',
    'Télé Rivière',
    'Ocean Deep 4K',
    '山川纪实',
    '晨光新闻',
    'Valley Weather',
    'Old Movies',
  ],
];
const DEVICES = [
  { device: 'Living room TV', address: '192.168.1.31', userAgent: 'Mozilla/5.0 (SMART-TV; Tizen 8.0)' },
  { device: 'Apple TV', address: '192.168.1.34', userAgent: 'AppleCoreMedia/1.0.0.21L569 (Apple TV)' },
  { device: 'VLC', address: '192.168.1.52', userAgent: 'VLC/3.0.21 LibVLC/3.0.21' },
  { device: '卧室电视', address: '192.168.1.77', userAgent: 'okhttp/4.12.0 TiviMate' },
];

/** The window on the real control port, with such a household behind it. Wants `out/renderer` to be built. */
export async function startHousehold(household: Household = {}): Promise<TestControlServer> {
  const state = createState(household);
  const { handlers, snapshot, logListeners, progressListeners, updateListeners } = createHandlers(state);
  const events = createEvents({
    snapshot,
    followLog(listener) {
      logListeners.add(listener);
      return () => logListeners.delete(listener);
    },
    log: silentLogger,
  });
  progressListeners.add((progress) => events.tellProgress(progress));
  updateListeners.add((updates) => events.tellUpdates(updates));
  return startControlServer({ handlers, events, rendererFolder: RENDERER_FOLDER });
}

type State = ReturnType<typeof createState>;

function createState({
  channels = 100_000,
  viewers = 3,
  problems = [],
  settings = {},
  updates = { kind: 'off', reason: 'headless' },
  selfTest = {},
  now = Date.now,
}: Household) {
  const startedAt = now();
  return {
    now,
    startedAt: startedAt - 26 * HOUR_MS,
    channels: Array.from({ length: channels }, (_, index) => createChannel(index, startedAt)),
    viewers: DEVICES.slice(0, viewers).map((device, index) => createViewer(device, index, startedAt)),
    lists: channels === 0 ? [] : createLists(channels, startedAt),
    problems,
    settings: EditableSettings.parse({ ...settings }),
    updates,
    selfTest,
    paused: false,
    undo: undefined as { what: string; channels: ChannelRow[] } | undefined,
    log: Array.from({ length: 800 }, (_, index) => createLogLine(800 - index, startedAt - index * 7_000)),
    operations: createOperations(startedAt),
    plans: new Map<string, ImportPlan>(),
  };
}

function createHandlers(state: State) {
  const logListeners = new Set<(line: LogLine) => void>();
  const progressListeners = new Set<(progress: Progress) => void>();
  const updateListeners = new Set<(state: UpdateState) => void>();
  const tasks = createTasks({
    tell: (progress) => progressListeners.forEach((tell) => tell(progress)),
    steady: Date.now,
  });
  const find = (id: string): ChannelRow => {
    const row = state.channels.find((channel) => channel.id === id);
    if (row === undefined) throw new ProxyError('UNKNOWN_CHANNEL', foreign('there is no such channel'));
    return row;
  };
  const chosenFrom = (selection: ChannelSelection): Set<string> => {
    if (selection.kind === 'ids') return new Set(selection.ids);
    const found = filterChannels(state.channels, { ...selection, sort: 'position', descending: false });
    const except = new Set(selection.except);
    return new Set(found.map(({ id }) => id).filter((id) => !except.has(id)));
  };
  /** Keeps what there is for one undo. */
  const change = (what: string, channels: ChannelRow[]): void => {
    state.undo = { what, channels: state.channels };
    state.channels = channels;
    state.operations.unshift({ id: state.operations.length + 1, at: state.now(), who: 'window', what: foreign(what) });
  };
  const work = (taskId: string, total: number, text: string, steps = WORK_STEPS): Promise<void> =>
    tasks.run(taskId, async ({ signal, onProgress }) => {
      for (let step = 1; step <= steps; step++) {
        await new Promise((resolve) => setTimeout(resolve, WORK_STEP_MS));
        signal.throwIfAborted();
        onProgress(Math.round((total * step) / steps), total, foreign(text));
      }
    });
  const snapshot = (): Snapshot => createSnapshot(state);
  const become = (updates: UpdateState): UpdateState => {
    state.updates = updates;
    updateListeners.forEach((tell) => tell(updates));
    return updates;
  };

  const handlers: Handlers = {
    'app.snapshot': snapshot,
    'app.pause': ({ paused }) => {
      state.paused = paused;
      return {};
    },

    'channels.query': (query) => {
      const found = filterChannels(state.channels, query);
      return { total: found.length, rows: found.slice(query.offset, query.offset + query.limit) };
    },
    'channels.groups': () => countGroups(state.channels),
    'channels.get': ({ id }) => toDetail(find(id)),
    'channels.add': ({ name, group, source }) => {
      const row = { ...createChannel(state.channels.length, state.now()), name: name || 'New channel', group };
      change(`Added ${row.name}`, [...state.channels, row]);
      return { ...toDetail(row), sources: [{ ...source, listName: '', priority: 0, successRate: null }] };
    },
    'channels.save': ({ id, edit }) => {
      const { options: _, sources: __, ...fields } = edit;
      const saved = { ...find(id), ...(fields as Partial<ChannelRow>) };
      change(
        `Edited ${saved.name}`,
        state.channels.map((row) => (row.id === id ? saved : row)),
      );
      return toDetail(saved);
    },
    'channels.saveMany': ({ selection, edit }) => {
      const chosen = chosenFrom(selection);
      const fields = edit as Partial<ChannelRow>;
      change(
        `Edited ${chosen.size} channels`,
        state.channels.map((row) => (chosen.has(row.id) ? { ...row, ...fields } : row)),
      );
      return { changed: chosen.size };
    },
    'channels.remove': ({ selection }) => {
      const chosen = chosenFrom(selection);
      change(
        `Removed ${chosen.size} channels`,
        state.channels.filter(({ id }) => !chosen.has(id)),
      );
      return { removed: chosen.size };
    },
    'channels.move': ({ selection, beforeId }) => {
      const chosen = chosenFrom(selection);
      const rest = state.channels.filter(({ id }) => !chosen.has(id));
      const at = beforeId === null ? rest.length : rest.findIndex(({ id }) => id === beforeId);
      change(`Moved ${chosen.size} channels`, rest.toSpliced(at, 0, ...[...chosen].map(find)));
      return { moved: chosen.size };
    },
    'channels.sort': ({ by }) => {
      change(
        `Sorted channels by ${by}`,
        state.channels.toSorted((one, other) => compare(one, other, by)),
      );
      return {};
    },
    'channels.renameGroup': ({ from, to }) => {
      const changed = state.channels.filter(({ group }) => group === from).length;
      change(
        `Renamed ${from}`,
        state.channels.map((row) => (row.group === from ? { ...row, group: to } : row)),
      );
      return { changed };
    },
    'channels.undo': () => {
      const { undo } = state;
      if (undo === undefined) return { what: null };
      state.channels = undo.channels;
      state.undo = undefined;
      return { what: foreign(undo.what) };
    },

    'lists.all': () => state.lists,
    'lists.plan': async ({ origin, taskId }) => {
      if (origin.kind === 'url' && origin.url.includes('wrong')) {
        throw new ProxyError('BAD_LIST', foreign('what is at this address is a web page and no list of channels'));
      }
      const isSlow = origin.kind === 'url' && origin.url.includes('slow');
      await work(taskId, LIST_LENGTH, 'Reading the list', isSlow ? 10 * WORK_STEPS * WORK_STEPS : WORK_STEPS);
      const plan = createPlan(`plan-${state.plans.size + 1}`, origin.kind === 'text' ? origin.name : 'premium.m3u');
      state.plans.set(plan.planId, plan);
      return plan;
    },
    'lists.planRows': ({ change: kind, search, offset, limit }) => {
      const total = search === '' ? (PLAN_COUNTS[kind ?? 'added'] ?? 0) : 40;
      const rows = Array.from({ length: Math.min(limit, total - offset) }, (_, index) => {
        const { id, name, group, logo } = createChannel(offset + index, 0);
        const detail = kind === 'changed' ? say('plan.address') : null;
        return { change: kind ?? ('added' as const), id, name, group, logo, detail };
      });
      return { total, rows };
    },
    'lists.narrow': ({ planId, groups }) => {
      const plan = state.plans.get(planId)!;
      const sizeOf = (names: readonly string[]) =>
        plan.groups.reduce((sum, { name, count }) => sum + (names.includes(name) ? count : 0), 0);
      const left = plan.groups.map(({ name }) => name).filter((name) => groups?.includes(name) === false);
      return { counts: { ...PLAN_COUNTS, added: Math.max(0, (PLAN_COUNTS.added ?? 0) - sizeOf(left)) } };
    },
    'lists.apply': async ({ taskId }) => {
      await work(taskId, LIST_LENGTH, 'Writing channels');
      if (state.channels.length === 0) {
        change(
          'Imported a list',
          Array.from({ length: LIST_LENGTH }, (_, index) => createChannel(index, state.now())),
        );
      }
      return { added: LIST_LENGTH, changed: 120, removed: 0, unchanged: 0, skippedCount: 2, durationMs: 1000 };
    },
    'lists.refresh': async ({ taskId }) => {
      await work(taskId, LIST_LENGTH, 'Reading the list');
      return { added: 3, changed: 17, removed: 1, unchanged: LIST_LENGTH, skippedCount: 0, durationMs: 1000 };
    },
    'lists.save': ({ id, refreshHours }) => {
      state.lists = state.lists.map((list) => (list.id === id ? { ...list, refreshHours } : list));
      return state.lists.find((list) => list.id === id)!;
    },
    'lists.remove': ({ id }) => {
      const removed = state.lists.find((list) => list.id === id)?.channelCount ?? 0;
      state.lists = state.lists.filter((list) => list.id !== id);
      return { removed };
    },
    'guide.get': () => GUIDE,
    'guide.refresh': () => GUIDE,
    'lists.export': () => ({ fileName: 'hearthcast.m3u', text: '#EXTM3U\n' }),

    'backup.create': () => ({ fileName: 'hearthcast-backup.json', text: '{}' }),
    'backup.restore': () => ({ channels: state.channels.length }),

    'health.check': ({ id, source }) => diagnose(find(id).health, source, state.now()),
    'health.checkSource': ({ source }) => diagnose(source.url.includes('broken') ? 'broken' : 'plays', 0, state.now()),
    'health.checkMany': async ({ selection, taskId }) => {
      const { size } = chosenFrom(selection);
      await work(taskId, size, 'Checking channels');
      return { checked: size, broken: Math.floor(size / 9) };
    },
    'health.applyHeaders': ({ id }) => toDetail(find(id)),

    'settings.get': () => state.settings,
    'settings.save': ({ settings }) => {
      if (settings.port === 80) throw new ProxyError('PORT_IN_USE', say('relay.portInUse', { port: 80 }));
      state.settings = { ...state.settings, ...(settings as Partial<EditableSettings>) };
      return { settings: state.settings, restarted: settings.port !== undefined };
    },
    'redis.test': ({ url }) =>
      url.includes('6379')
        ? { ok: true, sentence: say('redis.usable') }
        : { ok: false, sentence: say('redis.unusable', { reason: say('redis.nothing') }) },
    'cache.clear': () => ({}),

    'stats.history': ({ range, channelId }) => {
      const stepSeconds = HISTORY_STEP_SECONDS[range];
      const count = range === '30d' ? 8640 : range === '2h' ? 720 : 600;
      return { stepSeconds, samples: createHistory(state, stepSeconds, count, channelId === null ? 1 : 0.4) };
    },
    'viewers.query': ({ offset, limit }) => {
      const rows = [...state.viewers, ...createFormerViewers(state)];
      return { total: rows.length, rows: rows.slice(offset, offset + limit) };
    },
    'viewers.rename': ({ id, name }) => {
      state.viewers = state.viewers.map((viewer) => (viewer.id === id ? { ...viewer, device: name } : viewer));
      return {};
    },

    'log.query': ({ level, text, before, limit, from }) => {
      const rows = state.log.filter(
        (line) =>
          LEVELS.indexOf(line.level) >= LEVELS.indexOf(level) &&
          line.text.toLowerCase().includes(text.toLowerCase()) &&
          (before === null || line.id < before) &&
          (from === null || line.at >= from),
      );
      return { rows: rows.slice(0, limit) };
    },
    'operations.query': ({ limit }) => ({ rows: state.operations.slice(0, limit) }),

    'network.addresses': () => [
      {
        address: '192.168.1.20',
        interfaceName: 'en0',
        url: LAN_URLS[0]!,
        reason: say('address.route'),
        isRecommended: true,
      },
      {
        address: '10.8.0.2',
        interfaceName: 'utun3',
        url: LAN_URLS[1]!,
        reason: say('address.tunnel'),
        isRecommended: false,
      },
    ],
    'network.selfTest': () => ({
      verdict: 'reachable',
      sentence: say('reach.reachable', { count: state.viewers.length }),
      addresses: LAN_URLS.map((url) => ({ url, answers: true, sentence: say('probe.ours') })),
      devicesSeen: state.viewers.length,
      port: 8787,
      system: 'windows',
      ...state.selfTest,
    }),

    'updates.get': () => state.updates,
    'updates.check': () => become({ kind: 'available', version: NEW_VERSION }),
    'updates.download': () => {
      const finish = (): void => void become({ kind: 'ready', version: NEW_VERSION });
      setTimeout(finish, WORK_STEPS * WORK_STEP_MS).unref();
      return become({ kind: 'downloading', version: NEW_VERSION, percent: 42 });
    },
    'updates.restart': () => become({ kind: 'idle', checkedAt: state.now() }),

    'tasks.cancel': ({ taskId }) => {
      tasks.cancel(taskId);
      return {};
    },
  };
  return { handlers, snapshot, logListeners, progressListeners, updateListeners };
}

const LAN_URLS = ['http://192.168.1.20:8787', 'http://10.8.0.2:8787'];
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const PLAN_COUNTS: ImportPlan['counts'] = { added: 48_126, changed: 412, removed: 37, unchanged: 1_338, merged: 96 };
const GROUP_SIZES = [312, 88, 140, 57, 402, 251, 208];

function createChannel(index: number, at: number): ChannelRow {
  const name = NAMES[index % NAMES.length]!;
  const health = index % 23 === 7 ? 'broken' : index % 17 === 5 ? 'warning' : index % 5 === 4 ? 'unknown' : 'plays';
  return {
    id: `ch_channel-${index}`,
    name: index < NAMES.length ? name : `${name} ${Math.floor(index / NAMES.length) + 1}`,
    number: index + 1,
    group: GROUPS[(index * 7) % GROUPS.length]!,
    logo: '',
    tvgId: `channel${index}.example`,
    enabled: index % 29 !== 11,
    favourite: index % 13 === 0,
    notes: '',
    sourceCount: 1 + (index % 3),
    goneAt: index % 31 === 30 ? at - 5 * 24 * HOUR_MS : null,
    health,
    healthSentence: SENTENCES[health],
  };
}

const SENTENCES: Record<ChannelRow['health'], Sentence | null> = {
  unknown: null,
  plays: say('plays.with', { facts: [say('plays.variantsUpTo', { count: 4, most: '1920x1080' }), 'AES-128'] }),
  warning: say('plays.tooSlowly', { length: 6000, time: 7400 }),
  broken: say('status.403'),
};

function toDetail(row: ChannelRow): ChannelDetail {
  return {
    ...row,
    attributes: {},
    options: ChannelOptions.parse({}),
    sources: Array.from({ length: row.sourceCount }, (_, index) => ({
      url: `https://origin${index + 1}.example/live/${row.id}/master.m3u8`,
      headers: index === 0 ? { 'User-Agent': 'VLC/3.0.21' } : {},
      listName: index === 0 ? 'premium.m3u' : '',
      priority: index,
      successRate: index === 0 ? 0.98 : null,
    })),
    path: `/proxy/${row.id}/stream.m3u8`,
  };
}

function filterChannels(
  channels: readonly ChannelRow[],
  query: ChannelFilter & { sort: string; descending: boolean },
): readonly ChannelRow[] {
  const search = query.search.trim().toLowerCase();
  const isAll = search === '' && query.group === null && query.state === 'all';
  const found = isAll ? channels : channels.filter((row) => matches(row, search, query));
  if (query.sort === 'position') return query.descending ? found.toReversed() : found;
  const sorted = found.toSorted((one, other) => compare(one, other, query.sort as 'name' | 'number' | 'group'));
  return query.descending ? sorted.toReversed() : sorted;
}

function matches(row: ChannelRow, search: string, { group, state }: { group: string | null; state: string }): boolean {
  const inState =
    state === 'all' ||
    (state === 'enabled' && row.enabled) ||
    (state === 'disabled' && !row.enabled) ||
    (state === 'favourite' && row.favourite) ||
    (state === 'gone' && row.goneAt !== null) ||
    (state === 'broken' && row.health === 'broken');
  return inState && (group === null || row.group === group) && row.name.toLowerCase().includes(search);
}

function compare(one: ChannelRow, other: ChannelRow, by: 'name' | 'number' | 'group'): number {
  if (by === 'number') return (one.number ?? 0) - (other.number ?? 0);
  return one[by] < other[by] ? -1 : one[by] > other[by] ? 1 : 0;
}

function countGroups(channels: readonly ChannelRow[]): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { group } of channels) counts.set(group, (counts.get(group) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count }));
}

function createViewer(device: (typeof DEVICES)[number], index: number, at: number): Viewer {
  return {
    id: `${device.address} ${device.device}`,
    ...device,
    channelId: `ch_channel-${index * 2}`,
    channelName: NAMES[index * 2]!,
    since: at - (index + 1) * 17 * 60_000,
    lastSeen: at,
    isActive: true,
    bytesPerSecond: 0,
    totalBytes: 3.4e9 / (index + 1),
    stalls: index === 2 ? 2 : 0,
  };
}

function createFormerViewers({ startedAt, viewers }: State): Viewer[] {
  if (viewers.length === 0) return [];
  return ['Kitchen tablet', 'Kodi', 'Samsung TV'].map((device, index) => ({
    ...viewers[0]!,
    id: `former ${index}`,
    device,
    address: `192.168.1.${90 + index}`,
    lastSeen: startedAt + index * HOUR_MS,
    isActive: false,
    totalBytes: 8e8 * (index + 1),
    stalls: 0,
  }));
}

/** From 0 to 1, the same at the same second. */
function noiseAt(seconds: number): number {
  const value = Math.sin(Math.floor(seconds) * 12.9898) * 43_758.5453;
  return value - Math.floor(value);
}

/** Bytes per second at a time: a few TVs in waves, the provider at a third of it. */
function flowAt(at: number, viewers: number): { fromSource: number; toClients: number } {
  const seconds = at / 1000;
  const wave = 1 + 0.2 * Math.sin(seconds / 43) + 0.09 * Math.sin(seconds / 11.3) + 0.14 * (noiseAt(seconds) - 0.5);
  const toClients = Math.round(viewers * 810_000 * wave);
  const share = 0.36 + 0.08 * Math.sin(seconds / 31) + 0.04 * Math.sin(seconds / 3.1);
  return { fromSource: Math.round(toClients * share), toClients };
}

function createHistory(state: State, stepSeconds: number, count: number, part: number): HistorySample[] {
  const now = Math.floor(state.now() / 1000) * 1000;
  return Array.from({ length: count }, (_, index) => {
    const at = now - (count - 1 - index) * stepSeconds * 1000;
    const hour = (at / HOUR_MS) % 24;
    // Days and nights are seen in the longest range only.
    const evening = stepSeconds === 300 ? Math.max(0.04, Math.sin(((hour - 11) / 13) * Math.PI)) : 1;
    const flow = flowAt(at, state.viewers.length * part * evening);
    return { at, fromSource: flow.fromSource * stepSeconds, toClients: flow.toClients * stepSeconds };
  });
}

function createSnapshot(state: State): Snapshot {
  const at = state.now();
  const bytesPerSecond = flowAt(at, state.viewers.length);
  const uptimeSeconds = (at - state.startedAt) / 1000;
  const traffic = {
    bytesPerSecond,
    bytesPerSecond10: flowAt(Math.floor(at / 10_000) * 10_000, state.viewers.length),
    totalBytes: {
      fromSource: Math.round(state.viewers.length * 291_000 * uptimeSeconds),
      toClients: Math.round(state.viewers.length * 810_000 * uptimeSeconds),
    },
  };
  const each = state.viewers.map((viewer, index) => ({
    ...viewer,
    lastSeen: at,
    bytesPerSecond: flowAt(at + index * 7919, 1).toClients,
    totalBytes: viewer.totalBytes + Math.round((at - state.startedAt) * 20),
  }));
  return {
    ...emptySnapshot,
    at,
    status: state.paused ? 'paused' : 'running',
    version: '0.1.0',
    startedAt: state.startedAt,
    relayPort: 8787,
    lanUrls: LAN_URLS,
    channelCount: state.channels.length,
    traffic,
    viewers: each,
    channels: each.map(({ channelId, channelName }, index) => ({
      id: channelId,
      name: channelName,
      viewers: 1,
      traffic: {
        ...traffic,
        bytesPerSecond: flowAt(at + index * 7919, 1),
        bytesPerSecond10: flowAt(at + index * 7919, 1),
      },
    })),
    cache: {
      memoryBytes: 187_000_000,
      memoryLimitBytes: 268_435_456,
      memoryEntries: 412,
      store: 'embedded',
      storeBytes: 41_000_000,
      outcomes: { ...emptySnapshot.cache.outcomes, hitMemory: 81_204, coalesced: 9_120, miss: 31_001, hiddenErrors: 7 },
    },
    problems: [...state.problems],
    refusedClients: 0,
  };
}

function createLists(channels: number, at: number): ListRow[] {
  const list = { channelCount: channels, refreshedAt: at - 3 * HOUR_MS, refreshHours: 24, failure: null };
  return [
    { ...list, id: 1, name: 'premium.m3u', kind: 'url', shownOrigin: 'https://provider.example/get.php?***' },
    {
      ...list,
      id: 2,
      name: 'Community list',
      kind: 'url',
      shownOrigin: 'https://lists.example/all.m3u',
      channelCount: 812,
      failure: say('origin.status', { status: 503 }),
    },
  ];
}

function createPlan(planId: string, name: string): ImportPlan {
  const groups = Array.from({ length: 240 }, (_, index) => ({
    name: `${GROUPS[index % GROUPS.length]!}${index < GROUPS.length ? '' : ` ${Math.floor(index / GROUPS.length) + 1}`}`,
    count: GROUP_SIZES[index % GROUP_SIZES.length]!,
  }));
  const skipped = [{ line: 1207, reason: say('skipped.noAddress') }];
  return { planId, name, kind: 'url', before: null, counts: PLAN_COUNTS, groups, skipped, skippedCount: 1 };
}

function createLogLine(id: number, at: number): LogLine {
  const texts = [
    'Segment 1042 fetched ahead',
    'Living room TV watches Northern Lights News',
    'The playlist of City 24 has not advanced for 18 s',
    'Redis cannot be reached, the built-in store is used',
    'A list was read again: 3 added, 17 changed',
  ];
  const levels = ['debug', 'info', 'warn', 'error', 'info'] as const;
  const detail = '{"url":"https://origin.example/live/anna/secret123/7.ts?token=abc","ms":42}';
  return { id, at, level: levels[id % 5]!, text: texts[id % 5]!, detail };
}

function createOperations(at: number): Operation[] {
  const what = [
    say('did.import', { added: 48_213, changed: 0, removed: 0 }),
    say('did.change', { name: 'City 24', fields: [say('field.name')] }),
    say('did.renameGroup', { from: 'Sport', to: 'Sports', count: 212 }),
    say('did.settings', { fields: [say('field.port')] }),
  ];
  return what.map((sentence, index) => ({
    id: what.length - index,
    at: at - index * HOUR_MS,
    who: 'window',
    what: sentence,
  }));
}

function diagnose(health: ChannelRow['health'], source: number, checkedAt: number): Diagnosis {
  const isBroken = health === 'broken';
  return {
    verdict: health === 'unknown' ? 'plays' : health,
    sentence: SENTENCES[health === 'unknown' ? 'plays' : health] ?? say('status.403'),
    findings: isBroken
      ? [say('seen.answered', { time: 84 }), say('status.403')]
      : [
          say('seen.answered', { time: 84 }),
          say('seen.live', { count: 6, average: 6000, target: 6000 }),
          say('seen.encryption', { methods: 'AES-128' }),
        ],
    checkedAt,
    betterHeaders: isBroken ? { Referer: 'https://origin.example/' } : null,
    source,
  };
}

const GUIDE = {
  sources: 1,
  failed: 0,
  channels: 1204,
  programmes: 96_318,
  builtAt: Date.UTC(2026, 10, 22, 19, 5),
  path: '/guide.xml',
};
