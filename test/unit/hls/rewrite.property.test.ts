import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rewritePlaylist } from '../../../main/hls/rewrite.ts';
import { BASE_URL, openLink, rewrite } from './rewriting.ts';

/** A piece of a playlist: bytes that have to survive, or a URI that has to be replaced. */
type Piece = Buffer | { uri: string };

/** What the rewriter has to do to a URI, said the shortest way. */
function expectedLink(uri: string): string {
  if (!URL.canParse(uri, BASE_URL)) return uri;
  const url = new URL(uri, BASE_URL);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return uri;
  url.hash = '';
  return `link?k=${encodeURIComponent(url.href)}`;
}

function join(pieces: readonly Piece[], toText: (uri: string) => string): Buffer {
  return Buffer.concat(pieces.map((piece) => (Buffer.isBuffer(piece) ? piece : Buffer.from(toText(piece.uri)))));
}

const lineBreak = fc.constantFrom('\n', '\r\n', '\r', '\n\n', ' \t\r\n').map((text) => Buffer.from(text));

/** Any bytes but line breaks: titles and comments hold what they like, in whatever code. */
const anyText = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a && byte !== 0x0d)));

const quotedText = anyText.map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x22)));

const anyUri = fc
  .oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.webPath(),
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.string({
      unit: fc.constantFrom('a', '.', '..', '/', '//', '?', '#', '%2F', '%', ':', '中', 'é', '\\', '@'),
      minLength: 1,
    }),
    fc.constantFrom(
      'data:,a',
      'skd://a',
      'urn:a:b',
      'HTTP://A.example/x.TS',
      'seg.ts?playlist=a.m3u8',
      'http://[',
      'a\u00a0',
    ),
  )
  .filter((uri) => !/[\r\n"]|^[ \t]|[ \t]$|^$/.test(uri));

const uriLine = anyUri.filter((uri) => !uri.startsWith('#')).map((uri): Piece[] => [{ uri }]);

const uriTag = fc
  .tuple(
    fc.constantFrom(
      'KEY',
      'MAP',
      'PART',
      'PRELOAD-HINT',
      'MEDIA',
      'I-FRAME-STREAM-INF',
      'RENDITION-REPORT',
      'SESSION-DATA',
      'ACME',
    ),
    fc.array(fc.tuple(fc.constantFrom('METHOD', 'NAME', 'X-URI', 'IV'), quotedText), { maxLength: 3 }),
    fc.array(fc.tuple(fc.constantFrom('TYPE', 'DEFAULT', 'Y'), fc.constantFrom('YES', '12.5', '0xAB', '')), {
      maxLength: 3,
    }),
    anyUri,
  )
  .map(([tag, before, after, uri]): Piece[] => [
    Buffer.from(`#EXT-X-${tag}:`),
    ...before.flatMap(([name, value]) => [Buffer.from(`${name}="`), value, Buffer.from('",')]),
    Buffer.from('URI="'),
    { uri },
    Buffer.from('"'),
    ...after.map(([name, value]) => Buffer.from(`,${name}=${value}`)),
  ]);

const plainLine = fc
  .tuple(
    fc.constantFrom('#', '#EXTINF:6,', '#EXTVLCOPT:', '#EXT-X-VERSION:', '#EXT-X-STREAM-INF:BANDWIDTH=1,X="'),
    anyText,
  )
  .filter(([start, text]) => start !== '#' || !text.toString().startsWith('EXT'))
  .filter(([start, text]) => start !== '#EXT-X-VERSION:' || !text.includes('='))
  .filter(([start, text]) => !start.endsWith('"') || !text.includes('"'))
  .map(([start, text]): Piece[] => [Buffer.from(start), text]);

const playlistPieces = fc
  .tuple(
    fc.constantFrom('#EXTM3U', '\uFEFF#EXTM3U'),
    fc.array(fc.tuple(lineBreak, fc.oneof(uriLine, uriTag, plainLine)), { maxLength: 30 }),
    fc.option(lineBreak),
  )
  .map(([start, lines, end]): Piece[] => [
    Buffer.from(start),
    ...lines.flatMap(([lineStart, line]) => [lineStart, ...line]),
    ...(end === null ? [] : [end]),
  ]);

/** Something like a playlist, and something like none. */
const anyBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom(
          ...[
            '#EXTM3U\n',
            '#EXT-X-',
            'STREAM-INF:',
            'KEY:',
            'MAP:',
            'URI=',
            '"',
            ',',
            '=',
            '\n',
            '{$a}',
            'METHOD=NONE',
            '#EXTINF:',
          ],
          ...[
            '#EXT-X-DEFINE:',
            'NAME="a",VALUE="',
            'QUERYPARAM="token"',
            'IMPORT="a"',
            'BYTERANGE:',
            '9@9',
            'SKIP:',
            '-1',
            '.m3u8',
          ],
        )
        .map((text) => Buffer.from(text)),
    ),
    { maxLength: 60 },
  )
  .map((pieces) => Buffer.concat(pieces));

describe('rewriting any playlist', () => {
  test('replaces each URI by a link to the right upstream URL and keeps every other byte', () => {
    fc.assert(
      fc.property(playlistPieces, (pieces) => {
        const { body } = rewritePlaylist(
          join(pieces, (uri) => uri),
          {
            baseUrl: BASE_URL,
            importedVariables: new Map(),
            link: ({ url }) => `link?k=${encodeURIComponent(url)}`,
          },
        );
        expect(body.toString('latin1')).toBe(join(pieces, expectedLink).toString('latin1'));
      }),
      { numRuns: 1000 },
    );
  });

  test('never throws, whatever the bytes, and makes only links that open and that a LAN path can hold', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const { references, body } = rewrite(bytes);
        for (const { name, extension, url } of references) {
          expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/);
          expect(extension).toMatch(/^[a-z0-9]{1,8}$/);
          expect(new URL(url).href).toBe(url);
        }
        const links = body.toString('latin1').match(/(?:playlist|segment|key|data)\/[\w.-]+\?k=[^\s",]+/g) ?? [];
        const urls = new Set(references.map(({ url }) => url));
        expect(new Set(links.map(openLink))).toEqual(urls);
      }),
      { numRuns: 1000 },
    );
  });

  test('gives the same bytes and the same references for the same playlist', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(rewrite(bytes)).toEqual(rewrite(bytes));
      }),
    );
  });
});
