import { createSentenceWriter, type ParametersOf, type Sentence, type Template } from './sentence.ts';

/*
 * Everything that the relay says to people, in English; sentences-zh.ts has the same in Chinese. A sentence is added in
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
  'broken.tooManyFiles': 'The playlist names more than {count:count} files.',
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
  'noPlaylist.tooLarge': 'The source answered with more than 8 MiB instead of a playlist.',

  /* How far long work is. */
  'task.checked': '{name}: {outcome}',
  'task.loading': 'Loading the list',
  'task.comparing': 'Comparing with the channels',
  'task.writing': 'Writing channels',

  /* The relay itself. */
  'relay.stopping': 'The relay is stopping.',
  'relay.notRunning': 'The relay is not running.',
  'relay.paused': 'The relay is paused; its window lets it go on.',
  'relay.bug': 'The relay made a mistake; its log says more.',
  'relay.portInUse':
    'Port {port} is in use by another program; stop it, or choose another port in the settings or with --port.',
  'relay.portForbidden':
    'Port {port} may not be opened by this user; choose one above 1023 in the settings or with --port.',
  'relay.cannotListen': 'The relay cannot listen on {address} ({code}).',
  'dataFolder.full': 'The disk is full: nothing can be saved in {folder} until there is room again.',
  'dataFolder.readOnly': 'The disk is read-only: nothing can be saved in {folder}.',
  'dataFolder.forbidden': 'This user may not write to the data folder {folder}; choose another with --data.',
  'dataFolder.unusable': 'The data folder {folder} cannot be used ({code}); choose another with --data.',
  'unknown.error': 'unknown error',

  /* What the user should know and do. */
  'problem.noNetwork':
    'This computer is on no network that TVs could reach it through. Connect it to the one that the TVs are on.',
  'problem.redis':
    'Redis is not in use ({reason}). The built-in store does its work until it is back; its address is in the settings.',
  'problem.refused': {
    one: '{count:count} device from outside the home network tried to connect and was refused. If it is yours, allow its network in the settings.',
    other:
      '{count:count} devices from outside the home network tried to connect and were refused. If they are yours, allow their network in the settings.',
  },
  'redis.address': 'The address of a Redis looks like redis://192.168.1.5:6379.',
  'redis.usable': 'Redis answers and can be used.',
  'redis.unusable': 'Redis cannot be used: {reason}.',
  'redis.notYet': 'it has not answered yet',
  'redis.gone': 'the connection was closed',
  'redis.password': 'wrong password',
  'redis.notRedis': 'what listens there is not Redis',
  'redis.silent': 'it does not answer in time',
  'redis.nothing': 'nothing listens there',

  /* How TVs reach this computer. */
  'address.preferred': 'Chosen in the settings.',
  'address.route': 'The way to the internet: most likely the network that the TVs are in.',
  'address.home': 'A home network.',
  'address.public': 'A public address: TVs at home may not reach it.',
  'address.container': 'A network of containers: no TV is in it.',
  'address.machine': 'A network of virtual machines: no TV is in it.',
  'address.tunnel': 'A VPN or tunnel: TVs at home are not in it.',
  'address.other': 'A link between devices that no TV uses.',
  'probe.ours': 'This computer reaches the relay at this address.',
  'probe.another': 'Another program answers at this address.',
  'probe.silent': 'Nothing answers at this address.',
  'reach.reachable': {
    one: 'Yes: the relay answers on this network, and {count:count} device has come in.',
    other: 'Yes: the relay answers on this network, and {count:count} devices have come in.',
  },
  'reach.nobodyYet':
    "The relay answers, but no other device has come in yet. If a TV cannot connect, allow Hearthcast (port {port}) in this computer's firewall.",
  'reach.silent':
    'Not even this computer reaches port {port} through its network address: its firewall or security software may be in the way.',
  'reach.loopbackOnly': 'No: the relay listens to this computer alone. Let it listen on 0.0.0.0 in the settings.',
  'reach.portInUse': 'No: another program uses port {port}. Stop it, or choose another port in the settings.',
  'reach.noNetwork': 'No: this computer is on no network. Connect it to the one that the TVs are on.',

  /* How providers failed. */
  'origin.silent': 'The provider did not answer in time.',
  'origin.stopped': 'The provider stopped in the middle of an answer.',
  'origin.closed': 'The provider closed the connection too early.',
  'origin.broke': 'The connection to the provider broke.',
  'origin.refuses': 'The provider refuses connections.',
  'origin.noName': "The provider's name was not found (DNS).",
  'origin.noWay': 'There is no way to the provider from this network.',
  'origin.certificate': "The provider's certificate is not valid.",
  'origin.notFound': 'The provider does not have this (404).',
  'origin.status': 'The provider answered {status}.',
  'origin.noRange': 'The provider does not have that range.',
  'origin.other': 'The provider sent something else when it was asked to continue.',
  'origin.undecodable': "The provider's answer could not be decoded ({encoding}).",
  'origin.unreadable': 'This document could not be read.',
  'origin.tooMuch': 'The provider sent more than such a document ever has.',
  'origin.endless': 'The provider sends a body without end.',
  'origin.unwanted': 'Given up because nobody waited for it.',
  'origin.circle': 'The provider redirects in a circle.',
  'origin.elsewhere': 'The provider redirects to something that is not a web address.',
  'origin.noWebAddress': "The channel's address is not a web address.",
  'origin.address':
    'The channel leads to an address inside the home or to one that nothing may reach; it was not followed.',
  'origin.streamLimit':
    'The provider allows no further channel at the same time, and other TVs are watching that many.',

  /* What is asked of the relay and cannot be had. */
  'request.method': 'The relay only answers GET, HEAD and OPTIONS.',
  'request.nothingHere': 'There is nothing at this address; the list of channels is at /playlist.m3u.',
  'request.noGuide': 'There is no programme guide: no list names one, or it is still loading.',
  'request.accessKey': 'This relay asks for its access key: add ?key= and the key to the address.',
  'request.host': 'The Host header of this request is not a host.',
  'request.range': 'There are only {count:count} bytes.',
  'request.link': 'This link is not one of ours, or belongs to another channel; load the channel again.',
  'channel.unknownHere': 'There is no such channel here.',
  'channel.noSource': 'This channel has no source.',
  'channel.noSuchSource': 'This channel has no such source any more.',
  'device.unknown': 'This device is not known any more.',
  'task.underWay': 'This is under way already.',
  'task.cancelled': 'This was cancelled.',

  /* The control port and the window. */
  'control.portInUse':
    'Control port {port} is in use by another program; stop it or choose another with --control-port.',
  'control.portForbidden':
    'Control port {port} may not be opened by this user; choose one above 1023 with --control-port.',
  'control.cannotListen': 'The control port cannot be opened on {address} ({code}).',
  'control.ownWindow': 'Commands are taken from our own window only.',
  'control.ownAddress': 'The control port answers under its own address only.',
  'control.ownPages': 'Pages of other sites may not control the relay.',
  'control.unknownCommand': 'The relay knows no such command; reload the window.',
  'control.noToken':
    'This page is not let in: open the address that the relay printed when it started, with its token.',
  'control.wrongToken':
    'This page is not let in any more: the relay has a new token since it was started. Open the address that it printed.',
  'control.tooManyTokens': 'Too many wrong tokens came from this address; wait a minute.',
  'control.nothingHere': 'There is nothing at this address.',
  'control.method': 'This address does not answer requests of this method.',
  'control.jsonType': 'Commands take their input as application/json.',
  'control.json': 'The input of the command is not JSON.',
  'control.tooLong': 'This is longer than the relay takes.',
  'control.notBuilt': 'The window has not been built; "npm run build" does that.',
  'window.offline': 'The relay does not answer.',
  'window.status': 'The relay answered with HTTP status {status}.',
  'window.bug': 'The window made a mistake: {what}',

  /* What is wrong with what somebody entered. */
  'input.wrong': 'The input is not as it should be.',
  'input.field': 'The {field:list} {complaint}.',
  'input.input': 'input',
  'input.entry': 'entry {number}',
  'input.kind': 'must be {kind}',
  'input.aList': 'a list',
  'input.yesOrNo': 'yes or no',
  'input.aWholeNumber': 'a whole number',
  'input.aNumber': 'a number',
  'input.aText': 'text',
  'input.anObject': 'an object',
  'input.empty': 'must not be empty',
  'input.least': 'must be at least {minimum}',
  'input.leastCharacters': 'must be at least {minimum} characters long',
  'input.leastEntries': 'must be at least {minimum} entries long',
  'input.most': 'must be at most {maximum}',
  'input.mostCharacters': 'must be at most {maximum} characters long',
  'input.mostEntries': 'must be at most {maximum} entries long',
  'input.oneOf': 'must be one of {values:list}',
  'input.network4': 'must be a range of addresses like 192.168.1.0/24',
  'input.network6': 'must be a range of addresses like fd00::/8',
  'input.address': 'must be an address like 192.168.1.20',
  'input.webAddress': 'must be an address that begins with http:// or https://',
  'input.characters': 'has characters that cannot be used here',
  'input.otherwise': 'is not as it should be',

  /* Who did what, in the log of operations. */
  'did.pause': 'Paused the relay.',
  'did.resume': 'Let the relay go on.',
  'did.add': 'Added the channel {name}.',
  'did.change': 'Changed the channel {name}: {fields:list}.',
  'did.changeMany': {
    one: 'Changed {count:count} channel: {fields:list}.',
    other: 'Changed {count:count} channels: {fields:list}.',
  },
  'did.remove': { one: 'Removed {count:count} channel.', other: 'Removed {count:count} channels.' },
  'did.move': { one: 'Moved {count:count} channel.', other: 'Moved {count:count} channels.' },
  'did.sort': 'Sorted the channels by {by}.',
  'did.renameGroup': {
    one: 'Renamed the group {from} to {to} ({count:count} channel).',
    other: 'Renamed the group {from} to {to} ({count:count} channels).',
  },
  'did.undo': 'Took back: {what}',
  'did.import': 'Imported a list: {added:count} added, {changed:count} changed, {removed:count} removed.',
  'did.refresh': 'Refreshed a list: {added:count} added, {changed:count} changed, {removed:count} removed.',
  'did.schedule': {
    one: 'Set the list {name} to be refreshed every hour.',
    other: 'Set the list {name} to be refreshed every {count:count} hours.',
  },
  'did.unschedule': 'Set the list {name} to be refreshed by hand only.',
  'did.removeList': {
    one: 'Removed a list with {count:count} channel.',
    other: 'Removed a list with {count:count} channels.',
  },
  'did.restore': {
    one: 'Restored a backup of {count:count} channel.',
    other: 'Restored a backup of {count:count} channels.',
  },
  'did.takeHeaders': 'Gave the channel {name} the headers with which it plays.',
  'did.settings': 'Changed the settings: {fields:list}.',
  'did.clearCache': 'Cleared the cache.',
  'did.downloadUpdate': 'Began to download version {version}.',
  'did.restartIntoUpdate': 'Restarted to install version {version}.',
  'did.nameDevice': 'Named a device {name}.',
  'did.unnameDevice': 'Took a name from a device.',

  /* What can be changed of channels and settings, by the names of the contract. */
  'field.name': 'name',
  'field.number': 'number',
  'field.group': 'group',
  'field.logo': 'logo',
  'field.tvgId': 'guide id',
  'field.enabled': 'on or off',
  'field.favourite': 'favourite',
  'field.notes': 'notes',
  'field.options': 'options',
  'field.sources': 'sources',
  'field.host': 'listening address',
  'field.port': 'port',
  'field.memoryCacheMiB': 'memory cache MiB',
  'field.embeddedStoreMiB': 'built-in store MiB',
  'field.redisUrl': 'Redis',
  'field.userAgent': 'User-Agent',
  'field.connectionsPerHost': 'connections per provider',
  'field.streamsPerHost': 'streams per provider',
  'field.lanHosts': 'host names at home',
  'field.prefetch': 'prefetch',
  'field.nightlyCheck': 'nightly check',
  'field.allow': 'allowed networks',
  'field.deny': 'refused networks',
  'field.lanAddress': 'address for TVs',
  'field.accessKey': 'access key',
  'field.upstreamProxy': 'HTTP proxy',
  'field.announce': 'announcement',
  'field.language': 'language',
  'field.theme': 'theme',
  'field.startAtLogin': 'start at login',
  'field.closeToTray': 'close to tray',
  'field.keepAwake': 'keep awake',
  'field.logLevel': 'log level',

  /* Lists, and why they cannot be taken over. */
  'list.absent': 'The list did not arrive.',
  'list.planGone': 'This preview is no longer there: load the list again.',
  'list.unknown': 'There is no such list any more.',
  'list.fromNowhere': 'This list was not loaded from anywhere: there is nothing to refresh.',
  'list.withoutPassword': 'This list comes from a backup without passwords: add it once more.',
  'list.missing': 'The file does not exist.',
  'list.forbidden': 'The file may not be read.',
  'list.unreadable': 'It cannot be read ({code}).',
  'list.noFile': 'This is a folder or a device, not a list file.',
  'list.tooLarge': 'The list is larger than 256 MiB.',
  'list.badGzip': 'The list is a gzip file that is damaged or larger than 256 MiB.',
  'list.compressed': 'This is a compressed file, not a channel list: unpack it first.',
  'list.webPage': 'This is a web page, not a channel list: has the login expired?',
  'list.stream': 'This is the playlist of one stream, not a list of channels.',
  'list.tooLong': 'The list names more than {count:count} channels: choose a smaller one.',
  'list.manyLines': 'The list has more than {count:count} lines: choose a smaller one.',
  'list.empty': 'The list is empty: it names no channels.',
  'list.unusable': {
    one: 'The list names no channel that can be played: one line was skipped; line {line}: {reason:clause}.',
    other:
      'The list names no channel that can be played: {count:count} lines were skipped; line {line}: {reason:clause}.',
  },
  'skipped.longLine': 'The line is too long.',
  'skipped.neither': 'This is neither an address nor "name,address".',
  'skipped.noAddress': 'No address follows this channel.',
  'skipped.noWebAddress': 'This is not a web address.',
  'skipped.scheme': 'Addresses of kind {scheme}: cannot be relayed, only http: and https:.',
  'skipped.longAddress': 'The address is too long.',
  'skipped.badAddress': 'The address is not valid.',
  'skipped.noLiveChannel': 'This is no live channel.',
  'xtream.empty': 'The account has no live channels.',
  'xtream.noPanel': 'The server does not answer like an Xtream Codes panel.',
  'xtream.login': 'The server does not accept this user name and password.',

  /* What taking over a list would change. */
  'plan.changes': '{changes:sentences}',
  'plan.sourceOf': 'Becomes a source of "{name}".',
  'plan.sources': { one: '{count:count} source.', other: '{count:count} sources.' },
  'plan.otherSources': {
    one: '{count:count} source instead of {before:count}.',
    other: '{count:count} sources instead of {before:count}.',
  },
  'plan.was': 'Was "{name}".',
  'plan.number': 'New number.',
  'plan.group_title': 'New group.',
  'plan.logo': 'New logo.',
  'plan.tvg_id': 'New guide id.',
  'plan.attributes': 'New details.',
  'plan.address': 'New address.',
  'plan.headers': 'New headers.',
  'plan.back': 'Is back.',
  'plan.gone': 'No longer in the list.',

  /* What can be taken back, besides what is in the log of operations. */
  'done.add': 'Added {name}.',
  'done.addOne': 'Added a channel.',
  'done.change': 'Changed {name}.',
  'done.changeMany': { one: 'Changed {count:count} channel.', other: 'Changed {count:count} channels.' },
  'done.takeOver': 'Took over the list {name}.',
  'done.refresh': 'Refreshed the list {name}.',
  'done.removeList': {
    one: 'Removed the list {name} with {count:count} channel.',
    other: 'Removed the list {name} with {count:count} channels.',
  },
  'group.none': '(none)',

  /* Backups and the database of channels. */
  'backup.none': 'This is not a backup of Hearthcast.',
  'backup.newer': 'This backup was written by a newer version of Hearthcast: nothing was changed.',
  'backup.encrypted': 'This backup is encrypted: enter its passphrase.',
  'backup.passphrase': 'The passphrase is not the one of this backup, or the backup is damaged.',
  'backup.incomplete': 'The backup is incomplete.',
  'backup.badRecord': 'The backup is damaged: record {number} of it cannot be used.',
  'backup.torn': 'The backup is damaged: its channels and lists do not fit together.',
  'database.busy': 'Another program is using the channel database.',
  'database.full': 'The disk is full: the channels were not changed.',
  'database.readOnly': 'The channel database cannot be written: the channels were not changed.',
  'database.failing': 'The disk failed while the channels were read or written: they were not changed.',
  'database.newer': 'The channel database was written by a newer version of Hearthcast: nothing was changed.',
  'channel.unknown': 'There is no such channel any more.',
} as const satisfies Record<string, Template>;

export type SentenceId = keyof typeof SENTENCES;

/** Whether there is a sentence of this id. */
export function isSentenceId(id: string): id is SentenceId {
  return Object.hasOwn(SENTENCES, id);
}

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
