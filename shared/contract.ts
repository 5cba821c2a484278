import * as z from 'zod';
import { Channel, ChannelId, ChannelOptions, Source } from './channel.ts';
import { System } from './firewall.ts';
import { Sentence } from './sentence.ts';
import { Settings } from './settings.ts';
import { HistoryRange, HistorySample, Snapshot, Time, Viewer } from './stats.ts';

/*
 * Everything the window can ask of the relay, and everything the relay tells it: over Electron's IPC or the control port, the
 * same. A command is added in two places, here and in main/control/handlers.ts; forgetting the second does not compile.
 */

/** A failure as the window shows it: `sentence` is for people, `code` for telling failures apart, `field` for forms. */
export const Failure = z.object({ code: z.string(), sentence: Sentence, field: z.string().optional() });
export type Failure = z.infer<typeof Failure>;

/** The answer to a command. A value and not an exception, because only messages cross a process border. */
export type Reply<Output> = { ok: true; value: Output } | { ok: false; error: Failure };

const Empty = z.object({});
const Page = { offset: z.number().int().min(0).default(0), limit: z.number().int().min(1).max(1000).default(100) };
/** As many as a selection may name one by one; of more than that it says what they have in common. */
const MAX_NAMED_CHANNELS = 20_000;

/** A row of the table of channels. */
export const ChannelRow = Channel.omit({ sources: true, attributes: true, options: true }).extend({
  favourite: z.boolean(),
  notes: z.string(),
  sourceCount: z.number().int(),
  /** When its list no longer named it; null while it does. */
  goneAt: Time.nullable(),
  health: z.enum(['unknown', 'plays', 'warning', 'broken']),
  /** The last diagnosis in one sentence; null when there was none. */
  healthSentence: Sentence.nullable(),
});
export type ChannelRow = z.infer<typeof ChannelRow>;

/** A channel with all there is to edit. */
export const ChannelDetail = ChannelRow.extend({
  attributes: Channel.shape.attributes,
  options: ChannelOptions,
  sources: z.array(
    Source.extend({ listName: z.string(), priority: z.number().int(), successRate: z.number().nullable() }),
  ),
  /** The path of its playlist below a relay's address. */
  path: z.string(),
});
export type ChannelDetail = z.infer<typeof ChannelDetail>;

/** What is to change of a channel; what is not named stays. */
export const ChannelEdit = z
  .object({
    name: z.string().trim().min(1).max(300),
    number: z.number().int().min(0).max(1_000_000).nullable(),
    group: z.string().trim().max(300),
    logo: z.string().max(4000),
    tvgId: z.string().trim().max(300),
    enabled: z.boolean(),
    favourite: z.boolean(),
    notes: z.string().max(10_000),
    options: ChannelOptions,
    sources: z.array(Source).min(1).max(50),
  })
  .partial();
export type ChannelEdit = z.infer<typeof ChannelEdit>;

export const ChannelQuery = z.object({
  search: z.string().max(300).default(''),
  /** Null: all groups. */
  group: z.string().nullable().default(null),
  state: z.enum(['all', 'enabled', 'disabled', 'favourite', 'gone', 'broken']).default('all'),
  sort: z.enum(['position', 'name', 'number', 'group']).default('position'),
  descending: z.boolean().default(false),
  ...Page,
});
export type ChannelQuery = z.infer<typeof ChannelQuery>;

/** The longest list or backup that a command takes: some 300,000 channels. Whoever carries commands has to let that through. */
export const MAX_TEXT_CHARACTERS = 128 * 1024 * 1024;

/** Which channels a table shows. */
export const ChannelFilter = ChannelQuery.pick({ search: true, group: true, state: true });
export type ChannelFilter = z.infer<typeof ChannelFilter>;

/** Channels to do something with: these, or all that a filter lets through except some. */
export const ChannelSelection = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ids'), ids: z.array(ChannelId).min(1).max(MAX_NAMED_CHANNELS) }),
  ChannelFilter.extend({
    kind: z.literal('matching'),
    except: z.array(ChannelId).max(MAX_NAMED_CHANNELS).default([]),
  }),
]);
export type ChannelSelection = z.infer<typeof ChannelSelection>;

/** Where a list of channels comes from. */
export const ListOrigin = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('url'), url: z.url({ protocol: /^https?$/ }) }),
  /** A local file that is watched. */
  z.object({ kind: z.literal('file'), path: z.string().min(1) }),
  /** Pasted, dropped or uploaded. */
  z.object({ kind: z.literal('text'), name: z.string().min(1).max(300), text: z.string().max(MAX_TEXT_CHARACTERS) }),
  z.object({
    kind: z.literal('xtream'),
    server: z.url({ protocol: /^https?$/ }),
    username: z.string().min(1),
    password: z.string().min(1),
  }),
]);
export type ListOrigin = z.infer<typeof ListOrigin>;

/** A list that channels came from. */
export const ListRow = z.object({
  id: z.number().int(),
  name: z.string(),
  kind: z.enum(['url', 'file', 'text', 'xtream', 'manual']),
  /** With credentials masked. */
  shownOrigin: z.string(),
  channelCount: z.number().int(),
  refreshedAt: Time.nullable(),
  /** Hours between refreshes; 0: never by itself. */
  refreshHours: z.number().int().min(0),
  /** Why the last refresh changed nothing; null when it went well. */
  failure: Sentence.nullable(),
});
export type ListRow = z.infer<typeof ListRow>;

/** The programme guide that TVs get, put together from those that the lists name. */
export const Guide = z.object({
  /** How many guides the lists name. */
  sources: z.number().int(),
  /** How many of them could not be loaded or read the last time. */
  failed: z.number().int(),
  channels: z.number().int(),
  programmes: z.number().int(),
  /** Null before it was put together. */
  builtAt: Time.nullable(),
  /** Its path below a relay's address. */
  path: z.string(),
});
export type Guide = z.infer<typeof Guide>;

export const PlanChange = z.enum(['added', 'changed', 'removed', 'unchanged', 'merged']);
export type PlanChange = z.infer<typeof PlanChange>;

/** What taking over a list would do; nothing is written yet. */
export const ImportPlan = z.object({
  planId: z.string(),
  name: z.string(),
  kind: z.enum(['url', 'file', 'text', 'xtream']),
  /** How the same list was taken over the last time, its groups null where all were wanted; null: it never was. */
  before: z.object({ groups: z.array(z.string()).nullable(), refreshHours: z.number().int() }).nullable(),
  counts: z.record(PlanChange, z.number().int()),
  groups: z.array(z.object({ name: z.string(), count: z.number().int() })),
  skipped: z.array(z.object({ line: z.number().int(), reason: Sentence })),
  skippedCount: z.number().int(),
});
export type ImportPlan = z.infer<typeof ImportPlan>;

const PlanRow = z.object({
  change: PlanChange,
  id: z.string(),
  name: z.string(),
  group: z.string(),
  logo: z.string(),
  detail: Sentence.nullable(),
});

export const ImportReport = z.object({
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
  unchanged: z.number().int(),
  skippedCount: z.number().int(),
  durationMs: z.number(),
});
export type ImportReport = z.infer<typeof ImportReport>;

/** What is known of a source after trying it. */
export const Diagnosis = z.object({
  verdict: z.enum(['plays', 'warning', 'broken']),
  /** In words: `Plays: 4 variants up to 1920x1080, AES-128.` */
  sentence: Sentence,
  /** What was seen, in order. */
  findings: z.array(Sentence),
  checkedAt: Time,
  /** Headers with which it plays when it does not with its own. */
  betterHeaders: z.record(z.string(), z.string()).nullable(),
  source: z.number().int(),
});
export type Diagnosis = z.infer<typeof Diagnosis>;

export const LogLine = z.object({
  id: z.number().int(),
  at: Time,
  level: z.enum(['debug', 'info', 'warn', 'error']),
  text: z.string(),
  /** Other fields of the line, as JSON. */
  detail: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

export const Operation = z.object({ id: z.number().int(), at: Time, who: z.string(), what: Sentence });
export type Operation = z.infer<typeof Operation>;

/** An address of this machine, best for TVs first. */
export const LanAddress = z.object({
  address: z.string(),
  interfaceName: z.string(),
  url: z.string(),
  /** Why it ranks where it does: `The way to the internet.`, `A virtual machine's network.` */
  reason: Sentence,
  isRecommended: z.boolean(),
});
export type LanAddress = z.infer<typeof LanAddress>;

export const SelfTest = z.object({
  verdict: z.enum(['reachable', 'loopback-only', 'port-in-use', 'firewall-suspected', 'no-network']),
  sentence: Sentence,
  addresses: z.array(z.object({ url: z.string(), answers: z.boolean(), sentence: Sentence })),
  /** Devices of the network that have come in since the start. */
  devicesSeen: z.number().int(),
  /** Where TVs connect, and whose firewall may be in the way. */
  port: z.number().int(),
  system: System,
});
export type SelfTest = z.infer<typeof SelfTest>;

/** Progress of long work, by the task id that the caller chose. */
export const Progress = z.object({
  taskId: z.string(),
  done: z.number().int(),
  total: z.number().int().nullable(),
  text: Sentence,
});
export type Progress = z.infer<typeof Progress>;

/** How the program stands to newer versions of itself. */
export const UpdateState = z.discriminatedUnion('kind', [
  /** `build`: made without a feed. `package`: of a kind that cannot replace itself. `headless`: updated like any server. */
  z.object({ kind: z.literal('off'), reason: z.enum(['build', 'package', 'headless']) }),
  /** As new as can be, as far as is known. */
  z.object({ kind: z.literal('idle'), checkedAt: Time.nullable() }),
  z.object({ kind: z.literal('checking') }),
  z.object({ kind: z.literal('available'), version: z.string() }),
  z.object({ kind: z.literal('downloading'), version: z.string(), percent: z.number().int() }),
  /** Downloaded, to be installed by a restart. */
  z.object({ kind: z.literal('ready'), version: z.string() }),
  z.object({ kind: z.literal('failed'), step: z.enum(['check', 'signature', 'download']) }),
]);
export type UpdateState = z.infer<typeof UpdateState>;

const TaskId = z.string().min(1).max(100);

/** The settings that the window may see and change: all but the sealing key. */
export const EditableSettings = Settings.omit({ sealingKey: true, version: true });
export type EditableSettings = z.infer<typeof EditableSettings>;

/** What is to change of the settings; what is not named stays, so its default must not come in for it. */
export const SettingsEdit = z.object(withoutDefaults(EditableSettings.shape)).partial();
export type SettingsEdit = z.infer<typeof SettingsEdit>;

type WithoutDefault<Field> = Field extends z.ZodDefault<infer Inner> ? Inner : Field;

function withoutDefaults<Shape extends z.ZodRawShape>(
  shape: Shape,
): { [Name in keyof Shape]: WithoutDefault<Shape[Name]> } {
  const fields = Object.entries(shape).map(([name, field]) => [
    name,
    field instanceof z.ZodDefault ? field.unwrap() : field,
  ]);
  return Object.fromEntries(fields) as { [Name in keyof Shape]: WithoutDefault<Shape[Name]> };
}

export const commands = {
  'app.snapshot': { input: Empty, output: Snapshot },
  'app.pause': { input: z.object({ paused: z.boolean() }), output: Empty },

  'channels.query': { input: ChannelQuery, output: z.object({ total: z.number().int(), rows: z.array(ChannelRow) }) },
  'channels.groups': { input: Empty, output: z.array(z.object({ name: z.string(), count: z.number().int() })) },
  'channels.get': { input: z.object({ id: ChannelId }), output: ChannelDetail },
  'channels.add': {
    input: z.object({
      name: z.string().trim().max(300).default(''),
      group: z.string().max(300).default(''),
      source: Source,
    }),
    output: ChannelDetail,
  },
  'channels.save': { input: z.object({ id: ChannelId, edit: ChannelEdit }), output: ChannelDetail },
  'channels.saveMany': {
    input: z.object({
      selection: ChannelSelection,
      edit: ChannelEdit.pick({ group: true, enabled: true, favourite: true }),
    }),
    output: z.object({ changed: z.number().int() }),
  },
  'channels.remove': {
    input: z.object({ selection: ChannelSelection }),
    output: z.object({ removed: z.number().int() }),
  },
  /** Moves channels, in the order given or as they stand, before another one; null: to the end. */
  'channels.move': {
    input: z.object({ selection: ChannelSelection, beforeId: ChannelId.nullable() }),
    output: z.object({ moved: z.number().int() }),
  },
  'channels.sort': { input: z.object({ by: z.enum(['name', 'number', 'group']) }), output: Empty },
  'channels.renameGroup': {
    input: z.object({ from: z.string(), to: z.string().trim().max(300) }),
    output: z.object({ changed: z.number().int() }),
  },
  /** Takes back the last change of channels; `what` says which, null when there is none. */
  'channels.undo': { input: Empty, output: z.object({ what: Sentence.nullable() }) },

  'lists.all': { input: Empty, output: z.array(ListRow) },
  'lists.plan': { input: z.object({ origin: ListOrigin, taskId: TaskId }), output: ImportPlan },
  'lists.planRows': {
    input: z.object({
      planId: z.string(),
      change: PlanChange.nullable().default(null),
      group: z.string().nullable().default(null),
      search: z.string().default(''),
      ...Page,
    }),
    output: z.object({ total: z.number().int(), rows: z.array(PlanRow) }),
  },
  /** Plans again for these groups only; null: for all. The counts and rows of the plan are those from then on. */
  'lists.narrow': {
    input: z.object({ planId: z.string(), groups: z.array(z.string()).nullable() }),
    output: ImportPlan.pick({ counts: true }),
  },
  /** `groups`: only these; null: all. */
  'lists.apply': {
    input: z.object({
      planId: z.string(),
      groups: z.array(z.string()).nullable().default(null),
      refreshHours: z.number().int().min(0).max(8760).default(24),
      taskId: TaskId,
    }),
    output: ImportReport,
  },
  'lists.refresh': { input: z.object({ id: z.number().int(), taskId: TaskId }), output: ImportReport },
  'lists.save': {
    input: z.object({ id: z.number().int(), refreshHours: z.number().int().min(0).max(8760) }),
    output: ListRow,
  },
  'lists.remove': { input: z.object({ id: z.number().int() }), output: z.object({ removed: z.number().int() }) },
  'lists.export': {
    input: z.object({ urls: z.enum(['relay', 'original']) }),
    output: z.object({ fileName: z.string(), text: z.string() }),
  },

  'guide.get': { input: Empty, output: Guide },
  /** Loads all guides again. */
  'guide.refresh': { input: Empty, output: Guide },

  'backup.create': {
    input: z.object({ passphrase: z.string().max(1000).default('') }),
    output: z.object({ fileName: z.string(), text: z.string() }),
  },
  'backup.restore': {
    input: z.object({ text: z.string().max(MAX_TEXT_CHARACTERS), passphrase: z.string().max(1000).default('') }),
    output: z.object({ channels: z.number().int() }),
  },

  'health.check': { input: z.object({ id: ChannelId, source: z.number().int().min(0).default(0) }), output: Diagnosis },
  /** Tries an address before it becomes a channel. */
  'health.checkSource': { input: z.object({ source: Source }), output: Diagnosis },
  'health.checkMany': {
    input: z.object({ selection: ChannelSelection, taskId: TaskId }),
    output: z.object({ checked: z.number().int(), broken: z.number().int() }),
  },
  'health.applyHeaders': {
    input: z.object({ id: ChannelId, source: z.number().int().min(0), headers: Source.shape.headers }),
    output: ChannelDetail,
  },

  'settings.get': { input: Empty, output: EditableSettings },
  'settings.save': {
    input: z.object({ settings: SettingsEdit }),
    output: z.object({ settings: EditableSettings, restarted: z.boolean() }),
  },
  'redis.test': { input: z.object({ url: z.string() }), output: z.object({ ok: z.boolean(), sentence: Sentence }) },
  'cache.clear': { input: Empty, output: Empty },

  'stats.history': {
    input: z.object({ range: HistoryRange, channelId: ChannelId.nullable().default(null) }),
    output: z.object({ stepSeconds: z.number(), samples: z.array(HistorySample) }),
  },
  'viewers.query': { input: z.object(Page), output: z.object({ total: z.number().int(), rows: z.array(Viewer) }) },
  'viewers.rename': { input: z.object({ id: z.string(), name: z.string().trim().max(100) }), output: Empty },

  /** Newest first; `before`: only lines with a smaller id. */
  'log.query': {
    input: z.object({
      level: LogLine.shape.level.default('info'),
      text: z.string().default(''),
      from: Time.nullable().default(null),
      to: Time.nullable().default(null),
      before: z.number().int().nullable().default(null),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    output: z.object({ rows: z.array(LogLine) }),
  },
  'operations.query': {
    input: z.object({
      before: z.number().int().nullable().default(null),
      limit: z.number().int().min(1).max(1000).default(200),
    }),
    output: z.object({ rows: z.array(Operation) }),
  },

  'network.addresses': { input: Empty, output: z.array(LanAddress) },
  'network.selfTest': { input: Empty, output: SelfTest },

  'updates.get': { input: Empty, output: UpdateState },
  'updates.check': { input: Empty, output: UpdateState },
  'updates.download': { input: Empty, output: UpdateState },
  /** Ends the app, installs what was downloaded, and starts it again. */
  'updates.restart': { input: Empty, output: UpdateState },

  'tasks.cancel': { input: z.object({ taskId: TaskId }), output: Empty },
} as const;

export type Commands = typeof commands;
export type CommandName = keyof Commands;
/** What a caller gives: what has a default may be left out. */
export type CommandInput<Name extends CommandName> = z.input<Commands[Name]['input']>;
/** What a handler gets: checked, defaults filled in. */
export type CommandArguments<Name extends CommandName> = z.output<Commands[Name]['input']>;
export type CommandOutput<Name extends CommandName> = z.output<Commands[Name]['output']>;

/** What the relay tells without being asked. */
export const events = { snapshot: Snapshot, progress: Progress, log: LogLine, updates: UpdateState } as const;
export type EventName = keyof typeof events;
export type EventValue<Name extends EventName> = z.output<(typeof events)[Name]>;
