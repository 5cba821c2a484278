import type { MediaPlaylist, MultivariantPlaylist, Variant } from '../hls/playlist.ts';
import type { ProbedDocument } from './probe.ts';

const MOST_VARIANTS_NAMED = 6;
const MOST_QUOTED_CHARACTERS = 60;

/** How the channel itself answered. */
export function describeAnswer({ redirects, url, loadMs }: ProbedDocument, askedUrl: string): string {
  const host = URL.parse(url)?.host ?? '';
  const isElsewhere = host !== URL.parse(askedUrl)?.host;
  const way = redirects === 0 ? '' : ` after ${counted(redirects, 'redirect')}`;
  return `Answered in ${inSeconds(loadMs)}${way}${isElsewhere ? `, from another host: ${host}` : ''}.`;
}

/** Each quality, up to a number that fits. */
export function describeVariants({ variants }: MultivariantPlaylist): string {
  const named = variants.slice(0, MOST_VARIANTS_NAMED).map(describeVariant);
  const others = variants.length - named.length;
  const list = [...named, ...(others > 0 ? [`and ${others} more`] : [])].join('; ');
  return `Multivariant playlist with ${counted(variants.length, 'variant')}: ${list}.`;
}

function describeVariant(variant: Variant): string {
  const { resolution, codecs } = variant;
  const bandwidth = bandwidthOf(variant);
  const parts = [
    resolution && `${resolution.width}x${resolution.height}`,
    bandwidth > 0 && inMegabits(bandwidth),
    codecs !== undefined && `(${clipped(codecs)})`,
  ];
  return parts.filter(Boolean).join(' ') || 'one that says nothing of itself';
}

/** What comes apart from the picture: a sentence for each kind. */
export function describeRenditions({ renditions }: MultivariantPlaylist): string[] {
  const separate = renditions.filter(({ reference }) => reference !== undefined);
  const counts = Map.groupBy(separate, ({ type }) => type.toLowerCase());
  return Array.from(counts, ([type, { length }]) => `Separate ${clipped(type)}: ${counted(length, 'rendition')}.`);
}

/** The qualities in few words: `4 variants up to 1920x1080`. */
export function summariseVariants({ variants }: MultivariantPlaylist, best: Variant): string {
  const widest = variants.toSorted((one, other) => pixelsOf(other) - pixelsOf(one))[0] ?? best;
  const { resolution } = widest;
  const bandwidth = bandwidthOf(best);
  const most = resolution ? `${resolution.width}x${resolution.height}` : bandwidth > 0 && inMegabits(bandwidth);
  return `${counted(variants.length, 'variant')}${most === false ? '' : ` up to ${most}`}`;
}

/** Live or not, and how it is cut. */
export function describeStream({ segments, targetDurationSeconds, endList }: MediaPlaylist): string {
  const totalSeconds = segments.reduce((sum, { reference }) => sum + (reference.durationSeconds ?? 0), 0);
  const average = Math.round((totalSeconds / segments.length) * 10) / 10;
  const kind = endList ? 'A recording' : 'A live playlist';
  return `${kind} of ${counted(segments.length, 'segment')} of about ${average} s (target duration ${targetDurationSeconds} s).`;
}

/** Bits per second as the playlist says; 0 where it does not. */
export function bandwidthOf({ bandwidthBitsPerSecond, averageBandwidthBitsPerSecond }: Variant): number {
  return bandwidthBitsPerSecond ?? averageBandwidthBitsPerSecond ?? 0;
}

function pixelsOf({ resolution }: Variant): number {
  return resolution === undefined ? 0 : resolution.width * resolution.height;
}

/** The methods as written, empty where there are none. */
export function describeEncryption({ encryptionMethods }: MediaPlaylist): string {
  return clipped(encryptionMethods.join(', '));
}

/** What a playlist says goes into a sentence only so far. */
function clipped(text: string): string {
  return text.slice(0, MOST_QUOTED_CHARACTERS);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

export function inMegabits(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
}

export function toFactor(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)} times`;
}
