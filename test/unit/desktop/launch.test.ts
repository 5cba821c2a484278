import { describe, expect, test } from 'vitest';
import { parseLaunch } from '../../../main/desktop/launch.ts';

const parse = (...args: string[]) => parseLaunch(args, '/home/me');

test('a start without arguments asks for nothing', () => {
  expect(parse()).toEqual({ isHidden: false, relayFlags: [], offers: [] });
});

test('flags of the relay are told from those of Chromium', () => {
  const { relayFlags, isHidden, offers } = parse(
    ...['--inspect=0', '--port', '9000', '--remote-debugging-port=0', '--data=/srv', '--hidden', '--no-sandbox'],
    ...['--original-process-start-time=13', '-psn_0_1', '--import', 'a.m3u', '--portal'],
  );
  expect(relayFlags).toEqual(['--port', '9000', '--data=/srv', '--import', 'a.m3u']);
  expect(isHidden).toBe(true);
  expect(offers).toEqual([]);
});

describe('offered for import is', () => {
  test.for<[what: string, argument: string, origin: object]>([
    ['a file by its path', '/tv/list.m3u', { kind: 'file', path: '/tv/list.m3u' }],
    ['a file by a relative path', 'lists/my list.m3u', { kind: 'file', path: '/home/me/lists/my list.m3u' }],
    ['a file by its address', 'file:///tv/my%20list.m3u', { kind: 'file', path: '/tv/my list.m3u' }],
    ['an address', 'https://example.com/a.m3u?b=c', { kind: 'url', url: 'https://example.com/a.m3u?b=c' }],
    [
      'what a link of ours names',
      'hearthcast://import?url=http%3A%2F%2Fexample.com%2Fa.m3u%3Fb%3Dc',
      { kind: 'url', url: 'http://example.com/a.m3u?b=c' },
    ],
  ])('%s', ([, argument, origin]) => {
    expect(parse(argument).offers).toEqual([origin]);
  });

  test.for([
    'hearthcast://import',
    'hearthcast://import?url=file%3A%2F%2F%2Fetc%2Fpasswd',
    'hearthcast://import?url=javascript%3Aalert(1)',
    'hearthcast://quit?url=http%3A%2F%2Fexample.com%2F',
    'javascript:alert(1)',
    'file://server/share/list.m3u',
    'rtmp://example.com/a',
  ])('nothing by %s', (argument) => {
    expect(parse(argument).offers).toEqual([]);
  });
});
