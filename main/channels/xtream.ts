import * as z from 'zod';
import { say } from '../../shared/sentences.ts';
import { ProxyError } from '../errors.ts';
import { cleanText, MAX_ENTRIES, type ChannelList, type ListEntry, type SkippedLine } from './channel-list.ts';
import { inSlices } from './in-slices.ts';
import { jsonElements } from './json-elements.ts';
import { parseAddress } from './source-address.ts';

/** An account on a panel that speaks the Xtream Codes API. */
export type XtreamAccount = { server: string; username: string; password: string };

const MAX_SKIPPED_KEPT = 100;

/** Panels write numbers as text, text as numbers, and null for either. */
const Text = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => String(value ?? ''));

const Category = z.object({ category_id: Text, category_name: Text });

const Stream = z.object({
  num: Text,
  name: Text,
  stream_id: Text,
  stream_icon: Text,
  epg_channel_id: Text,
  category_id: Text,
});

/**
 * Reads the live channels of an account.
 * @param load fetches a document of the panel
 * @throws ProxyError BAD_LIST in words, which name neither the account nor its password
 */
export async function loadXtream(
  account: XtreamAccount,
  load: (url: string) => Promise<Buffer>,
  signal: AbortSignal,
): Promise<ChannelList> {
  const ask = (action: string): Promise<Buffer> => load(apiUrl(account, action));
  const groups = new Map<string, string>();
  await eachElement(
    await ask('get_live_categories'),
    (element) => {
      const category = Category.safeParse(element).data;
      if (category !== undefined) groups.set(category.category_id, cleanText(category.category_name));
    },
    signal,
  );
  const entries: ListEntry[] = [];
  const skipped: SkippedLine[] = [];
  let count = 0;
  await eachElement(
    await ask('get_live_streams'),
    (element) => {
      count += 1;
      const stream = Stream.safeParse(element).data;
      const entry = stream && toEntry(stream, groups, account);
      if (entry !== undefined) entries.push(entry);
      else if (skipped.length < MAX_SKIPPED_KEPT) skipped.push({ line: count, reason: say('skipped.noLiveChannel') });
    },
    signal,
  );
  if (entries.length === 0) throw new ProxyError('BAD_LIST', say('xtream.empty'));
  return { entries, skipped, skippedCount: count - entries.length, guideUrls: [guideUrl(account)] };
}

function toEntry(
  { num, name, stream_id, stream_icon, epg_channel_id, category_id }: z.infer<typeof Stream>,
  groups: ReadonlyMap<string, string>,
  account: XtreamAccount,
): ListEntry | undefined {
  if (!/^\d{1,20}$/.test(stream_id)) return undefined;
  const address = parseAddress(streamUrl(account, stream_id), {});
  if (address.kind === 'refused') return undefined;
  return {
    name: cleanText(name) || `Channel ${stream_id}`,
    number: /^\d{1,6}$/.test(num) ? Number(num) : null,
    group: groups.get(category_id) ?? '',
    logo: cleanText(stream_icon, 4096),
    tvgId: cleanText(epg_channel_id),
    attributes: {},
    sources: [address.source],
  };
}

async function eachElement(bytes: Buffer, take: (element: unknown) => void, signal: AbortSignal): Promise<void> {
  refuseLoginFailure(bytes);
  let count = 0;
  const takeNext = (element: unknown): void => {
    count += 1;
    if (count > MAX_ENTRIES) throw new ProxyError('BAD_LIST', say('list.tooLong', { count: MAX_ENTRIES }));
    take(element);
  };
  try {
    await inSlices(jsonElements(bytes), takeNext, signal);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ProxyError('BAD_LIST', say('xtream.noPanel'), { cause: error });
  }
}

/** Instead of an array, panels answer a wrong password with what they know of the user: nothing. */
function refuseLoginFailure(bytes: Buffer): void {
  const start = bytes.subarray(0, 4096).toString('utf8').trimStart();
  if (start.startsWith('{') && start.includes('"user_info"')) {
    throw new ProxyError('BAD_LIST', say('xtream.login'));
  }
}

function apiUrl(account: XtreamAccount, action: string): string {
  return withLogin('player_api.php', account, { action });
}

function guideUrl(account: XtreamAccount): string {
  return withLogin('xmltv.php', account, {});
}

function withLogin(page: string, { server, username, password }: XtreamAccount, more: Record<string, string>): string {
  const url = new URL(page, folderOf(server));
  url.search = new URLSearchParams({ username, password, ...more }).toString();
  return url.href;
}

function streamUrl({ server, username, password }: XtreamAccount, streamId: string): string {
  const login = `${encodeURIComponent(username)}/${encodeURIComponent(password)}`;
  return new URL(`live/${login}/${streamId}.m3u8`, folderOf(server)).href;
}

/** People paste the address of any page of the panel; all of its own hang below the folder. */
function folderOf(server: string): URL {
  const url = new URL(server);
  url.search = '';
  url.hash = '';
  url.pathname = url.pathname.replace(/\/[^/]*\.\w+$/, '/').replace(/\/*$/, '/');
  return url;
}
