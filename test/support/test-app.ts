import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { createApp, type App } from '../../main/app.ts';
import { createFoundation } from '../../main/foundation.ts';
import { loadSettings } from '../../main/settings-file.ts';
import type { Settings } from '../../shared/settings.ts';
import { m3uOf } from './headless.ts';
import { get } from './http-client.ts';
import { linksIn } from './small-stream.ts';

export type TestAppOptions = {
  /** Source URLs by tvg-id: `{ one: url }` is the channel `ch_one`. */
  channels?: Readonly<Record<string, string>>;
  /** A whole channel list instead. */
  list?: string;
  settings?: Partial<Settings>;
  /** That of an app before this one; otherwise a new one that goes with the app. */
  dataFolder?: string;
};

/** A line of the log: its level in numbers (50: error), its text, and what goes with it. */
export type LogLine = { level: number; msg: string } & Record<string, unknown>;

/** The whole app in this process, on a free loopback port. Disposing of it throws when it has logged an error. */
export type TestApp = AsyncDisposable & {
  app: App;
  /** Where it listens, without a slash at the end. */
  url: string;
  port: number;
  dataFolder: string;
  listFile: string;
  /** Everything logged so far, from debug level on. */
  log: readonly LogLine[];
  /** Stops it, as its process would. */
  stop: () => Promise<void>;
  /** Lets time pass for all that looks at the clock; timers run as ever. */
  advanceClock: (ms: number) => void;
  channelUrl: (channelId: string) => string;
  /** Where a channel's playlist leads, in its order. Throws when it does not play. */
  links: (channelId: string) => Promise<string[]>;
};

export async function startTestApp({ channels = {}, list, settings, dataFolder }: TestAppOptions): Promise<TestApp> {
  await using cleanup = new AsyncDisposableStack();
  const temporary = cleanup.use(await mkdtempDisposable(join(tmpdir(), 'hearthcast-')));
  const folder = dataFolder ?? temporary.path;
  const listFile = join(temporary.path, 'list.m3u');
  const entries = Object.entries(channels).map(([id, url]) => ({ id, url }));
  await writeFile(listFile, list ?? m3uOf(entries));

  const log: LogLine[] = [];
  let skewMs = 0;
  const saved = await loadSettings(folder);
  const inForce = { ...saved.settings, host: '127.0.0.1', port: 0, ...settings };
  const foundation = createFoundation(inForce, {
    dataFolder: folder,
    lists: [listFile],
    version: '0.0.0-test',
    log: pino({ level: 'debug', base: null }, { write: (line) => void log.push(JSON.parse(line) as LogLine) }),
    now: () => Date.now() + skewMs,
    random: () => 0.5,
  });
  const app = createApp(inForce, foundation);
  cleanup.defer(() => throwLoggedErrors(log));
  await foundation.start();
  const stop = async (): Promise<void> => {
    await app.stop();
    await foundation.stop();
  };
  cleanup.defer(stop);
  await app.start();
  await foundation.lists.start();

  const url = app.urls.relay;
  const channelUrl = (channelId: string): string => `${url}/proxy/${channelId}/stream.m3u8`;
  const owned = cleanup.move();
  return {
    app,
    url,
    port: Number(new URL(url).port),
    dataFolder: folder,
    listFile,
    log,
    stop,
    advanceClock: (ms) => void (skewMs += ms),
    channelUrl,
    links: async (channelId) => {
      const { status, text } = await get(channelUrl(channelId));
      if (status !== 200) throw new Error(`${channelId} answers ${status}: ${text}`);
      return linksIn(text, channelUrl(channelId));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function throwLoggedErrors(log: readonly LogLine[]): void {
  const errors = log.filter(({ level }) => level >= 50);
  if (errors.length > 0) throw new Error(`the app logged errors:\n${JSON.stringify(errors, null, 2)}`);
}
