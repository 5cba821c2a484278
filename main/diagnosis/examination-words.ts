import type { Parameter, Sentence } from '../../shared/sentence.ts';
import { say } from '../../shared/sentences.ts';
import type { MediaPlaylist, MultivariantPlaylist, Variant } from '../hls/playlist.ts';
import type { ProbedDocument } from './probe.ts';

const MOST_VARIANTS_NAMED = 6;
const MOST_QUOTED_CHARACTERS = 60;

/** How the channel itself answered. */
export function describeAnswer({ redirects, url, loadMs: time }: ProbedDocument, askedUrl: string): Sentence {
  const host = URL.parse(url)?.host ?? '';
  const isElsewhere = host !== URL.parse(askedUrl)?.host;
  if (redirects === 0) {
    return isElsewhere ? say('seen.answeredElsewhere', { time, host }) : say('seen.answered', { time });
  }
  const redirected = { time, count: redirects };
  return isElsewhere ? say('seen.redirectedElsewhere', { ...redirected, host }) : say('seen.redirected', redirected);
}

/** Each quality, up to a number that fits. */
export function describeVariants({ variants }: MultivariantPlaylist): Sentence {
  const named = variants.slice(0, MOST_VARIANTS_NAMED).map(describeVariant);
  const others = variants.length - named.length;
  return say('seen.variants', {
    count: variants.length,
    variants: others > 0 ? [...named, say('seen.moreVariants', { count: others })] : named,
  });
}

function describeVariant(variant: Variant): Sentence {
  const { resolution, codecs } = variant;
  const rate = bandwidthOf(variant);
  const parts: Parameter[] = [];
  if (resolution) parts.push(`${resolution.width}x${resolution.height}`);
  if (rate > 0) parts.push(say('seen.bitRate', { rate }));
  if (codecs !== undefined) parts.push(`(${clipped(codecs)})`);
  return parts.length === 0 ? say('seen.silentVariant') : say('seen.variant', { parts });
}

/** What comes apart from the picture: a sentence for each kind. */
export function describeRenditions({ renditions }: MultivariantPlaylist): Sentence[] {
  const separate = renditions.filter(({ reference }) => reference !== undefined);
  const counts = Map.groupBy(separate, ({ type }) => type.toLowerCase());
  return Array.from(counts, ([type, { length }]) =>
    say('seen.renditions', { type: wordsForRendition(type), count: length }),
  );
}

function wordsForRendition(type: string): string | Sentence {
  return type === 'audio' || type === 'video' || type === 'subtitles' ? say(`seen.${type}`) : clipped(type);
}

/** The qualities in few words: `4 variants up to 1920x1080`. */
export function summariseVariants({ variants }: MultivariantPlaylist, best: Variant): Sentence {
  const widest = variants.toSorted((one, other) => pixelsOf(other) - pixelsOf(one))[0] ?? best;
  const { resolution } = widest;
  const rate = bandwidthOf(best);
  const count = variants.length;
  if (resolution) return say('plays.variantsUpTo', { count, most: `${resolution.width}x${resolution.height}` });
  if (rate > 0) return say('plays.variantsUpTo', { count, most: say('seen.bitRate', { rate }) });
  return say('plays.variants', { count });
}

/** Live or not, and how it is cut. */
export function describeStream({ segments, targetDurationSeconds, endList }: MediaPlaylist): Sentence {
  const totalSeconds = segments.reduce((sum, { reference }) => sum + (reference.durationSeconds ?? 0), 0);
  return say(endList ? 'seen.recording' : 'seen.live', {
    count: segments.length,
    average: (totalSeconds / segments.length) * 1000,
    target: targetDurationSeconds * 1000,
  });
}

/** Bits per second as the playlist says; 0 where it does not. */
export function bandwidthOf({ bandwidthBitsPerSecond, averageBandwidthBitsPerSecond }: Variant): number {
  return bandwidthBitsPerSecond ?? averageBandwidthBitsPerSecond ?? 0;
}

function pixelsOf({ resolution }: Variant): number {
  return resolution === undefined ? 0 : resolution.width * resolution.height;
}

/** The methods as written, empty where there are none. */
export function encryptionOf({ encryptionMethods }: MediaPlaylist): string {
  return clipped(encryptionMethods.join(', '));
}

/** What a playlist says goes into a sentence only so far. */
function clipped(text: string): string {
  return text.slice(0, MOST_QUOTED_CHARACTERS);
}
