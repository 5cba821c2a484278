import * as z from 'zod';

/** One upstream of a channel. */
export const Source = z.object({
  url: z.string(),
  /** Request headers that the origin wants with everything of this source, by canonical name (`User-Agent`, `Referer`, ...). */
  headers: z.record(z.string(), z.string()),
});
export type Source = z.infer<typeof Source>;

/** A channel as the relay plays it and the lists name it. */
export const Channel = z.object({
  /** `ch_` and a readable slug: the path component of its URLs. The same on every import and every machine. */
  id: z.string().regex(/^ch_[a-z0-9._-]+$/),
  name: z.string(),
  number: z.number().int().nullable(),
  group: z.string(),
  logo: z.string(),
  tvgId: z.string(),
  enabled: z.boolean(),
  /** The list's other attributes (`tvg-name`, `catchup`, `catchup-source`, ...), as written there. */
  attributes: z.record(z.string(), z.string()),
  /** In order of preference; never empty. */
  sources: z.array(Source).min(1),
});
export type Channel = z.infer<typeof Channel>;
