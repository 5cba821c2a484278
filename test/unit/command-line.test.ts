import { describe, expect, test } from 'vitest';
import { Settings } from '../../shared/settings.ts';
import { informationAsked, parseCommandLine, USAGE } from '../../main/command-line.ts';

test('without flags, nothing is set, and the window is served to this machine only', () => {
  expect(parseCommandLine([])).toEqual({
    dataFolder: undefined,
    lists: [],
    control: { host: '127.0.0.1', port: 8788 },
    settings: {},
  });
});

test('the window is served where the flags say', () => {
  expect(parseCommandLine(['--control-port', '0']).control).toEqual({ host: '127.0.0.1', port: 0 });
  expect(parseCommandLine(['--control-host', '192.168.1.5']).control).toEqual({ host: '192.168.1.5', port: 8788 });
});

test('every flag is taken over', () => {
  const { dataFolder, lists, settings } = parseCommandLine(
    '--host 127.0.0.1 --port 0 --control-port 0 --data /srv/tv --import a.m3u --import http://provider.example/b.m3u --redis redis://:secret@10.0.0.5:6379/1 --memory-cache-mib 64 --log-level debug'.split(
      ' ',
    ),
  );
  expect(dataFolder).toBe('/srv/tv');
  expect(lists).toEqual(['a.m3u', 'http://provider.example/b.m3u']);
  expect(settings).toMatchObject({
    host: '127.0.0.1',
    port: 0,
    redisUrl: 'redis://:secret@10.0.0.5:6379/1',
    memoryCacheMiB: 64,
    logLevel: 'debug',
  });
});

test('a flag may carry its value behind an equals sign', () => {
  expect(parseCommandLine(['--port=9000', '--import=a.m3u'])).toMatchObject({
    lists: ['a.m3u'],
    settings: { port: 9000 },
  });
});

test('settings that no flag names are not there to overwrite saved ones', () => {
  expect(Object.keys(parseCommandLine(['--port', '9000']).settings)).toEqual(['port']);
});

describe('a wrong flag is refused in words that name it', () => {
  test.each([
    [['--port', '65536'], '--port'],
    [['--port', '-1'], '--port'],
    [['--port', '80a'], '--port'],
    [['--port', '8e3'], '--port'],
    [['--port', ''], '--port'],
    [['--port', ' 80'], '--port'],
    [['--control-port', '99999'], '--control-port'],
    [['--memory-cache-mib', '15'], '--memory-cache-mib'],
    [['--memory-cache-mib', '1.5'], '--memory-cache-mib'],
    [['--redis', 'localhost:6379'], '--redis'],
    [['--redis', 'http://localhost'], '--redis'],
    [['--log-level', 'loud'], '--log-level'],
    [['--port'], '--port'],
    [['--prot', '80'], '--prot'],
    [['list.m3u'], 'list.m3u'],
  ])('%j', (args, name) => {
    expect(() => parseCommandLine(args)).toThrow(name);
  });
});

test('what the command line accepts, the settings accept too', () => {
  const sealingKey = Buffer.alloc(32).toString('base64url');
  for (const args of [
    ['--port', '65535'],
    ['--memory-cache-mib', '16'],
    ['--memory-cache-mib', '65536'],
    ['--log-level', 'silent'],
    ['--redis', 'rediss://redis.example:6380'],
  ]) {
    expect(() => Settings.parse({ sealingKey, ...parseCommandLine(args).settings })).not.toThrow();
  }
});

test('the usage names every flag', () => {
  for (const flag of [
    'host',
    'port',
    'control-port',
    'control-host',
    'data',
    'import',
    'redis',
    'memory-cache-mib',
    'log-level',
    'version',
    'help',
  ]) {
    expect(USAGE).toMatch(new RegExp(`^  --${flag}\\s`, 'm'));
  }
});

test.for([
  [['--help'], 'help'],
  [['-h'], 'help'],
  [['--port', '0', '--version'], 'version'],
  [['--port', '0'], undefined],
] as const)('%j asks for %s', ([args, information]) => {
  expect(informationAsked(args)).toBe(information);
});
