import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ListOrigin } from '../../shared/contract.ts';

/** What a start of the desktop app asks for. */
export type Launch = {
  /** Begin without a window, as at login. */
  isHidden: boolean;
  /** Flags that the headless entry knows too. */
  relayFlags: string[];
  /** Lists handed over for import: files that were opened, links that were followed. */
  offers: ListOrigin[];
};

const RELAY_FLAG =
  /^--(?:host|port|control-host|control-port|data|import|redis|memory-cache-mib|log-level)(?<value>=.*)?$/s;

/**
 * Reads the arguments behind the program's name. Flags that are not ours are Chromium's.
 * @param folder that relative paths start from
 */
export function parseLaunch(args: readonly string[], folder: string): Launch {
  const launch: Launch = { isHidden: false, relayFlags: [], offers: [] };
  const rest = args.values();
  for (const arg of rest) {
    const flag = RELAY_FLAG.exec(arg);
    if (flag?.groups !== undefined) {
      launch.relayFlags.push(arg);
      const next = flag.groups['value'] === undefined ? rest.next().value : undefined;
      if (next !== undefined) launch.relayFlags.push(next);
    } else if (arg === '--hidden') {
      launch.isHidden = true;
    } else if (!arg.startsWith('-')) {
      launch.offers.push(...parseOffer(arg, folder));
    }
  }
  return launch;
}

/** What a path, an address or a `hearthcast://import?url=` link offers for import; nothing when it makes no sense. */
export function parseOffer(text: string, folder: string): ListOrigin[] {
  const url = /^[a-z][a-z\d+.-]+:/i.test(text) ? URL.parse(text) : null;
  if (url === null) return toOffer({ kind: 'file', path: path.resolve(folder, text) });
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return toOffer({ kind: 'url', url: url.href });
    case 'hearthcast:':
      return url.host === 'import' ? toOffer({ kind: 'url', url: url.searchParams.get('url') }) : [];
    case 'file:':
      return url.host === '' ? toOffer({ kind: 'file', path: fileURLToPath(url) }) : [];
    default:
      return [];
  }
}

function toOffer(origin: object): ListOrigin[] {
  const { data } = ListOrigin.safeParse(origin);
  return data === undefined ? [] : [data];
}
