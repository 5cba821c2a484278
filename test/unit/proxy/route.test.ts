import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accessKeyOf, channelPath, parseRoute, resourceUrl, type Route } from '../../../main/proxy/route.ts';

describe('the public URL space', () => {
  test.each<[string, Route]>([
    ['/', { kind: 'home' }],
    ['/?utm=1', { kind: 'home' }],
    ['/playlist.m3u', { kind: 'list' }],
    ['/playlist.m3u?x=1', { kind: 'list' }],
    ['/tv', { kind: 'list' }],
    ['/health', { kind: 'health' }],
    ['/proxy/ch_news/stream.m3u8', { kind: 'channel', channelId: 'ch_news', directives: '' }],
    ['/proxy/ch_news/stream.m3u8?', { kind: 'channel', channelId: 'ch_news', directives: '' }],
    ['/proxy/ch_news/stream.m3u8?foo=bar', { kind: 'channel', channelId: 'ch_news', directives: '' }],
    [
      '/proxy/ch_news/stream.m3u8?_HLS_msn=12&x=1&_HLS_part=3',
      { kind: 'channel', channelId: 'ch_news', directives: '_HLS_msn=12&_HLS_part=3' },
    ],
    [
      '/proxy/ch_a.b-c_1/seg-1042.ts?k=AbC_-9',
      { kind: 'resource', channelId: 'ch_a.b-c_1', extension: 'ts', sealed: 'AbC_-9', directives: '' },
    ],
    [
      '/proxy/ch_news/video.720.m3u8?_HLS_msn=7&k=AbC&_HLS_skip=YES',
      {
        kind: 'resource',
        channelId: 'ch_news',
        extension: 'm3u8',
        sealed: 'AbC',
        directives: '_HLS_msn=7&_HLS_skip=YES',
      },
    ],
    [
      '/proxy/ch_news/stream.m3u8?k=AbC',
      { kind: 'resource', channelId: 'ch_news', extension: 'm3u8', sealed: 'AbC', directives: '' },
    ],
    [
      '/proxy/ch_news/SEG.TS?k=AbC',
      { kind: 'resource', channelId: 'ch_news', extension: 'ts', sealed: 'AbC', directives: '' },
    ],
  ])('%s', (target, route) => {
    expect(parseRoute(target)).toEqual(route);
  });
});

test.each([
  ['no value', '_HLS_msn'],
  ['a fragment', '_HLS_msn=1%23a#b'],
  ['blanks and quotes', '_HLS_msn=1 "2"'],
  ['a name of no directive', `_HLS_${'a'.repeat(99)}=1`],
  ['a value of no directive', `_HLS_msn=${'1'.repeat(300)}`],
  ['control characters', '_HLS_msn=1\r\nHost: x'],
])('a directive with %s does not reach the origin', (_, query) => {
  expect(parseRoute(`/proxy/ch_news/stream.m3u8?${query}`)).toMatchObject({ kind: 'channel', directives: '' });
});

test('of directives without end, the first kilobyte reaches the origin', () => {
  const query = Array.from({ length: 500 }, (_, index) => `_HLS_x${index}=${index}`).join('&');
  const route = parseRoute(`/proxy/ch_news/stream.m3u8?${query}`);
  expect(route.kind === 'channel' && route.directives.length).toBeLessThanOrEqual(1_000);
});

describe('nothing else is there', () => {
  test.each([
    '',
    '*',
    '//',
    '/tv/',
    '/TV',
    '/playlist.m3u8',
    '/favicon.ico',
    '/proxy',
    '/proxy/ch_news',
    '/proxy/ch_news/',
    '/proxy/ch_news/other.m3u8',
    '/proxy/ch_news/seg.ts',
    '/proxy/ch_news/seg.ts?k=',
    '/proxy/news/stream.m3u8',
    '/proxy/ch_/stream.m3u8',
    '/proxy/ch_News/stream.m3u8',
    '/proxy/ch_news/../ch_x/stream.m3u8',
    '/proxy/ch_news/%2e%2e/stream.m3u8',
    '/proxy/ch_news/a/stream.m3u8',
    '/proxy/ch_news/stream.m3u8/',
    `/proxy/ch_${'a'.repeat(129)}/stream.m3u8`,
    `/proxy/ch_news/seg.ts?k=${'a'.repeat(20_000)}`,
    'http://example.org/tv',
    '/proxy/ch_news/stream.m3u8\n',
  ])('%s', (target) => {
    expect(parseRoute(target)).toEqual({ kind: 'unknown' });
  });

  test('and no target makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseRoute(`/${text}`).kind).toBeTypeOf('string');
        expect(parseRoute(`/proxy/ch_a/${text}`).kind).toBeTypeOf('string');
      }),
    );
  });
});

test('the path of a channel leads to that channel', () => {
  expect(parseRoute(channelPath('ch_news'))).toEqual({ kind: 'channel', channelId: 'ch_news', directives: '' });
});

test('the URL of a resource leads to it from any other URL of its channel, below any base URL', () => {
  const sealed = 'AbC_-9';
  const child = resourceUrl('video-720', 'm3u8', sealed);
  for (const base of ['http://192.168.1.20:8787', 'http://relay.lan']) {
    const playlist = new URL(child, `${base}${channelPath('ch_news')}?_HLS_msn=4`);
    const segment = new URL(resourceUrl('seg-1', 'ts', sealed), playlist);
    expect(segment.href).toBe(`${base}/proxy/ch_news/seg-1.ts?k=${sealed}`);
    expect(parseRoute(segment.pathname + segment.search)).toMatchObject({
      kind: 'resource',
      channelId: 'ch_news',
      sealed,
    });
  }
});

test('the access key travels in the query, beside whatever else is there', () => {
  expect(accessKeyOf('/tv')).toBe('');
  expect(accessKeyOf('/tv?monkey=1')).toBe('');
  expect(accessKeyOf('/tv?key=tv-2026')).toBe('tv-2026');
  const target = `${channelPath('ch_news', 'tv-2026')}&_HLS_msn=4`;
  expect(accessKeyOf(target)).toBe('tv-2026');
  expect(parseRoute(target)).toEqual({ kind: 'channel', channelId: 'ch_news', directives: '_HLS_msn=4' });
});
