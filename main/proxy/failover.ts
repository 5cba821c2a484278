import { ProxyError } from '../errors.ts';
import { longestDurationSeconds, targetDurationMs, type MediaPlaylist } from '../hls/playlist.ts';
import { readStream, shownBy, spliceOnto, writeStream, type Splice, type Stream } from '../hls/splice.ts';
import type { Logger } from '../log.ts';
import type { ChannelSources } from './channel-sources.ts';
import type { LoadedPlaylist } from './live-playlist.ts';
import { patienceMs } from './playlist-loader.ts';

/** The playlist of a channel, from whichever of its sources plays. */
export type Failover = {
  /**
   * @param directives sent to the source as they are
   * @param before the last good one, as long as TVs may have it
   * @param shown what TVs were given last, as long as they may play on from there
   * @throws ProxyError when no source plays: what the preferred one failed with
   */
  load(
    directives: string,
    before: LoadedPlaylist | undefined,
    shown: LoadedPlaylist | undefined,
  ): Promise<LoadedPlaylist>;
  /** A segment that the playlist of a source names came from there, or could not be had. */
  segment(source: number, hasCome: boolean): void;
};

export type FailoverDeps = {
  channelId: string;
  sources: ChannelSources;
  load: (source: number, request: SourceRequest) => Promise<LoadedPlaylist>;
  /** Rejects when the first variant of a multivariant playlist is not there. */
  tryFirstVariant: (loaded: LoadedPlaylist, patienceMs: number) => Promise<void>;
  /** What went wrong, and no TV notices. */
  onHidden: (error: unknown) => void;
  log: Logger;
  now: () => number;
};

type SourceRequest = { directives: string; before: LoadedPlaylist | undefined; patienceMs: number };

/** With another source to turn to, one gets no more than this, or a target duration. */
const PATIENCE_MS = 4_000;
/** A live playlist has a new segment once in the time that one plays. One that has had none in so many is stuck, and TVs run dry. */
const STUCK_AFTER_SEGMENTS = 3;
const STUCK_AFTER_MS = 12_000;
/** So many segments in a row that cannot be had are no accident. */
const LOST_SEGMENTS = 3;

/**
 * At a start the first source that plays. In mid-play the same one while it does; when it fails, gets stuck or has no segments,
 * another, whose segments follow those that TVs have (main/hls/splice.ts). It stays with that one, for as long as it plays.
 */
export function createFailover(deps: FailoverDeps): Failover {
  const { channelId, sources, log, now } = deps;
  /** In a row, by source. */
  const lostSegments = new Map<number, number>();

  async function start(directives: string): Promise<LoadedPlaylist> {
    const candidates = sources.candidates();
    const request = {
      ...{ directives, before: undefined },
      patienceMs: candidates.length > 1 ? PATIENCE_MS : patienceMs(undefined),
    };
    let failure: unknown;
    for (const source of candidates) {
      try {
        const loaded = await deps.load(source, request);
        // A provider may list the qualities of what it does not send. A TV that has that list does not come back for another source.
        if (candidates.length > 1) await deps.tryFirstVariant(loaded, request.patienceMs);
        sources.succeeded(source);
        return loaded;
      } catch (error) {
        sources.failed(source);
        deps.onHidden(error);
        failure ??= error;
      }
    }
    throw failure;
  }

  async function goOn(directives: string, before: LoadedPlaylist): Promise<LoadedPlaylist> {
    // TVs hold links to what a multivariant playlist names, which is of its source.
    const others = before.playlist.kind === 'media' ? sources.instead(before.source) : [];
    const usualMs = patienceMs(before.playlist);
    const hurriedMs = Math.min(usualMs, Math.max(PATIENCE_MS, targetDurationMs(before.playlist)));
    const request = { directives, before, patienceMs: others.length > 0 ? hurriedMs : usualMs };
    const [present] = await Promise.allSettled([deps.load(before.source, request)]);
    const hasFailed = present.status === 'rejected';
    if (hasFailed && !(present.reason instanceof ProxyError)) throw present.reason;
    const elsewhere = hasFailed || isIdle(present.value) ? await switchFrom(before, others, directives) : undefined;
    if (elsewhere !== undefined) return elsewhere;
    if (hasFailed) throw present.reason;
    return continued(present.value, before);
  }

  async function switchFrom(
    before: LoadedPlaylist,
    others: readonly number[],
    directives: string,
  ): Promise<LoadedPlaylist | undefined> {
    for (const source of others) {
      try {
        const loaded = await deps.load(source, { directives, before: undefined, patienceMs: PATIENCE_MS });
        if (loaded.playlist.kind !== 'media') continue;
        // That it is there is no success yet, or two that are stuck would take turns for ever.
        sources.failed(before.source);
        lostSegments.delete(before.source);
        log.info(
          { channel: channelId, from: before.source + 1, to: source + 1 },
          'A channel goes on from another source.',
        );
        return continued(loaded, before);
      } catch (error) {
        sources.failed(source);
        deps.onHidden(error);
      }
    }
    return undefined;
  }

  /** It is there, but TVs get nothing from it. */
  function isIdle({ playlist, source, newestAt }: LoadedPlaylist): boolean {
    if (playlist.kind !== 'media' || playlist.endList) return false;
    if ((lostSegments.get(source) ?? 0) >= LOST_SEGMENTS) return true;
    return now() - newestAt > Math.max(STUCK_AFTER_MS, STUCK_AFTER_SEGMENTS * segmentMs(playlist));
  }

  return {
    load: async (directives, before, shown) =>
      before === undefined ? continued(await start(directives), shown) : goOn(directives, before),
    segment(source, hasCome) {
      lostSegments.set(source, hasCome ? 0 : (lostSegments.get(source) ?? 0) + 1);
    },
  };
}

/** Providers announce target durations that their segments do not keep. */
function segmentMs(playlist: MediaPlaylist): number {
  return Math.max(targetDurationMs(playlist), longestDurationSeconds(playlist.segments) * 1000);
}

/**
 * A playlist for TVs that were shown another, maybe of another source: its segments stand behind those that they know. As it is where
 * that cannot be.
 */
function continued(loaded: LoadedPlaylist, shown: LoadedPlaylist | undefined): LoadedPlaylist {
  const isAnother = shown?.source !== loaded.source;
  if (shown === undefined || (!isAnother && shown.splice === undefined)) return loaded;
  const present = readStream(loaded.body);
  if (present === undefined) return loaded;
  const going = isAnother || shown.splice === undefined ? undefined : shownBy(shown.splice, present);
  // A source that has begun to count anew has nothing to show behind where it went on.
  const hasMore = going !== undefined && going.stream.segments.length > going.splice.retired.length;
  const gone = hasMore ? going : seam(shown, present);
  return gone === undefined ? loaded : { ...loaded, body: writeStream(gone.stream), splice: gone.splice };
}

function seam({ body }: LoadedPlaylist, present: Stream): { stream: Stream; splice: Splice } | undefined {
  const before = readStream(body);
  const splice = before && spliceOnto(before, present);
  return splice && shownBy(splice, present);
}
