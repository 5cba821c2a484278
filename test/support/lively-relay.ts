import { body, startFakeOrigin } from './fake-origin.ts';
import { startHeadless, type Headless } from './headless.ts';
import { startOrigin } from './origin.ts';
import { channelUrl } from './origin-settings.ts';
import { createRelayClient } from './relay-client.ts';

/** A relay in which there is something to see: many channels, a list from the web, programme guides, TVs that watch. */
export type LivelyRelay = AsyncDisposable & { relay: Headless; listUrl: string };

const CHANNELS = 80;
const TVS = [
  'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV Safari/538.1',
  'VLC/3.0.20 LibVLC/3.0.20',
  'Lavf/60.16.100',
];
/** More often than they would be thought to have left. */
const LOOKS_EVERY_MS = 5000;

export async function startLivelyRelay(): Promise<LivelyRelay> {
  await using cleanup = new AsyncDisposableStack();
  const origin = cleanup.use(await startOrigin({ segmentBytes: 100_000 }));
  const provider = cleanup.use(await startFakeOrigin({ '/guide.xml': body(guideOf()) }));
  // One of its two guides does not exist.
  const list = listOf(origin.url, [`${provider.url}/guide.xml`, `${provider.url}/no-guide.xml`]);
  provider.route('/premium-with-a-rather-long-name.m3u', body(list));
  const relay = cleanup.use(await startHeadless({ list }));
  await createRelayClient(relay).ask('guide.refresh', {});
  const look = (): Promise<unknown> => Promise.all(TVS.map((userAgent, index) => watch(relay, index, userAgent)));
  await look();
  const timer = setInterval(() => void look().catch(() => undefined), LOOKS_EVERY_MS);
  cleanup.defer(() => clearInterval(timer));
  const owned = cleanup.move();
  return {
    relay,
    listUrl: `${provider.url}/premium-with-a-rather-long-name.m3u`,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Names as they come: short and long, in two scripts. */
function listOf(originUrl: string, guideUrls: readonly string[]): string {
  const entries = Array.from({ length: CHANNELS }, (_, index) => {
    const name =
      index % 5 === 4
        ? `山川纪实频道 ${index}`
        : index % 7 === 3
          ? `The Very Long Name of a Channel About Nature and Travel ${index}`
          : `Channel ${index}`;
    const group = index % 3 === 0 ? '央视频道' : `Group ${index % 6}`;
    return `#EXTINF:-1 tvg-id="c${index}" group-title="${group}",${name}\n${channelUrl(originUrl, index)}`;
  });
  return `#EXTM3U x-tvg-url="${guideUrls.join(',')}"\n${entries.join('\n')}\n`;
}

function guideOf(): string {
  const channels = Array.from({ length: CHANNELS }, (_, index) => `<channel id="c${index}"/>`);
  return `<tv>${channels.join('')}<programme start="20261128200000 +0000" channel="c0"><title>News</title></programme></tv>`;
}

/** What a TV asks for now and then; the newest segment, so that something flows. */
async function watch(relay: Headless, channel: number, userAgent: string): Promise<void> {
  const load = async (url: string): Promise<string> =>
    (await fetch(url, { headers: { 'User-Agent': userAgent } })).text();
  const lastUri = (playlist: string): string => playlist.trim().split('\n').at(-1) ?? '';
  const multivariantUrl = relay.channelUrl(`ch_c${channel}`);
  const mediaUrl = new URL(lastUri(await load(multivariantUrl)), multivariantUrl).href;
  await load(new URL(lastUri(await load(mediaUrl)), mediaUrl).href);
}
