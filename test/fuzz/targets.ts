import { DatabaseSync } from 'node:sqlite';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatRange, parseContentRange, parseRange, resolveRange } from '../../main/byte-range.ts';
import { decodeStored, encodeStored } from '../../main/cache/stored-codec.ts';
import { readBackup, writeBackup } from '../../main/channels/backup-file.ts';
import { parseChannelList } from '../../main/channels/channel-list.ts';
import { createChannelRepository } from '../../main/channels/repository.ts';
import { unpackList } from '../../main/channels/unpack.ts';
import { loadXtream } from '../../main/channels/xtream.ts';
import { ProxyError } from '../../main/errors.ts';
import { rewriteDocument } from '../../main/hls/documents.ts';
import { describeNonPlaylist } from '../../main/hls/non-playlist.ts';
import { isPlaylist } from '../../main/hls/playlist.ts';
import type { Reference } from '../../main/hls/reference.ts';
import { rewritePlaylist } from '../../main/hls/rewrite.ts';
import { silentLogger } from '../../main/log.ts';
import { maskUrlsIn } from '../../main/mask-url.ts';
import { keepOneVariant } from '../../main/proxy/one-quality.ts';
import { accessKeyOf, parseRoute } from '../../main/proxy/route.ts';
import { createSealer, type Resource } from '../../main/proxy/sealed-url.ts';
import { loadSettings } from '../../main/settings-file.ts';
import type { Target } from './guided.ts';

const LIMIT_MS = 5_000;
const SECRET = 'pa55word';
const KIB = 1024;

/** Throws what is no expected failure of these kinds. */
async function expectingFailure(run: () => unknown, ...codes: readonly ProxyError['code'][]): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof ProxyError) || !codes.includes(error.code)) throw error;
    refuseLeak(error.message);
  }
}

function refuseLeak(text: string): void {
  if (text.includes(SECRET)) throw new Error(`a secret came out: ${text.slice(0, 200)}`);
}

function check(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`broken: ${promise}`);
}

function fixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/hls/${name}`, import.meta.url));
}

const MULTIVARIANT = `#EXTM3U
#EXT-X-DEFINE:NAME="a",VALUE="b"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x",URI="audio/{$a}.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=100,CODECS="avc1",RESOLUTION=1x1,AUDIO="a"
v0/index.m3u8?token=1
#EXT-X-CONTENT-STEERING:SERVER-URI="/steer"
`;
const MEDIA = `#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-MAP:URI="init.mp4",BYTERANGE="10@0"
#EXT-X-KEY:METHOD=AES-128,URI="key?x=1",IV=0x01
#EXTINF:2,
#EXT-X-BYTERANGE:10@5
http://cdn.example/user/${SECRET}/1.m4s
#EXT-X-PART:DURATION=0.5,URI="p.m4s"
#EXT-X-DATERANGE:ID="a",X-ASSET-LIST="list.json"
#EXT-X-ENDLIST
`;

const playlist: Target = {
  name: 'playlist',
  seeds: [Buffer.from(MEDIA), Buffer.from(MULTIVARIANT), fixture('rfc8216-8.2-live-media.m3u8')],
  dictionary: MEDIA.split(/[\n:,="]/).concat(MULTIVARIANT.split(/[\n:,="]/)),
  maxBytes: 16 * KIB,
  limitMs: LIMIT_MS,
  async run(input) {
    describeNonPlaylist({ status: 200, contentType: 'text/html', body: input });
    isPlaylist(input);
    await expectingFailure(() => {
      const linked: Reference[] = [];
      const body = keepOneVariant(input, { kind: 'highest' }, 'http://o.example/');
      const rewritten = rewritePlaylist(body, {
        baseUrl: 'http://o.example/live/a.m3u8?q=1',
        importedVariables: new Map([['a', 'b']]),
        link: (reference) => `L${linked.push(reference)}.${reference.extension}`,
      });
      for (const { url, name, extension } of linked) {
        check(/^https?:\/\//.test(url) && URL.canParse(url), 'what is linked is an http address');
        check(/^[\w.-]{1,64}$/.test(name) && !name.startsWith('.'), 'names are safe in a path');
        check(/^[a-z0-9]{1,8}$/.test(extension), 'extensions are safe in a path');
      }
      check(
        rewritten.body.length <= 64 * body.length + 64 * KIB,
        'a rewritten playlist is no multiple of the original',
      );
    }, 'BAD_PLAYLIST');
  },
};

const document: Target = {
  name: 'document',
  seeds: [
    Buffer.from(
      '{"VERSION":1,"TTL":9,"RELOAD-URI":"a?b","PATHWAY-PRIORITY":["x"],"ASSETS":[{"URI":"a.m3u8","DURATION":1}]}',
    ),
  ],
  dictionary: ['"URI":', '"ASSETS":', '"RELOAD-URI":', '"PATHWAY-CLONES":', '"PARAMS":', '{}', '[]', '\\u0000'],
  maxBytes: 8 * KIB,
  limitMs: LIMIT_MS,
  run(input) {
    rewriteDocument(input, { baseUrl: 'http://o.example/', link: ({ name, extension }) => `${name}.${extension}` });
  },
};

const LIST = `#EXTM3U url-tvg="http://epg.example/x.xml"
#EXTINF:-1 tvg-id="one" tvg-logo="http://l.example/1.png" group-title="News" http-user-agent="VLC",One
#EXTVLCOPT:http-referrer=http://r.example/
http://user:${SECRET}@o.example/live/1.m3u8|User-Agent=a%20b&Referer=x
News,#genre#
Two,http://o.example/2.m3u8#http://o.example/3.m3u8
`;

/** What a list may put into the requests to a provider: names and values that are one header each. */
function checkList({ entries }: Awaited<ReturnType<typeof parseChannelList>>): void {
  for (const { name, sources } of entries) {
    check(name.length <= 1_000, 'names are of bounded length');
    for (const { url, headers } of sources) {
      check(/^https?:\/\//.test(url) && URL.canParse(url), 'sources are http addresses');
      check(new Headers(headers) instanceof Headers, 'headers are headers');
      check(!/[\r\n\0]/.test(Object.entries(headers).flat().join('')), 'no header holds another');
    }
  }
}

const channelList: Target = {
  name: 'channel list',
  seeds: [Buffer.from(LIST), Buffer.from(`\ufeff${LIST}`, 'utf16le'), gzipSync(LIST)],
  dictionary: LIST.split(/[\n:,=" |#&]/),
  maxBytes: 16 * KIB,
  limitMs: LIMIT_MS,
  run: (input) => expectingFailure(async () => checkList(await parseChannelList(await unpackList(input))), 'BAD_LIST'),
};

const CATEGORIES = Buffer.from('[{"category_id":"1","category_name":"News"}]');

const xtream: Target = {
  name: 'xtream answer',
  seeds: [
    Buffer.from('[{"num":1,"name":"One","stream_id":7,"stream_icon":"","epg_channel_id":null,"category_id":"1"}]'),
    CATEGORIES,
  ],
  dictionary: ['"stream_id":', '"name":', '"user_info":{"auth":0}', '[[', '{"0":{', '\\ud800', 'null'],
  maxBytes: 8 * KIB,
  limitMs: LIMIT_MS,
  async run(input) {
    const account = { server: 'http://x.example', username: 'user', password: SECRET };
    for (const first of [CATEGORIES, input]) {
      const answers = [first, input];
      const load = (): Promise<Buffer> => Promise.resolve(answers.shift() ?? input);
      await expectingFailure(
        async () => checkList(await loadXtream(account, load, new AbortController().signal)),
        'BAD_LIST',
      );
    }
  },
};

const range: Target = {
  name: 'Range header',
  seeds: [Buffer.from('bytes=0-499'), Buffer.from('bytes=-5'), Buffer.from('bytes 0-499/1234')],
  dictionary: ['bytes=', '-', '*', '/', ',', '9007199254740993', ' '],
  maxBytes: 200,
  limitMs: 1_000,
  run(input) {
    const text = input.toString('latin1');
    parseContentRange(text);
    const parsed = parseRange(text);
    if (parsed === undefined) return;
    check(/^bytes=\d*-\d*$/.test(formatRange(parsed)), 'what goes to the origin is one range');
    for (const total of [0, 1, 500, 2 ** 40]) {
      const part = resolveRange(parsed, total);
      check(part === undefined || (part.start >= 0 && part.start <= part.end && part.end < total), 'parts lie within');
    }
  },
};

const route: Target = {
  name: 'request target',
  seeds: [
    Buffer.from('/proxy/ch_one/seg-1.ts?k=AbC_-9&_HLS_msn=1&_HLS_part=2'),
    Buffer.from('/tv?key=a'),
    Buffer.from('/'),
  ],
  dictionary: ['/proxy/', 'ch_', 'stream.m3u8', '?k=', '&_HLS_', '..', '%2e', 'key=', 'http://'],
  maxBytes: 16 * KIB,
  limitMs: 1_000,
  run(input) {
    const target = input.toString('latin1');
    accessKeyOf(target);
    maskUrlsIn(target);
    const parsed = parseRoute(target);
    if (!('directives' in parsed)) return;
    check(/^ch_[a-z0-9._-]{1,128}$/.test(parsed.channelId), 'a channel id is one');
    check(/^[!$-;=?-Z_a-z~]*$/.test(parsed.directives), 'directives are safe in an address');
    check(parsed.directives.length <= KIB, 'directives are short');
  },
};

const sealer = createSealer(Buffer.alloc(32, 9));
const SEALED_RESOURCE: Resource = {
  kind: 'playlist',
  url: `http://user:${SECRET}@o.example/1.m3u8`,
  source: 3,
  keyedByQuery: true,
  ranged: false,
  durationSeconds: 2,
  variables: new Map([['a', 'b']]),
};
const SEALED = sealer.seal('ch_one', SEALED_RESOURCE);

const sealed: Target = {
  name: 'sealed address',
  seeds: [Buffer.from(SEALED)],
  dictionary: ['=', '-', '_', '+', '/', '%3D', 'A'],
  maxBytes: 12_000,
  limitMs: 1_000,
  async run(input) {
    const text = input.toString('latin1');
    check(sealer.seal('ch_one', SEALED_RESOURCE) === SEALED, 'sealing again is the same');
    for (const channelId of ['ch_one', 'ch_two']) {
      await expectingFailure(() => {
        sealer.open(channelId, text);
        check(text === SEALED && channelId === 'ch_one', 'nothing opens but what was sealed, for its channel');
      }, 'UNKNOWN_RESOURCE');
    }
  },
};

const STORED = encodeStored('key', {
  head: { contentType: 'video/mp2t', contentEncoding: undefined, etag: '"1"', contentLength: 4, range: undefined },
  body: Buffer.from('body'),
});

const stored: Target = {
  name: 'stored response',
  seeds: [STORED],
  dictionary: ['HCR2', '{"contentLength":', '"range":{"start":0,"end":3}', '\r\n'],
  maxBytes: KIB,
  limitMs: 1_000,
  run(input) {
    check(decodeStored('other', input) === undefined, 'nothing is read under another key');
    const decoded = decodeStored('key', input);
    check(decoded === undefined || input.equals(STORED), 'nothing is read but what was written');
  },
};

const BACKUPS = [
  await writeBackup([{ settings: {}, sealingKey: null }], { passphrase: '', nowMs: 0 }),
  await writeBackup([{ settings: {}, sealingKey: null }], { passphrase: 'p', nowMs: 0 }),
].map((text) => Buffer.from(text));

const backup: Target = {
  name: 'backup file',
  seeds: [BACKUPS[0] ?? Buffer.alloc(0), ...BACKUPS],
  dictionary: [
    '{"channel":{',
    '{"list":{',
    '{"end":{"records":1}}',
    '"settings":{',
    '"version":9',
    '"encryption":null',
    '"N":1e9',
  ],
  maxBytes: 8 * KIB,
  // An encrypted one is made slow on purpose.
  limitMs: 20_000,
  run: (input) => expectingFailure(() => readBackup(input.toString('utf8'), 'p'), 'BAD_REQUEST'),
};

/** Calls with a folder of its own. */
async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hearthcast-fuzz-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const settingsFile: Target = {
  name: 'settings file',
  seeds: [
    Buffer.from(
      JSON.stringify({
        version: 1,
        port: 8787,
        sealingKey: Buffer.alloc(32).toString('base64url'),
        allow: ['10.0.0.0/8'],
      }),
    ),
  ],
  dictionary: [
    '"port":',
    '"sealingKey":"locked:',
    '"allow":["',
    '"__proto__":{',
    '"redisUrl":"',
    '"version":99',
    'null',
    '1e400',
  ],
  maxBytes: 4 * KIB,
  limitMs: LIMIT_MS,
  run: (input) =>
    inFolder(async (folder) => {
      writeFileSync(path.join(folder, 'settings.json'), input);
      const { settings } = await loadSettings(folder);
      check(Buffer.from(settings.sealingKey, 'base64url').length === 32, 'there is a key in any case');
      check((await loadSettings(folder)).warning === undefined, 'what was repaired stays so');
    }),
};

async function freshDatabase(): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  await inFolder(async (folder) => {
    const file = path.join(folder, 'channels.sqlite');
    const repository = createChannelRepository({ file, log: silentLogger, now: () => 0 });
    await repository.start?.();
    await repository.stop?.();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA journal_mode = DELETE; VACUUM');
    database.close();
    bytes = readFileSync(file);
  });
  return bytes;
}

const database: Target = {
  name: 'channel database',
  seeds: [await freshDatabase()],
  dictionary: ['SQLite format 3\0', 'CREATE TABLE', 'channels', '\0\0\0\0'],
  maxBytes: 512 * KIB,
  limitMs: 20_000,
  run: (input) =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'channels.sqlite');
      writeFileSync(file, input);
      const repository = createChannelRepository({ file, log: silentLogger, now: Date.now });
      await expectingFailure(
        async () => {
          await repository.start?.();
          try {
            repository.count();
            repository.get('ch_one');
            for (const page of repository.pages(10)) check(page.length <= 10, 'pages are pages');
          } finally {
            await repository.stop?.();
          }
        },
        'BAD_DATABASE',
        'DATA_FOLDER',
      );
    }),
};

/** All that takes bytes from outside, the cheap ones first. */
export const TARGETS: readonly Target[] = [
  ...[range, route, sealed, stored, playlist, document, channelList, xtream],
  ...[settingsFile, backup, database],
];
