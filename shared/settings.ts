import * as z from 'zod';

const port = z.number().int().min(0).max(65_535);

/** A name of ours, 32 random bytes long: made at the first start, never shown. */
const key = z.base64url().length(43);

/**
 * Everything a user can set, with its default. One `App` is made from one value and never sees it change.
 */
export const Settings = z.object({
  version: z.literal(1).default(1),

  /** Where TVs connect. */
  host: z.string().min(1).default('0.0.0.0'),
  port: port.default(8787),

  /** Bytes of responses kept in memory. */
  memoryCacheMiB: z.number().int().min(16).max(65_536).default(256),
  /** Bytes the embedded store may hold when there is no Redis. */
  embeddedStoreMiB: z.number().int().min(8).max(65_536).default(64),
  /** A Redis to share the cache with other relays (`redis://[user:password@]host[:port][/db]`); empty: none. */
  redisUrl: z.string().default(''),

  /** What providers see, unless a channel says otherwise: the player that most of them let in. */
  userAgent: z.string().min(1).max(500).default('VLC/3.0.21 LibVLC/3.0.21'),
  /** TCP connections per origin host. */
  connectionsPerHost: z.number().int().min(1).max(256).default(16),
  /** Channels that may be pulled from one provider host at the same time; 0: as many as are watched. */
  streamsPerHost: z.number().int().min(0).max(1000).default(0),
  /** Host names that are on the LAN although they look public (a NAS under a domain of your own). */
  lanHosts: z.array(z.string()).default([]),
  /** Fetch the newest segments before a TV asks for them. */
  prefetch: z.boolean().default(true),
  /** Try all channels at night, one after the other, while nobody watches. */
  nightlyCheck: z.boolean().default(false),

  /** Who may connect besides the private ranges, and who may not at all; CIDR. */
  allow: z.array(z.union([z.cidrv4(), z.cidrv6()])).default([]),
  deny: z.array(z.union([z.cidrv4(), z.cidrv6()])).default([]),

  /** The address handed out to TVs; empty: the best one found. */
  lanAddress: z.union([z.literal(''), z.ipv4()]).default(''),
  /** Asked for in list URLs (`/tv?key=...`) of those who want it; empty: none. */
  accessKey: z
    .string()
    .regex(/^[\w-]{0,64}$/)
    .default(''),
  /** An HTTP proxy that everything from providers goes through; empty: none. */
  upstreamProxy: z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).default(''),
  /** Announce `hearthcast.local` on the LAN. */
  announce: z.boolean().default(true),

  language: z.enum(['auto', 'en', 'zh']).default('auto'),
  theme: z.enum(['auto', 'light', 'dark']).default('auto'),
  startAtLogin: z.boolean().default(false),
  closeToTray: z.boolean().default(true),
  /** Keep the computer awake while somebody watches, and only then. */
  keepAwake: z.boolean().default(true),

  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  sealingKey: key,
});
export type Settings = z.infer<typeof Settings>;
