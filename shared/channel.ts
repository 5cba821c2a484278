import * as z from 'zod';

/** One upstream of a channel. */
export const Source = z.object({
  url: z.string(),
  /** Request headers that the origin wants with everything of this source, by canonical name (`User-Agent`, `Referer`, ...). */
  headers: z.record(z.string(), z.string()),
});
export type Source = z.infer<typeof Source>;

/** A source as a channel has it. */
export const RankedSource = Source.extend({
  /** Lower ones are tried first; equal ones in the order of their success, then as they stand. */
  priority: z.number().int().optional(),
});
export type RankedSource = z.infer<typeof RankedSource>;

/** `ch_` and a readable slug: the path component of a channel's URLs. The same on every import and every machine. */
export const ChannelId = z.string().regex(/^ch_[a-z0-9._-]{1,128}$/);

/** Which variant of a multivariant playlist TVs get: all of them, or just one for TVs that choose badly. */
export const Quality = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({ kind: z.literal('highest') }),
  z.object({ kind: z.literal('lowest') }),
  /** The best one within the limit; the lowest where none is. */
  z.object({ kind: z.literal('at-most'), bitsPerSecond: z.number().int().positive() }),
]);
export type Quality = z.infer<typeof Quality>;

/** How one channel is played, where it differs from the settings. */
export const ChannelOptions = z.object({
  quality: Quality.default({ kind: 'all' }),
  /** Wrap a lone media playlist in a multivariant one, for players that insist. */
  wrap: z.boolean().default(false),
  /** `auto`: the query tells segments apart only where the playlist needs it. `query`: always. */
  cacheKey: z.enum(['auto', 'query']).default('auto'),
  /** `null`: as the settings say. */
  prefetch: z.boolean().nullable().default(null),
});
export type ChannelOptions = z.infer<typeof ChannelOptions>;

/** A channel as the relay plays it and the lists name it. */
export const Channel = z.object({
  id: ChannelId,
  name: z.string(),
  number: z.number().int().nullable(),
  group: z.string(),
  logo: z.string(),
  tvgId: z.string(),
  enabled: z.boolean(),
  /** The list's other attributes (`tvg-name`, `catchup`, `catchup-source`, ...), as written there. */
  attributes: z.record(z.string(), z.string()),
  options: ChannelOptions.prefault({}),
  /** In order of preference; never empty. */
  sources: z.array(RankedSource).min(1),
});
export type Channel = z.infer<typeof Channel>;
