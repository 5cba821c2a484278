import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { startChild } from './child.ts';

/** The line that the headless entry prints once it accepts connections. */
const Listening = z.object({
  event: z.literal('listening'),
  relay: z.url(),
  playlist: z.url(),
  lan: z.array(z.url()),
  control: z.url().optional(),
});

export type HeadlessOptions = {
  /** Further flags of the entry; `--host`, `--port`, `--control-port` and `--data` are given already. */
  flags?: readonly string[];
  nodeArgs?: readonly string[];
  /** A channel list to import, as text: written to a file in the data folder, whose path is `listFile`. */
  list?: string;
  /** Run what `npm run build` made, as users do (the default), or the source. */
  built?: boolean;
  /** Run an installed command instead. */
  command?: Command;
  /** Data folder of an earlier run; otherwise a new one that goes with the relay. */
  dataFolder?: string;
  core?: number;
};

/** A program that runs the entry with the flags that follow its own. */
export type Command = {
  program: string;
  flags?: readonly string[];
  cwd?: string;
  env?: Record<string, string | undefined>;
};

/** A running relay in a process of its own. */
export type Headless = AsyncDisposable &
  z.infer<typeof Listening> & {
    pid: number;
    /** From spawning it to its line. */
    startMs: number;
    dataFolder: string;
    listFile: string;
    stderr: readonly string[];
    /** SIGTERM; the exit code, null when it had to be killed. */
    stop: () => Promise<number | null>;
    kill: (signal: NodeJS.Signals) => void;
    /** The HLS URL of a channel. */
    channelUrl: (channelId: string) => string;
  };

/** Starts the headless entry on free loopback ports. Disposing of it checks that it printed nothing but its line. */
export async function startHeadless(options: HeadlessOptions = {}): Promise<Headless> {
  const { flags = [], nodeArgs = [], list, built = true, command, core } = options;
  const temporary = await mkdtempDisposable(join(tmpdir(), 'hearthcast-'));
  const dataFolder = options.dataFolder ?? temporary.path;
  const listFile = join(temporary.path, 'list.m3u');
  if (list !== undefined) await writeFile(listFile, list);
  const child = await startChild({
    script:
      command?.program ??
      fileURLToPath(new URL(built ? '../../out/main/headless.js' : '../../main/headless.ts', import.meta.url)),
    args: [
      ...(command?.flags ?? []),
      ...['--host', '127.0.0.1', '--port', '0', '--control-port', '0', '--data', dataFolder],
      ...(list === undefined ? [] : ['--import', listFile]),
      ...flags,
    ],
    nodeArgs,
    announcement: Listening,
    isProgram: command !== undefined,
    ...(command?.env !== undefined && { env: command.env }),
    ...(command?.cwd !== undefined && { cwd: command.cwd }),
    ...(core !== undefined && { core }),
  });
  return {
    ...child.announcement,
    pid: child.pid,
    startMs: child.startMs,
    dataFolder,
    listFile,
    stderr: child.stderr,
    stop: child.stop,
    kill: child.kill,
    channelUrl: (channelId) => `${child.announcement.relay}/proxy/${channelId}/stream.m3u8`,
    [Symbol.asyncDispose]: async () => {
      await child.stop();
      await temporary.remove();
      const [, ...extra] = child.stdout;
      if (extra.length > 0) throw new Error(`more than one line on stdout:\n${extra.join('\n')}`);
    },
  };
}

/** A channel list in M3U: a name and tvg-id, and the URL it is at. */
export function m3uOf(channels: readonly { id: string; url: string }[]): string {
  const entries = channels.map(({ id, url }) => `#EXTINF:-1 tvg-id="${id}",${id}\n${url}\n`);
  return `#EXTM3U\n${entries.join('')}`;
}
