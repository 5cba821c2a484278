import { LRUCache } from 'lru-cache';
import type { Channel as ChannelRecord, Source } from '../../shared/channel.ts';
import type { ByteRange } from '../byte-range.ts';
import { cacheKey } from '../cache/cache-key.ts';
import type { Opened, Outcome, ResponseCache } from '../cache/response-cache.ts';
import { ProxyError } from '../errors.ts';
import { rewriteDocument } from '../hls/documents.ts';
import { describeNonPlaylist } from '../hls/non-playlist.ts';
import { isPlaylist, startsLikePlaylist } from '../hls/playlist.ts';
import type { Reference } from '../hls/reference.ts';
import { rewritePlaylist } from '../hls/rewrite.ts';
import type { Logger } from '../log.ts';
import { reachOfHost } from '../origin/address-guard.ts';
import { createCookies } from '../origin/cookies.ts';
import { fetchDocument, type Document } from '../origin/document.ts';
import { startDownload } from '../origin/download.ts';
import type { Identity, OriginClient } from '../origin/origin-client.ts';
import type { Traffic } from '../stats/traffic.ts';
import { targetDurationMs } from './freshness.ts';
import { LivePlaylist, type LoadedPlaylist } from './live-playlist.ts';
import { upcoming, type Upcoming } from './prefetch.ts';
import { resourceUrl } from './route.ts';
import type { Resource, Sealer } from './sealed-url.ts';

/** What all channels share. */
export type ChannelDeps = {
  origin: OriginClient;
  cache: ResponseCache;
  sealer: Sealer;
  traffic: Traffic;
  log: Logger;
  now: () => number;
  random: () => number;
  userAgent: string;
  /** Fetch the newest segments before a TV asks for them. */
  prefetch: boolean;
  lanHosts: readonly string[];
};

/** A playlist for a TV. */
export type PlaylistAnswer = { body: Buffer; outcome: Outcome };

const MAX_PLAYLIST_BYTES = 8 * 1024 * 1024;
const MAX_PLAYLISTS = 64;
const MAX_POINTERS = 3;
const FIRST_LOAD_PATIENCE_MS = 10_000;
const DOCUMENT_PATIENCE_MS = 4_000;
const SEGMENT_TTL_MS = 5 * 60_000;
/** Keys and documents may change behind their URL. */
const VOLATILE_TTL_MS = 30_000;
/** A playlist loaded this recently has the newest URLs there are. */
const RENEWAL_PAUSE_MS = 1_000;
const EXPIRED_STATUSES = new Set([401, 403, 410]);
const NO_VARIABLES: ReadonlyMap<string, string> = new Map();

/** One channel being relayed: its playlists, and whatever they refer to. */
export class Channel {
  readonly id: string;
  readonly #deps: ChannelDeps;
  readonly #identity: Identity;
  readonly #source: Resource;
  readonly #playlists = new LRUCache<string, LivePlaylist>({ max: MAX_PLAYLISTS });

  constructor(record: ChannelRecord, deps: ChannelDeps) {
    const [source] = record.sources;
    if (source === undefined) throw new ProxyError('UNKNOWN_CHANNEL', 'this channel has no source');
    this.id = record.id;
    this.#deps = deps;
    this.#identity = identityOf(record.id, source, deps);
    this.#source = { kind: 'playlist', url: source.url, keyedByQuery: false, ranged: false, durationSeconds: undefined, variables: NO_VARIABLES };
  }

  /** The channel's own playlist. */
  playlist(directives: string): PlaylistAnswer | Promise<PlaylistAnswer> {
    return answerFrom(this.#sourcePlaylist(directives));
  }

  /** A playlist that another one names. `directives` go to the origin as they are. At once when there is a fresh one. */
  childPlaylist(resource: Resource, directives: string): PlaylistAnswer | Promise<PlaylistAnswer> {
    return answerFrom(this.#livePlaylist(`${this.#keyOf(resource)} ${directives}`, resource, directives));
  }

  /** A segment, part, initialization section or key: there already, or on its way. */
  resource(resource: Resource, range: ByteRange | undefined): Opened {
    const wanted = resource.ranged ? range : undefined;
    const key = cacheKey(this.id, resource.url, resource.keyedByQuery, wanted);
    return this.#deps.cache.open(key, resource.kind === 'segment' ? SEGMENT_TTL_MS : VOLATILE_TTL_MS, (recording) => {
      const download = startDownload(
        { ...this.#deps, onHidden: (error) => this.#logHidden(error) },
        {
          url: resource.url,
          identity: this.#identity,
          range: wanted,
          durationSeconds: resource.durationSeconds,
          renewUrl: () => this.#renewUrl(this.#keyOf(resource), resource.url),
        },
        recording,
      );
      return () => download.abort();
    });
  }

  /** A JSON document or whatever an unknown tag names: rewritten when it holds upstream URLs. */
  document(resource: Resource, directives: string): Opened {
    const key = `${this.#keyOf(resource)} document ${directives}`;
    return this.#deps.cache.open(key, VOLATILE_TTL_MS, (recording) => {
      let isGivenUp = false;
      this.#fetchRewritten(resource, directives).then(
        ({ contentType, body }) => {
          if (isGivenUp) return;
          recording.begin({ contentType, contentEncoding: undefined, etag: undefined, contentLength: body.length, range: undefined }, { pause() {}, resume() {} });
          recording.append(body);
          recording.finish();
        },
        (error: unknown) => recording.fail(error instanceof ProxyError ? error : new ProxyError('ORIGIN_INCONSISTENT', 'this document could not be read', { cause: error })),
      );
      return () => {
        isGivenUp = true;
      };
    });
  }

  /** Apart from the others, because a child may differ from it in the query alone. */
  #sourcePlaylist(directives: string): LivePlaylist {
    return this.#livePlaylist(`source ${directives}`, this.#source, directives);
  }

  #livePlaylist(key: string, resource: Resource, directives: string): LivePlaylist {
    const known = this.#playlists.get(key);
    if (known !== undefined) return known;
    const live = new LivePlaylist({
      url: resource.url,
      now: this.#deps.now,
      load: (url, before) => this.#loadPlaylist({ ...resource, url }, directives, before),
    });
    this.#playlists.set(key, live);
    return live;
  }

  #keyOf({ url, keyedByQuery }: { url: string; keyedByQuery: boolean }): string {
    return cacheKey(this.id, url, keyedByQuery);
  }

  async #loadPlaylist(resource: Resource, directives: string, before: LoadedPlaylist | undefined): Promise<LoadedPlaylist> {
    try {
      return await this.#fetchPlaylist(resource, directives, before, MAX_POINTERS);
    } catch (error) {
      if (!isExpired(error)) throw error;
      const url = await this.#renewUrl(this.#keyOf(resource), resource.url);
      if (url === undefined) throw error;
      this.#logHidden(error);
      return this.#fetchPlaylist({ ...resource, url }, directives, before, MAX_POINTERS);
    }
  }

  async #fetchPlaylist(resource: Resource, directives: string, before: LoadedPlaylist | undefined, pointersLeft: number): Promise<LoadedPlaylist> {
    const { head, body } = await this.#fetch(resource.url, directives, before);
    if (!isPlaylist(body)) throw new ProxyError('BAD_PLAYLIST', describeNonPlaylist({ status: head.status, contentType: head.headers['content-type'], body }));
    const references = new Map<string, Reference>();
    const rewritten = rewritePlaylist(body, {
      baseUrl: head.url,
      importedVariables: resource.variables,
      keyedByQuery: resource.keyedByQuery,
      link: (reference) => this.#link(reference, references),
    });
    const [target] = rewritten.playlist.kind === 'pointer' ? rewritten.playlist.targets : [];
    if (target !== undefined && pointersLeft > 0) return this.#fetchPlaylist(target, directives, before, pointersLeft - 1);
    if (this.#deps.prefetch) this.#prefetch(upcoming(rewritten.playlist, before?.playlist));
    return { ...rewritten, references };
  }

  /** Playlists are only loaded while somebody asks for them, so this stops when nobody watches. */
  #prefetch(resources: readonly Upcoming[]): void {
    for (const { reference, range } of resources) {
      const opened = this.resource(reference, range);
      if (opened.outcome !== 'miss') continue;
      const { entry } = opened;
      entry.retain();
      entry.ready.then(
        () => (entry.isPassage ? entry.abandon() : entry.settled.then(() => entry.release())),
        (error: unknown) => this.#logHidden(error),
      );
    }
  }

  #fetch(url: string, directives: string, before: LoadedPlaylist | undefined): Promise<Document> {
    const targetMs = before === undefined ? undefined : targetDurationMs(before.playlist);
    // A blocking reload (RFC 8216bis 6.2.5.2) is answered when the segment is there: up to three target durations.
    const isBlocking = directives.includes('_HLS_msn=');
    const attemptTimeoutMs = isBlocking ? 3 * (targetMs ?? 6_000) : Math.min(8_000, Math.max(2_000, targetMs ?? 8_000));
    return fetchDocument(
      { ...this.#deps, onHidden: (error) => this.#logHidden(error) },
      {
        url: withDirectives(url, directives),
        identity: this.#identity,
        maxBytes: MAX_PLAYLIST_BYTES,
        attemptTimeoutMs,
        patienceMs: targetMs ?? FIRST_LOAD_PATIENCE_MS,
        looksRight: startsLikePlaylist,
      },
    );
  }

  async #fetchRewritten(resource: Resource, directives: string): Promise<{ contentType: string | undefined; body: Buffer }> {
    const { head, body } = await fetchDocument(
      { ...this.#deps, onHidden: (error) => this.#logHidden(error) },
      {
        url: withDirectives(resource.url, directives),
        identity: this.#identity,
        maxBytes: MAX_PLAYLIST_BYTES,
        attemptTimeoutMs: DOCUMENT_PATIENCE_MS,
        patienceMs: DOCUMENT_PATIENCE_MS,
      },
    );
    const link = (reference: Reference): string => this.#link(reference, new Map());
    const options = { baseUrl: head.url, link };
    if (isPlaylist(body)) {
      const playlist = rewritePlaylist(body, { ...options, importedVariables: resource.variables });
      return { contentType: 'application/vnd.apple.mpegurl', body: playlist.body };
    }
    const rewritten = rewriteDocument(body, options);
    return { contentType: rewritten === undefined ? head.headers['content-type'] : 'application/json', body: rewritten ?? body };
  }

  /** The LAN URL of a reference, relative to the channel's other URLs. What it stands for is noted, with its newest upstream URL. */
  #link(reference: Reference, references: Map<string, Reference>): string {
    const key = this.#keyOf(reference);
    references.set(key, reference);
    if (reference.kind === 'playlist') {
      const live = this.#playlists.peek(`${key} `);
      if (live !== undefined) live.url = reference.url;
    }
    return resourceUrl(reference.name, reference.extension, this.#deps.sealer.seal(this.id, reference));
  }

  /** Where something is now whose upstream URL has expired: what a fresh load of the playlist that names it says. */
  async #renewUrl(key: string, expiredUrl: string): Promise<string | undefined> {
    const naming = this.#playlistNaming(key) ?? this.#sourcePlaylist('');
    const isRecent = naming.latest !== undefined && naming.ageMs < RENEWAL_PAUSE_MS;
    const { references } = isRecent && naming.latest !== undefined ? naming.latest : await naming.refresh();
    const url = references.get(key)?.url;
    return url === expiredUrl ? undefined : url;
  }

  #playlistNaming(key: string): LivePlaylist | undefined {
    for (const live of this.#playlists.values()) {
      if (live.latest?.references.has(key) === true) return live;
    }
    return undefined;
  }

  #logHidden(error: unknown): void {
    if (error instanceof ProxyError) this.#deps.log.debug({ channel: this.id, code: error.code }, `hidden from TVs: ${error.message}`);
  }
}

function answerFrom(live: LivePlaylist): PlaylistAnswer | Promise<PlaylistAnswer> {
  const fresh = live.peek();
  if (fresh !== undefined) return { body: fresh.body, outcome: 'hit-memory' };
  return live.get().then(({ loaded, outcome }) => ({ body: loaded.body, outcome }));
}

function identityOf(channelId: string, source: Source, { traffic, userAgent, lanHosts }: ChannelDeps): Identity {
  return {
    headers: { Accept: '*/*', 'User-Agent': userAgent, ...source.headers },
    cookies: createCookies(),
    reach: URL.canParse(source.url) ? reachOfHost(new URL(source.url).hostname, lanHosts) : 'public',
    onBytes: (bytes) => traffic.addFromSource(channelId, bytes),
  };
}

function withDirectives(url: string, directives: string): string {
  if (directives === '') return url;
  return `${url}${url.includes('?') ? '&' : '?'}${directives}`;
}

function isExpired(error: unknown): boolean {
  return error instanceof ProxyError && EXPIRED_STATUSES.has(error.originStatus ?? 0);
}
