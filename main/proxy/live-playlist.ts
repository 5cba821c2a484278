import type { Outcome } from '../cache/response-cache.ts';
import { ProxyError } from '../errors.ts';
import type { Playlist } from '../hls/playlist.ts';
import type { Splice } from '../hls/splice.ts';
import { observe, repeatMs, reuseMs } from './freshness.ts';
import type { Resource } from './sealed-url.ts';

/** A playlist as TVs get it, and what it says. */
export type LoadedPlaylist = {
  /** Rewritten; its bytes as latin1 text. */
  body: string;
  playlist: Playlist;
  /** Everything it refers to, by cache key. */
  references: ReadonlyMap<string, Resource>;
  /** Which of the channel's sources it came from. */
  source: number;
  /** Its own cache key. */
  key: string;
  /** When its newest segment was first there. */
  newestAt: number;
  /** How it goes on from the source before, where another one played. */
  splice?: Splice;
};

/** Loads a playlist from its newest upstream URL. `before` is the last good one, as long as TVs may have it. */
export type LoadPlaylist = (url: string, before: LoadedPlaylist | undefined) => Promise<LoadedPlaylist>;

/** A TV that has got no playlist for so long has given up. */
const GIVEN_UP_AFTER_MS = 30_000;
/** How long a TV that could have the last good playlist waits for a better one. */
const REFRESH_PATIENCE_MS = 400;
/** After a failure the origin is left alone this long. */
const FAILURE_PAUSE_MS = 500;

/**
 * One playlist of a channel, shared by all its viewers: loaded once for all who ask at the same time, reused while it is
 * fresh, and repeated for a while when the origin fails.
 */
export class LivePlaylist {
  /** The newest upstream URL known for it; tokens in it change. */
  url: string;
  readonly #now: () => number;
  #loaded: LoadedPlaylist | undefined;
  #loadedAt = 0;
  #reuseMs = 0;
  #loading: Promise<LoadedPlaylist> | undefined;
  #failure: { error: ProxyError; at: number } | undefined;

  constructor({ url, now }: { url: string; now: () => number }) {
    this.url = url;
    this.#now = now;
  }

  /** The last good one, however old. */
  get latest(): LoadedPlaylist | undefined {
    return this.#loaded;
  }

  /** What TVs were given last, as long as they may play on from there. */
  get shown(): LoadedPlaylist | undefined {
    return this.ageMs < GIVEN_UP_AFTER_MS ? this.#loaded : undefined;
  }

  /** How old the last good one is. */
  get ageMs(): number {
    return this.#now() - this.#loadedAt;
  }

  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  /** The playlist, when it may be reused. */
  peek(): LoadedPlaylist | undefined {
    return this.#loaded !== undefined && this.ageMs <= this.#reuseMs ? this.#loaded : undefined;
  }

  /**
   * The playlist, fresh if the origin lets us. A load under way is joined, whoever started it.
   * @throws ProxyError when there is none that may be given to anybody
   */
  async get(load: LoadPlaylist): Promise<{ loaded: LoadedPlaylist; outcome: Outcome }> {
    const fresh = this.peek();
    if (fresh !== undefined) return { loaded: fresh, outcome: 'hit-memory' };
    const outcome = this.#loading === undefined ? 'miss' : 'coalesced';
    const loading = this.refresh(load);
    const repeatable = this.#repeatable();
    if (repeatable === undefined) return { loaded: await loading, outcome };
    const loaded = await inTime(loading, REFRESH_PATIENCE_MS);
    return loaded === undefined ? { loaded: repeatable, outcome: 'hit-memory' } : { loaded, outcome };
  }

  /** Loads it now, or joins the load under way. Right after a failure: that failure. */
  refresh(load: LoadPlaylist): Promise<LoadedPlaylist> {
    if (this.#loading !== undefined) return this.#loading;
    if (this.#failure !== undefined && this.#now() - this.#failure.at < FAILURE_PAUSE_MS)
      return Promise.reject(this.#failure.error);
    this.#loading = this.#loadNow(load).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #loadNow(load: LoadPlaylist): Promise<LoadedPlaylist> {
    try {
      const before = this.#repeatable();
      const loaded = await load(this.url, before);
      this.#reuseMs = reuseMs(loaded.playlist, observe(loaded.playlist, before?.playlist));
      this.#loaded = loaded;
      this.#loadedAt = this.#now();
      this.#failure = undefined;
      return loaded;
    } catch (error) {
      if (error instanceof ProxyError) this.#failure = { error, at: this.#now() };
      throw error;
    }
  }

  #repeatable(): LoadedPlaylist | undefined {
    if (this.#loaded === undefined) return undefined;
    return this.ageMs <= this.#reuseMs + repeatMs(this.#loaded.playlist) ? this.#loaded : undefined;
  }
}

/** What a promise resolves with, or `undefined` when it fails or takes too long. */
async function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
