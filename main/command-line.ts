import { parseArgs } from 'node:util';
import type { Settings } from '../shared/settings.ts';

/** What the headless entry was told: the data folder, lists to import, where its window is served, and settings for this run only. */
export type CommandLine = {
  dataFolder: string | undefined;
  lists: readonly string[];
  control: { host: string; port: number };
  settings: Partial<Pick<Settings, 'host' | 'port' | 'redisUrl' | 'memoryCacheMiB' | 'logLevel'>>;
};

export const USAGE = `usage: hearthcast [flags]        (from the sources: npm run -s headless -- [flags])

  --host ADDRESS            where TVs connect to (0.0.0.0: every network of this machine)
  --port NUMBER             at which port; 0 is any free one (8787)
  --control-host ADDRESS    where the window is served (127.0.0.1: to this machine only)
  --control-port NUMBER     at which port (8788)
  --data DIR                where channels, settings and the log are kept
  --import FILE_OR_URL      a list of channels to take over; may be given several times
  --redis URL               what several relays share, like redis://192.168.1.5:6379
  --memory-cache-mib NUMBER how much of the streams to keep in memory (256)
  --log-level LEVEL         debug, info, warn, error or silent (info)
  --version                 print the version
  --help                    print this`;

/** Whoever controls the relay sits in front of this machine, unless its owner says otherwise. */
const DEFAULT_CONTROL = { host: '127.0.0.1', port: 8788 };

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const satisfies Settings['logLevel'][];

/** What a command line asks for instead of a relay, if it does. */
export function informationAsked(args: readonly string[]): 'help' | 'version' | undefined {
  if (args.includes('--help') || args.includes('-h')) return 'help';
  return args.includes('--version') ? 'version' : undefined;
}

/** @throws Error with one sentence about the first flag that is wrong */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    allowPositionals: false,
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      'control-port': { type: 'string' },
      'control-host': { type: 'string' },
      data: { type: 'string' },
      import: { type: 'string', multiple: true },
      redis: { type: 'string' },
      'memory-cache-mib': { type: 'string' },
      'log-level': { type: 'string' },
    },
  });
  const number = (
    flag: 'port' | 'control-port' | 'memory-cache-mib',
    least: number,
    most: number,
  ): number | undefined => {
    const text = values[flag];
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new Error(`--${flag} wants a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
    return value;
  };

  return {
    dataFolder: values.data,
    lists: values.import ?? [],
    control: {
      host: values['control-host'] ?? DEFAULT_CONTROL.host,
      port: number('control-port', 0, 65_535) ?? DEFAULT_CONTROL.port,
    },
    settings: withoutUndefined({
      host: values.host,
      port: number('port', 0, 65_535),
      redisUrl: redisUrl(values.redis),
      memoryCacheMiB: number('memory-cache-mib', 16, 65_536),
      logLevel: logLevel(values['log-level']),
    }),
  };
}

function redisUrl(text: string | undefined): string | undefined {
  if (text === undefined || /^rediss?:\/\/\S+$/.test(text)) return text;
  throw new Error('--redis wants an address like redis://192.168.1.5:6379');
}

function logLevel(text: string | undefined): Settings['logLevel'] | undefined {
  if (text === undefined) return undefined;
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined)
    throw new Error(`--log-level wants one of ${LOG_LEVELS.join(', ')}, not ${JSON.stringify(text)}`);
  return level;
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
