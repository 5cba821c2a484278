import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { rewriteDocument } from '../../../main/hls/documents.ts';
import { BASE_URL, fixture, openableLink } from './rewriting.ts';

function rewrite(body: string | Buffer): unknown {
  const rewritten = rewriteDocument(Buffer.from(body), { baseUrl: BASE_URL, link: openableLink });
  return rewritten === undefined ? undefined : JSON.parse(rewritten.toString());
}

function original(name: string): Record<string, unknown> {
  return JSON.parse(fixture(name).toString()) as Record<string, unknown>;
}

test('the assets of an asset list become playlists of the relay, and all else stays', () => {
  expect(rewrite(fixture('rfc8216bis-D.2-asset-list.json'))).toEqual({
    ...original('rfc8216bis-D.2-asset-list.json'),
    ASSETS: [
      {
        URI: 'playlist/master.m3u8?k=https%3A%2F%2Forigin.example%2Flive%2Fch1%2Fad1%2Fmaster.m3u8%3Fx%3D1',
        DURATION: 15,
        'X-COM-EXAMPLE-ID': 'a',
      },
      { URI: 'playlist/ad2.m3u8?k=https%3A%2F%2Fads.example.com%2Fad2', DURATION: 10 },
      { URI: 'data:application/x-mpegurl,', DURATION: 1 },
    ],
  });
});

test('a steering manifest is reloaded through the relay and keeps no clone that leads past it', () => {
  expect(rewrite(fixture('rfc8216bis-7.2-steering-manifest.json'))).toEqual({
    ...original('rfc8216bis-7.2-steering-manifest.json'),
    'RELOAD-URI': 'data/steering.json?k=https%3A%2F%2Forigin.example%2Fsteering%3Fvideo%3D00012%26session%3D123',
    'PATHWAY-CLONES': [
      {
        'BASE-ID': 'CDN-A',
        ID: 'CDN-C',
        'URI-REPLACEMENT': {
          'PER-VARIANT-URIS': { low: 'playlist/low.m3u8?k=https%3A%2F%2Fc.example.com%2Flow.m3u8' },
          'PER-RENDITION-URIS': { audio: 'playlist/audio.m3u8?k=https%3A%2F%2Fc.example.com%2Faudio' },
        },
      },
    ],
  });
});

test('a steering manifest without anything to rewrite stays as it is', () => {
  const manifest = { VERSION: 1, TTL: 10, 'PATHWAY-PRIORITY': ['.'] };
  expect(rewrite(`\uFEFF${JSON.stringify(manifest)}`)).toEqual(manifest);
});

test.each([
  '',
  'no JSON',
  '[]',
  '{}',
  'null',
  '{"ASSETS":{}}',
  '{"ASSETS":[{"URI":7}]}',
  '{"VERSION":1}',
  '{"title":"lyrics"}',
])('any other document is none of ours: %s', (body) => {
  expect(rewrite(body)).toBeUndefined();
});

test('whatever the bytes or the JSON, it never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect(() => rewrite(Buffer.from(bytes))).not.toThrow();
      },
    ),
  );
});
