import { formatRange, type ByteRange } from '../byte-range.ts';

/**
 * What an upstream URL is cached under: channel, host and path. Tokens in the query change with every refresh of a playlist
 * and must not defeat the cache, so the query counts only where the playlist needs it to tell two resources apart.
 * @param range given when the playlist addresses the resource in parts; each part is then a resource of its own
 */
export function cacheKey(channelId: string, url: string, keyedByQuery: boolean, range?: ByteRange): string {
  const authority = url.indexOf('://') + 3;
  const query = url.indexOf('?', authority);
  const identity = query < 0 || keyedByQuery ? url.slice(authority) : url.slice(authority, query);
  const withoutCredentials = identity.replace(/^[^/?#]*@/, '');
  return `${channelId} ${withoutCredentials}${range === undefined ? '' : ` ${formatRange(range)}`}`;
}
