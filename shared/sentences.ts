import { createSentenceWriter, type ParametersOf, type Sentence, type Template } from './sentence.ts';

/*
 * Everything that the relay says to people, in English; renderer/locales/sentences.zh.ts has the same in Chinese. A sentence is added in
 * these two places: one that is forgotten there, or said with other parameters than it has places for, does not compile.
 */
export const SENTENCES = {
  /* What was seen of a source. */
  'seen.answered': 'Answered in {time:duration}.',
  'seen.answeredElsewhere': 'Answered in {time:duration}, from another host: {host}.',
  'seen.redirected': {
    one: 'Answered in {time:duration} after {count:count} redirect.',
    other: 'Answered in {time:duration} after {count:count} redirects.',
  },
  'seen.redirectedElsewhere': {
    one: 'Answered in {time:duration} after {count:count} redirect, from another host: {host}.',
    other: 'Answered in {time:duration} after {count:count} redirects, from another host: {host}.',
  },
  'seen.pointer': 'A list that names the real playlist.',
  'seen.variants': {
    one: 'Multivariant playlist with {count:count} variant: {variants:items}.',
    other: 'Multivariant playlist with {count:count} variants: {variants:items}.',
  },
  'seen.variant': '{parts:words}',
  'seen.silentVariant': 'one that says nothing of itself',
  'seen.moreVariants': 'and {count:count} more',
  'seen.bitRate': '{rate:bitRate}',
  'seen.renditions': {
    one: 'Separate {type}: {count:count} rendition.',
    other: 'Separate {type}: {count:count} renditions.',
  },
  'seen.audio': 'audio',
  'seen.video': 'video',
  'seen.subtitles': 'subtitles',
  'seen.live': {
    one: 'A live playlist of {count:count} segment of about {average:duration} (target duration {target:duration}).',
    other: 'A live playlist of {count:count} segments of about {average:duration} (target duration {target:duration}).',
  },
  'seen.recording': {
    one: 'A recording of {count:count} segment of about {average:duration} (target duration {target:duration}).',
    other: 'A recording of {count:count} segments of about {average:duration} (target duration {target:duration}).',
  },
  'seen.encryption': 'Encrypted with {methods}.',
  'seen.key': 'The key loads.',
  'seen.container': 'Container: {container}.',
  'seen.speed':
    'The newest segment took {time:duration} to load and plays for {length:duration} at {rate:bitRate}: {ratio:decimal} times as fast as it plays.',
  'seen.advance': 'The playlist advanced within {time:duration}.',
  'seen.withHeaders': 'With {owner}: {outcome}',
  'container.mpeg-ts': 'MPEG-TS',
  'container.mp4': 'fragmented MP4',
  'container.audio': 'audio without a container',
  'container.webvtt': 'WebVTT',
  'player.vlc': "VLC's",
  'player.kodi': "Kodi's",
  'player.browser': "a browser's",
  'player.visitor': "a browser's that comes from the provider's own site",

  /* Whether a source plays. */
  'plays.with': 'Plays: {facts:list}.',
  'plays.oneQuality': 'one quality',
  'plays.variants': { one: '{count:count} variant', other: '{count:count} variants' },
  'plays.variantsUpTo': { one: '{count:count} variant up to {most}', other: '{count:count} variants up to {most}' },
  'plays.recording': 'a recording',
  'plays.otherwise': '{refusal} with this User-Agent, plays with {owner}.',
  'plays.webPage': 'An HTML page',
  'plays.drm': 'Encrypted with {methods} for DRM: plays only where a licence is.',
  'plays.tooSlowly': 'Too slow to play: {length:duration} of it took {time:duration} to load.',
  'plays.farTooSlowly': 'Too slow to play: {length:duration} of it took over {time:duration} to load.',
  'broken.pointers': 'The source only names other lists.',
  'broken.noVariant': 'The multivariant playlist names no variant that can be fetched.',
  'broken.variant': 'The best variant is no media playlist.',
  'broken.noSegment': 'The playlist names no segments.',
  'broken.emptySegment': 'The newest segment is empty.',
  'broken.webPage': '{subject} is an HTML page: login expired?',
  'broken.endless': '{subject} is an endless MPEG-TS stream, not HLS: most providers have the same channel as .m3u8.',
  'broken.key': 'The key is {length:count} bytes long instead of {expected:count}.',
  'broken.standstill': 'The playlist has not advanced for {time:duration}.',
  'broken.load': '{subject} does not load: {reason:clause}.',
  'subject.channel': 'This',
  'subject.variant': 'The best variant',
  'subject.segment': 'The newest segment',
  'subject.key': 'The key',
  'subject.reload': 'The playlist, loaded again,',

  /* Why a provider did not give what it was asked for. */
  'status.401': '401, the provider wants a login: has it expired?',
  'status.403': '403, the provider refuses this player or this account.',
  'status.404': '404, the provider does not have this.',
  'status.406': '406, the provider does not answer this player.',
  'status.410': '410, the provider does not have this any more.',
  'status.429': '429, the provider limits how often it may be asked.',
  'status.451': '451, the provider does not show this here for legal reasons.',
  'status.ownProblem': '{status}, the provider has a problem of its own.',
  'status.noSuccess': '{status}, which is no success.',
  'host.noName': 'DNS name not found: {host}.',
  'host.noDns': 'The DNS server does not answer when asked for {host}.',
  'host.refuses': 'Connections are refused by {host}.',
  'host.breaks': 'The connection was broken by {host}.',
  'host.expired': 'The certificate of {host} has expired.',
  'host.notYetValid': 'The certificate of {host} is not valid yet: is the clock of this computer right?',
  'host.selfSigned': 'The certificate of {host} is signed by nobody but itself.',
  'host.otherName': 'The certificate of {host} is for another name.',
  'host.unknownAuthority': 'The certificate of {host} comes from an authority that nobody knows.',

  /* What came instead of a playlist. */
  'noPlaylist.untyped': 'The source answered with {what} instead of a playlist (status {status}).',
  'noPlaylist.typed': 'The source answered with {what} instead of a playlist (status {status}, {type}).',
  'noPlaylist.empty': 'an empty body',
  'noPlaylist.blank': 'nothing but blanks',
  'noPlaylist.mpegTs': 'a raw MPEG-TS stream',
  'noPlaylist.mp4': 'an MP4 file',
  'noPlaylist.compressed': 'compressed data',
  'noPlaylist.flv': 'an FLV stream',
  'noPlaylist.dash': 'a DASH manifest',
  'noPlaylist.webPage': 'a web page, perhaps a login,',
  'noPlaylist.titledPage': 'a web page ("{title}"), perhaps a login,',
  'noPlaylist.xml': 'an XML document',
  'noPlaylist.json': 'JSON',
  'noPlaylist.message': 'JSON ("{message}")',
  'noPlaylist.damaged': 'a damaged playlist (binary data in it)',
  'noPlaylist.binary': 'binary data',
  'noPlaylist.cut': 'the beginning of a playlist',
  'noPlaylist.text': 'text ("{excerpt}")',

  /* How far long work is. */
  'task.checked': '{name}: {outcome}',
  'task.loading': 'Loading the list',
  'task.comparing': 'Comparing with the channels',
  'task.writing': 'Writing channels',
} as const satisfies Record<string, Template>;

export type SentenceId = keyof typeof SENTENCES;

/** Every sentence in another language: a forgotten one does not compile. */
export type Translations = Readonly<Record<SentenceId, Template>>;

/** Its parameters; of a sentence that is only known to be one of several, those of all of them. */
type Needed<Id extends SentenceId> = (
  Id extends SentenceId ? (parameters: ParametersOf<(typeof SENTENCES)[Id]>) => void : never
) extends (parameters: infer Parameters) => void
  ? Parameters
  : never;

type Arguments<Id extends SentenceId> = keyof Needed<Id> extends never ? [] : [parameters: Needed<Id>];

const inEnglish = createSentenceWriter({
  locale: 'en',
  templates: SENTENCES,
  milliseconds: 'ms',
  seconds: 's',
  listSeparator: ', ',
  itemSeparator: '; ',
  sentenceSeparator: ' ',
  // Names that are all capitals keep them.
  continued: (sentence) => sentence.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase()),
});

/** A sentence of the catalogue: `say('origin.status', { status: 503 })`. */
export function say<Id extends SentenceId>(id: Id, ...[parameters]: Arguments<Id>): Sentence {
  const sentence = { id, parameters: (parameters ?? {}) as Sentence['parameters'], text: '' };
  return { ...sentence, text: inEnglish(sentence) };
}
