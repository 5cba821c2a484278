import { existsSync } from 'node:fs';
import path from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { informationAsked, parseCommandLine, USAGE, type CommandLine } from './command-line.ts';
import { defaultDataFolder } from './data-folder.ts';
import { ProxyError } from './errors.ts';

/* The entry without a window: the same app, on Node, driven by flags and signals. What needs a recent Node is loaded once that is certain. */

const OLDEST_NODE = 24;

/** Where the build puts the window, seen from this file as it is written and as it is built. */
const RENDERER_FOLDER = path.resolve(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? '../out/renderer' : '../renderer',
);

async function main(): Promise<void> {
  const information = informationAsked(process.argv.slice(2));
  if (information !== undefined) {
    process.stdout.write(`${information === 'help' ? USAGE : packageJson.version}\n`);
    return;
  }
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    fail(
      1,
      `Hearthcast needs Node ${OLDEST_NODE} or newer, this is ${process.versions.node}; "hearthcast" and "npm run headless" bring their own.`,
    );
  }
  const commandLine = readCommandLine();
  const dataFolder = commandLine.dataFolder ?? defaultDataFolder(process.platform, process.env);
  const { createHeadlessRelay } = await import('./headless-relay.ts');
  const relay = await createHeadlessRelay({
    dataFolder,
    lists: commandLine.lists.map(toAbsolute),
    overrides: commandLine.settings,
    control: commandLine.control,
    version: packageJson.version,
    rendererFolder: RENDERER_FOLDER,
  });
  stopOnSignals(() => relay.stop());
  await relay.start();
  process.stdout.write(`${JSON.stringify({ event: 'listening', ...(await relay.urls()) })}\n`);
}

function readCommandLine(): CommandLine {
  try {
    return parseCommandLine(process.argv.slice(2));
  } catch (error) {
    return fail(2, `${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** A path as it was typed: `npm run` changes the working directory, and says where it was. */
function toAbsolute(list: string): string {
  if (/^https?:\/\//i.test(list)) return list;
  const here = path.resolve(list);
  return existsSync(here) ? here : path.resolve(process.env['INIT_CWD'] ?? '.', list);
}

/** A terminal's Ctrl+C may arrive twice, from the terminal itself and from whoever started us. */
const SAME_SIGNAL_MS = 1_000;

/** The first signal stops the app in order, another one a while later at once. */
function stopOnSignals(stop: () => Promise<void>): void {
  let stoppingSince: number | undefined;
  const onSignal = (): void => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(1);
      return;
    }
    stoppingSince = performance.now();
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(1, `Hearthcast did not stop cleanly: ${String(error)}`),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

/** One sentence on stderr, and the end. */
function fail(exitCode: number, sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(exitCode);
}

main().catch((error: unknown) => {
  if (error instanceof ProxyError) fail(1, `Hearthcast cannot start. ${error.message}`);
  throw error;
});
