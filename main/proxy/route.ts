/** The public URL space: everything a TV can ask for. */
export type Route =
  | { kind: 'home' }
  | { kind: 'list' }
  /** The programme guide; `packed`: as a gzip file. */
  | { kind: 'guide'; packed: boolean }
  | { kind: 'health' }
  | { kind: 'channel'; channelId: string; directives: string }
  | { kind: 'resource'; channelId: string; extension: string; sealed: string; directives: string }
  | { kind: 'unknown' };

const CHANNEL_PATH = /^\/proxy\/(ch_[a-z0-9._-]{1,128})\/([A-Za-z0-9._-]{1,96})$/;
const MAX_SEALED_LENGTH = 12_000;
/** They go to the origin as they are, so a client does not get to write whatever it likes there, nor as much. */
const DIRECTIVE = /^_HLS_[A-Za-z0-9_-]{1,40}=[\w.~%!*'(),:@-]{0,200}$/;
const MAX_DIRECTIVES_LENGTH = 1_000;

/**
 * Reads a request target in origin form (`/path?query`).
 * `directives` are the HLS delivery directives (RFC 8216bis 6.2.5: `_HLS_msn`, ...), as sent, joined by `&`.
 */
export function parseRoute(target: string): Route {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  switch (path) {
    case '/':
      return { kind: 'home' };
    case '/playlist.m3u':
    case '/tv':
      return { kind: 'list' };
    case '/guide.xml':
    case '/guide.xml.gz':
      return { kind: 'guide', packed: path.endsWith('.gz') };
    case '/health':
      return { kind: 'health' };
  }
  const match = CHANNEL_PATH.exec(path);
  if (match === null) return { kind: 'unknown' };
  const [, channelId = '', file = ''] = match;
  const { sealed, directives } = readQuery(mark < 0 ? '' : target.slice(mark + 1));
  if (sealed === '') return file === 'stream.m3u8' ? { kind: 'channel', channelId, directives } : { kind: 'unknown' };
  return {
    kind: 'resource',
    channelId,
    extension: file.slice(file.lastIndexOf('.') + 1).toLowerCase(),
    sealed,
    directives,
  };
}

/** The access key that a request target carries; empty when it carries none. */
export function accessKeyOf(target: string): string {
  const mark = target.indexOf('?');
  const pairs = mark < 0 ? [] : target.slice(mark + 1).split('&');
  return pairs.find((pair) => pair.startsWith('key='))?.slice(4) ?? '';
}

/** The path of the programme guide, with the access key where one is asked for. */
export function guidePath(accessKey = ''): string {
  return `/guide.xml${accessKey === '' ? '' : `?key=${accessKey}`}`;
}

/** The path of a channel, below any base URL, with the access key where one is asked for. */
export function channelPath(channelId: string, accessKey = ''): string {
  return `/proxy/${channelId}/stream.m3u8${accessKey === '' ? '' : `?key=${accessKey}`}`;
}

/** The URL of a resource, relative to any other URL of its channel: it survives host names, port mappings and address changes. */
export function resourceUrl(name: string, extension: string, sealed: string): string {
  return `${name}.${extension}?k=${sealed}`;
}

function readQuery(query: string): { sealed: string; directives: string } {
  let sealed = '';
  let directives = '';
  if (query === '') return { sealed, directives };
  for (const pair of query.split('&')) {
    if (pair.startsWith('k=') && pair.length <= MAX_SEALED_LENGTH) sealed = pair.slice(2);
    else if (
      pair.startsWith('_HLS_') &&
      DIRECTIVE.test(pair) &&
      directives.length + pair.length < MAX_DIRECTIVES_LENGTH
    )
      directives = directives === '' ? pair : `${directives}&${pair}`;
  }
  return { sealed, directives };
}
