import * as z from 'zod';

const percent = z.number().min(0).max(100);

/** How the synthetic origin behaves. Everything can be changed while it runs. */
export const OriginSettings = z.strictObject({
  /** Size of a segment of the first variant; the next ones have a third, a fifth, ... */
  segmentBytes: z.number().default(1_500_000),
  segmentSeconds: z.number().default(2),
  /** How many segments a media playlist lists. */
  windowSegments: z.number().default(6),
  variants: z.number().default(2),
  /** How many segments behind the window are still served; null: all that ever were. */
  keptSegments: z.number().nullable().default(null),
  /** Before the status line of a segment, and of a playlist. */
  latencyMs: z.number().default(0),
  playlistLatencyMs: z.number().default(0),
  /** Between a segment's headers and its first byte. */
  firstByteDelayMs: z.number().default(0),
  /** Pace of each segment body; null: as fast as it goes. */
  bytesPerSecond: z.number().nullable().default(null),
  /** Share of segment requests that are answered 503, cut by a reset in the middle, or pause there for `stallMs`. */
  percent503: percent.default(0),
  percentReset: percent.default(0),
  percentStall: percent.default(0),
  stallMs: z.number().default(10_000),
  /** Share of playlist requests that are answered 503. */
  percentPlaylist503: percent.default(0),
  /** Segments answer with a redirect to a second port and a signed token. */
  redirect: z.boolean().default(false),
  /** Playlists carry signed segment URLs, other ones are refused; the token changes on every refresh. */
  signedUrls: z.boolean().default(false),
  tokenTtlMs: z.number().default(10_000),
  /** Which requests fail is a function of this, the path and the attempt, so that runs repeat and retries may succeed. */
  seed: z.number().default(1),
});
export type OriginSettings = z.infer<typeof OriginSettings>;

const OriginRequest = z.object({
  path: z.string(),
  host: z.enum(['main', 'redirected']),
  status: z.number(),
  bodyBytes: z.number(),
  aborted: z.boolean(),
  startedAtMs: z.number(),
  /** Null when no byte of a body was sent. */
  firstByteAtMs: z.number().nullable(),
  /** Null while it lasts. */
  endedAtMs: z.number().nullable(),
});
/** One request as the origin saw it. Times are wall clock, comparable with other processes of the machine. */
export type OriginRequest = z.infer<typeof OriginRequest>;

const counts = z.record(z.string(), z.number());

/** What the origin has seen since it started or was last reset. */
export const OriginStats = z.object({
  requests: z.number(),
  playlists: z.number(),
  segments: z.number(),
  bodyBytes: z.number(),
  aborted: z.number(),
  connections: z.number(),
  openConnections: z.number(),
  maxOpenConnections: z.number(),
  byStatus: counts,
  faults: counts,
  byPath: z.record(z.string(), z.object({ requests: z.number(), open: z.number(), maxOpen: z.number() })),
  /** The newest few thousand. */
  log: z.array(OriginRequest),
});
export type OriginStats = z.infer<typeof OriginStats>;

/** What a test or a load may do to an origin, be it in this process or in another. */
export type OriginControl = {
  /** Where it listens, without a slash at the end. */
  url: string;
  configure: (changes: Partial<OriginSettings>) => Promise<void>;
  stats: () => Promise<OriginStats>;
  resetStats: () => Promise<void>;
};

/** The multivariant playlist of one of its channels. */
export function channelUrl(originUrl: string, channel: number): string {
  return `${originUrl}/live/${channel}/master.m3u8`;
}

/** Upstream fetches of segments: how many there were, and of how many different ones. */
export function countSegmentFetches(stats: OriginStats): { fetches: number; distinct: number } {
  const segments = Object.entries(stats.byPath).filter(([path]) => path.endsWith('.ts'));
  return {
    fetches: segments.reduce((sum, [, { requests }]) => sum + requests, 0),
    distinct: segments.length,
  };
}
