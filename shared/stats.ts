import * as z from 'zod';
import { Sentence } from './sentence.ts';

/** Milliseconds since 1970. */
export const Time = z.number().int().nonnegative();

/** Body bytes that flowed: from the providers, and to the TVs. */
export const Flow = z.object({ fromSource: z.number(), toClients: z.number() });
export type Flow = z.infer<typeof Flow>;

/** Bytes since the start, and rates in bytes per second over the last 1 and 10 seconds. */
export const Traffic = z.object({ totalBytes: Flow, bytesPerSecond: Flow, bytesPerSecond10: Flow });
export type Traffic = z.infer<typeof Traffic>;

/** How requests for segments and keys were answered since the start. */
export const CacheOutcomes = z.object({
  hitMemory: z.number(),
  hitRedis: z.number(),
  coalesced: z.number(),
  miss: z.number(),
  /** Fetched before anybody asked, and then asked for, or not. */
  prefetchUsed: z.number(),
  prefetchUnused: z.number(),
  /** Failures of an origin that no TV noticed. */
  hiddenErrors: z.number(),
});
export type CacheOutcomes = z.infer<typeof CacheOutcomes>;

/** Nothing has been asked for yet. */
export const NO_OUTCOMES: Readonly<CacheOutcomes> = {
  hitMemory: 0,
  hitRedis: 0,
  coalesced: 0,
  miss: 0,
  prefetchUsed: 0,
  prefetchUnused: 0,
  hiddenErrors: 0,
};

/** A device and what it watches. */
export const Viewer = z.object({
  /** Address and player; stable while the device keeps them. */
  id: z.string(),
  address: z.string(),
  /** The name that the user gave it, else what its User-Agent says in words (`Samsung TV`, `VLC`). */
  device: z.string(),
  userAgent: z.string(),
  channelId: z.string(),
  channelName: z.string(),
  /** When it began to watch this channel. */
  since: Time,
  lastSeen: Time,
  isActive: z.boolean(),
  bytesPerSecond: z.number(),
  totalBytes: z.number(),
  /** Segments that it got later than they play. */
  stalls: z.number().int(),
});
export type Viewer = z.infer<typeof Viewer>;

/** Something that is wrong, in words, and what to do about it. */
export const Problem = z.object({
  code: z.string(),
  severity: z.enum(['warning', 'error']),
  sentence: Sentence,
  channelId: z.string().nullable(),
});
export type Problem = z.infer<typeof Problem>;

/** The whole state that the window shows live, pushed once a second. */
export const Snapshot = z.object({
  at: Time,
  status: z.enum(['starting', 'running', 'paused', 'stopping', 'failed']),
  version: z.string(),
  startedAt: Time,
  relayPort: z.number().int(),
  /** `http://192.168.1.20:8787`, best first. */
  lanUrls: z.array(z.string()),
  channelCount: z.number().int(),
  /** Another number after every change of channels and lists, whoever made it. */
  channelsRevision: z.number().int(),
  traffic: Traffic,
  /** Channels through which something flowed in the last 10 s, or that somebody watches. */
  channels: z.array(z.object({ id: z.string(), name: z.string(), viewers: z.number().int(), traffic: Traffic })),
  viewers: z.array(Viewer),
  cache: z.object({
    memoryBytes: z.number(),
    memoryLimitBytes: z.number(),
    memoryEntries: z.number().int(),
    /** `redis`, `embedded`, or `embedded: why not Redis`. */
    store: z.string(),
    storeBytes: z.number().nullable(),
    outcomes: CacheOutcomes,
  }),
  problems: z.array(Problem),
  refusedClients: z.number().int(),
});
export type Snapshot = z.infer<typeof Snapshot>;

/** Ranges of the bandwidth graph, and the seconds between two of their samples. */
export const HISTORY_STEP_SECONDS = { '10m': 1, '2h': 10, '30d': 300 } as const;
export const HistoryRange = z.enum(['10m', '2h', '30d']);
export type HistoryRange = z.infer<typeof HistoryRange>;

/** Bytes that flowed in the step that ends at `at`. */
export const HistorySample = z.object({ at: Time, ...Flow.shape });
export type HistorySample = z.infer<typeof HistorySample>;
