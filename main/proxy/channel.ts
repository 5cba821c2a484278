import type { Channel as ChannelRecord, ChannelOptions } from '../../shared/channel.ts';
import { say } from '../../shared/sentences.ts';
import type { ByteRange } from '../byte-range.ts';
import { cacheKey } from '../cache/cache-key.ts';
import type { Opened, Outcome, ResponseCache } from '../cache/response-cache.ts';
import { ProxyError } from '../errors.ts';
import type { Reference } from '../hls/reference.ts';
import type { Logger } from '../log.ts';
import { startDownload } from '../origin/download.ts';
import type { OriginClient } from '../origin/origin-client.ts';
import type { CacheOutcomesCounter } from '../stats/cache-outcomes.ts';
import type { Traffic } from '../stats/traffic.ts';
import type { ChannelMemory, KnownPlaylist, PlaylistIdentity } from './channel-memory.ts';
import { createChannelSources, type ChannelSources } from './channel-sources.ts';
import { createFailover, type Failover } from './failover.ts';
import { observe } from './freshness.ts';
import { LivePlaylist, type LoadedPlaylist } from './live-playlist.ts';
import { createNameReuse } from './name-reuse.ts';
import { loadDocument, loadPlaylist, patienceMs } from './playlist-loader.ts';
import { upcoming, type Upcoming } from './prefetch.ts';
import { resourceUrl } from './route.ts';
import type { Resource, Sealer } from './sealed-url.ts';
import type { SourceRecord } from './source-record.ts';

/** What all channels share. */
export type ChannelDeps = {
  origin: OriginClient;
  cache: ResponseCache;
  sealer: Sealer;
  traffic: Traffic;
  outcomes: CacheOutcomesCounter;
  sourceRecord: SourceRecord;
  log: Logger;
  now: () => number;
  random: () => number;
  userAgent: string;
  /** Fetch the newest segments before a TV asks for them, unless the channel says otherwise. */
  prefetch: boolean;
  lanHosts: readonly string[];
};

/** A playlist for a TV. */
export type PlaylistAnswer = { body: LoadedPlaylist['body']; outcome: Outcome };

/** Where a resource comes from; the directives are part of which playlist it is. */
type Loading = { resource: Resource; directives: string };

const SEGMENT_TTL_MS = 5 * 60_000;
/** Keys and documents may change behind their URL. */
const VOLATILE_TTL_MS = 30_000;
/** A playlist loaded this recently has the newest URLs there are. */
const RENEWAL_PAUSE_MS = 1_000;
const EXPIRED_STATUSES = new Set([401, 403, 410]);
const NO_VALVE = { pause: () => undefined, resume: () => undefined };

/** One channel being relayed: its playlists, and whatever they refer to. */
export class Channel {
  readonly id: string;
  readonly #deps: ChannelDeps;
  readonly #options: ChannelOptions;
  readonly #sources: ChannelSources;
  readonly #memory: ChannelMemory;
  readonly #failover: Failover;

  constructor(record: ChannelRecord, memory: ChannelMemory, deps: ChannelDeps) {
    const [source, ...others] = record.sources;
    if (source === undefined) throw new ProxyError('UNKNOWN_CHANNEL', say('channel.noSource'));
    this.id = record.id;
    this.#memory = memory;
    this.#deps = deps;
    this.#options = record.options;
    this.#sources = createChannelSources([source, ...others], {
      channelId: record.id,
      record: deps.sourceRecord,
      userAgent: deps.userAgent,
      lanHosts: deps.lanHosts,
      cookies: (index) => memory.cookies(index),
      onBytes: (bytes) => deps.traffic.addFromSource(record.id, bytes),
    });
    this.#failover = createFailover({
      ...{ channelId: record.id, sources: this.#sources, log: deps.log, now: deps.now },
      load: (index, { directives, before, patienceMs: forMs }) =>
        this.#load(this.#source(index, directives), before, forMs),
      tryFirstVariant: (loaded, forMs) => this.#tryFirstVariant(loaded, forMs),
      onHidden: (error) => this.#logHidden(error),
    });
  }

  /** The channel's own playlist. */
  playlist(directives: string): PlaylistAnswer | Promise<PlaylistAnswer> {
    return this.#options.wrap ? this.#wrapped() : this.#answerFrom(this.#sourcePlaylist(directives));
  }

  /** A playlist that another one names. `directives` go to the origin as they are. At once when there is a fresh one. */
  childPlaylist(resource: Resource, directives: string): PlaylistAnswer | Promise<PlaylistAnswer> {
    const isOwn = this.#options.wrap && resource.url === this.#sources.url(resource.source);
    return this.#answerFrom(isOwn ? this.#sourcePlaylist(directives) : this.#childPlaylist({ resource, directives }));
  }

  /** A segment, part, initialization section or key: there already, or on its way. */
  resource(resource: Resource, range: ByteRange | undefined): Opened {
    const key = this.#partKeyOf(resource, range);
    this.#deps.outcomes.asked(key);
    return this.#openPart(key, resource, range);
  }

  #openPart(key: string, resource: Resource, range: ByteRange | undefined): Opened {
    const ttlMs = resource.kind === 'segment' ? SEGMENT_TTL_MS : VOLATILE_TTL_MS;
    const opened = this.#deps.cache.open(key, ttlMs, (recording) => {
      const download = startDownload(
        this.#originDeps(),
        {
          url: resource.url,
          identity: this.#sources.identity(resource.source),
          range: resource.ranged ? range : undefined,
          durationSeconds: resource.durationSeconds,
          renewUrl: () => this.#renewUrl(resource),
        },
        recording,
      );
      return () => download.abort();
    });
    if (opened.outcome === 'miss' && resource.kind === 'segment') {
      opened.entry.ready.then(
        () => this.#failover.segment(resource.source, true),
        (error: unknown) => this.#segmentFailed(resource, error),
      );
    }
    return opened;
  }

  /** What nobody waited for has not failed, and a TV may ask for what is long over. */
  #segmentFailed(resource: Resource, error: unknown): void {
    const isUnwanted = error instanceof ProxyError && error.sentence.id === 'origin.unwanted';
    const isNamed = this.#sourcePlaylist('').live.latest?.references.has(this.#keyOf(resource)) === true;
    if (!isUnwanted && isNamed) this.#failover.segment(resource.source, false);
  }

  /** A JSON document or whatever an unknown tag names: rewritten when it holds upstream URLs. */
  document(resource: Resource, directives: string): Opened {
    const key = `${this.#keyOf(resource)} document ${directives}`;
    return this.#deps.cache.open(key, VOLATILE_TTL_MS, (recording) => {
      const link = (reference: Reference): string => this.#link({ ...reference, source: resource.source }, reference);
      loadDocument(this.#originDeps(), {
        resource,
        identity: this.#sources.identity(resource.source),
        directives,
        link,
      }).then(
        ({ contentType, body }) => {
          recording.begin(
            { contentType, contentEncoding: undefined, etag: undefined, contentLength: body.length, range: undefined },
            NO_VALVE,
          );
          recording.append(body);
          recording.finish();
        },
        (error: unknown) =>
          recording.fail(
            error instanceof ProxyError
              ? error
              : new ProxyError('ORIGIN_INCONSISTENT', say('origin.unreadable'), { cause: error }),
          ),
      );
      return () => undefined;
    });
  }

  /** What the channel's own playlist leads to where it is wrapped; with the same source behind it, or the next. */
  async #wrapped(): Promise<PlaylistAnswer> {
    const { loaded, outcome } = await this.#get(this.#sourcePlaylist(''));
    const { playlist, source } = loaded;
    if (playlist.kind !== 'media') return { body: loaded.body, outcome };
    const { resource } = this.#source(source, '');
    const body = await this.#memory.wrapping.wrap(playlist, {
      link: resourceUrl('media', 'm3u8', this.#deps.sealer.seal(this.id, resource)),
      open: ({ reference }) => this.#openPart(this.#keyOf(reference), { ...reference, source }, undefined),
    });
    return { body, outcome };
  }

  #answerFrom(known: KnownPlaylist): PlaylistAnswer | Promise<PlaylistAnswer> {
    const fresh = known.live.peek();
    if (fresh !== undefined) return { body: fresh.body, outcome: 'hit-memory' };
    return this.#get(known).then(({ loaded, outcome }) => ({ body: loaded.body, outcome }));
  }

  #get(known: KnownPlaylist): ReturnType<LivePlaylist['get']> {
    return known.live.get((url, before) => this.#reload(known, url, before));
  }

  #refresh(known: KnownPlaylist): Promise<LoadedPlaylist> {
    return known.live.refresh((url, before) => this.#reload(known, url, before));
  }

  /** Apart from the others, because a child may differ from it in the query alone. */
  #sourcePlaylist(directives: string): KnownPlaylist {
    return this.#known(`source ${directives}`, this.#sources.url(0), { kind: 'source', directives });
  }

  #childPlaylist({ resource, directives }: Loading): KnownPlaylist {
    return this.#known(`${this.#keyOf(resource)} ${directives}`, resource.url, { kind: 'child', resource, directives });
  }

  #known(key: string, url: string, identity: PlaylistIdentity): KnownPlaylist {
    const known = this.#memory.playlists.get(key);
    if (known !== undefined) return known;
    const fresh = {
      identity,
      live: new LivePlaylist({ url, now: this.#deps.now }),
      names: createNameReuse((reference) => this.#keyOf(reference)),
    };
    this.#memory.playlists.set(key, fresh);
    return fresh;
  }

  async #reload(known: KnownPlaylist, url: string, before: LoadedPlaylist | undefined): Promise<LoadedPlaylist> {
    const loaded = await this.#loadIdentified(known, url, before);
    for (const reference of known.names.reused(loaded.playlist)) this.#deps.cache.drop(this.#keyOf(reference));
    if (this.#options.prefetch ?? this.#deps.prefetch) {
      const ofThisSource = before?.source === loaded.source ? before.playlist : undefined;
      this.#prefetch(upcoming(loaded.playlist, ofThisSource), loaded.source);
    }
    return loaded;
  }

  #loadIdentified(
    { identity, live }: KnownPlaylist,
    url: string,
    before: LoadedPlaylist | undefined,
  ): Promise<LoadedPlaylist> {
    const { directives } = identity;
    switch (identity.kind) {
      case 'source':
        return this.#failover.load(directives, before, live.shown);
      case 'child':
        return this.#loadRenewing({ resource: { ...identity.resource, url }, directives }, before);
    }
  }

  async #tryFirstVariant({ playlist, source }: LoadedPlaylist, forMs: number): Promise<void> {
    const [variant] = playlist.kind === 'multivariant' ? playlist.variants : [];
    if (variant === undefined) return;
    await this.#load({ resource: { ...variant.reference, source }, directives: '' }, undefined, forMs);
  }

  #source(index: number, directives: string): Loading {
    const resource: Resource = {
      kind: 'playlist',
      url: this.#sources.url(index),
      source: index,
      keyedByQuery: this.#options.cacheKey === 'query', // and so of everything that it names
      ranged: false,
      durationSeconds: undefined,
      variables: new Map(),
    };
    return { resource, directives };
  }

  /** As `#load`; when the URL has expired, once more with the one that the playlist above it names now. */
  async #loadRenewing({ resource, directives }: Loading, before: LoadedPlaylist | undefined): Promise<LoadedPlaylist> {
    const forMs = patienceMs(before?.playlist);
    try {
      return await this.#load({ resource, directives }, before, forMs);
    } catch (error) {
      const isExpired = error instanceof ProxyError && EXPIRED_STATUSES.has(error.originStatus ?? 0);
      const url = isExpired ? await this.#renewUrl(resource) : undefined;
      if (url === undefined) throw error;
      this.#logHidden(error);
      return this.#load({ resource: { ...resource, url }, directives }, before, forMs);
    }
  }

  async #load(
    { resource, directives }: Loading,
    before: LoadedPlaylist | undefined,
    forMs: number,
  ): Promise<LoadedPlaylist> {
    const references = new Map<string, Resource>();
    const ownKey = this.#keyOf(resource);
    const loaded = await loadPlaylist(this.#originDeps(), {
      resource,
      identity: this.#sources.identity(resource.source),
      directives,
      quality: this.#options.quality,
      before: before?.playlist,
      patienceMs: forMs,
      link: (reference) => {
        const named: Resource = { ...reference, source: resource.source };
        if (this.#isAmbiguous(named, ownKey)) named.keyedByQuery = true;
        references.set(this.#keyOf(named), named);
        return this.#link(named, reference);
      },
    });
    return {
      body: loaded.body.toString('latin1'),
      playlist: loaded.playlist,
      references,
      source: resource.source,
      key: ownKey,
      newestAt:
        before !== undefined && observe(loaded.playlist, before.playlist) === 'unchanged'
          ? before.newestAt
          : this.#deps.now(),
    };
  }

  /** The LAN URL of a resource, relative to the channel's other URLs. A playlist that is known already learns its newest upstream URL. */
  #link(resource: Resource, { name, extension }: Reference): string {
    if (resource.kind === 'playlist') {
      const known = this.#memory.playlists.peek(`${this.#keyOf(resource)} `);
      if (known !== undefined) known.live.url = resource.url;
    }
    return resourceUrl(name, extension, this.#deps.sealer.seal(this.id, resource));
  }

  /** Two playlists may name different things that differ in the query alone (`seg?q=720`, `seg?q=1080`), as one playlist may. */
  #isAmbiguous(resource: Resource, ownKey: string): boolean {
    if (resource.kind === 'playlist' || resource.keyedByQuery || !resource.url.includes('?')) return false;
    const key = this.#keyOf(resource);
    for (const { live } of this.#memory.playlists.values()) {
      const { latest } = live;
      if (latest === undefined || latest.key === ownKey) continue;
      const other = latest.references.get(key);
      if (other !== undefined && other.url !== resource.url) return true;
    }
    return false;
  }

  /** Where something is now whose upstream URL has expired: what a fresh load of the playlist that names it says. */
  async #renewUrl(resource: Resource): Promise<string | undefined> {
    const key = this.#keyOf(resource);
    const naming = this.#playlistNaming(key);
    const { live } = naming;
    // Playlists that name each other would wait for each other; the source waits for none.
    if (resource.kind === 'playlist' && live.isLoading && naming !== this.#sourcePlaylist('')) return undefined;
    const recent = live.ageMs < RENEWAL_PAUSE_MS ? live.latest : undefined;
    const { references } = recent ?? (await this.#refresh(naming));
    const url = references.get(key)?.url;
    return url === resource.url ? undefined : url;
  }

  /** The source's own playlist where that is it: what it says does not depend on others. */
  #playlistNaming(key: string): KnownPlaylist {
    const source = this.#sourcePlaylist('');
    const isNaming = ({ live }: KnownPlaylist): boolean => live.latest?.references.has(key) === true;
    return isNaming(source) ? source : ([...this.#memory.playlists.values()].find(isNaming) ?? source);
  }

  /** Playlists are only loaded while somebody asks for them, so this stops when nobody watches. */
  #prefetch(resources: readonly Upcoming[], source: number): void {
    const { outcomes } = this.#deps;
    for (const { reference, range } of resources) {
      const resource = { ...reference, source };
      const key = this.#partKeyOf(resource, range);
      const opened = this.#openPart(key, resource, range);
      if (opened.outcome !== 'miss') continue;
      const { entry } = opened;
      outcomes.prefetched(key);
      entry.retain();
      entry.ready.then(
        () => (entry.isPassage ? entry.abandon() : entry.settled.then(() => entry.release())),
        (error: unknown) => this.#logHidden(error),
      );
      void entry.settled.then(() => {
        if (entry.hasFailed) outcomes.prefetchFailed(key);
      });
    }
  }

  /** What is fetched in parts is cached in parts. */
  #partKeyOf({ url, keyedByQuery, ranged }: Resource, range: ByteRange | undefined): string {
    return cacheKey(this.id, url, keyedByQuery, ranged ? range : undefined);
  }

  #keyOf({ url, keyedByQuery }: { url: string; keyedByQuery: boolean }): string {
    return cacheKey(this.id, url, keyedByQuery);
  }

  #originDeps() {
    return { ...this.#deps, onHidden: (error: unknown) => this.#logHidden(error) };
  }

  #logHidden(error: unknown): void {
    if (!(error instanceof ProxyError)) return;
    this.#deps.outcomes.hidden();
    this.#deps.log.debug({ channel: this.id, code: error.code }, `Hidden from TVs: ${error.message}`);
  }
}
