import { renderSVG } from 'uqr';

/** What the page says, in one language. */
type Words = {
  language: string;
  title: string;
  ready: (channelCount: number) => string;
  steps: readonly string[];
};

const ENGLISH: Words = {
  language: 'en',
  title: 'Hearthcast is running',
  ready: (count) =>
    `${count === 1 ? '1 channel is' : `${count} channels are`} ready. Add this playlist address to the IPTV app on your TV:`,
  steps: [
    'On the TV, open an IPTV app: TiviMate, IPTV Smarters, SS IPTV, Kodi, VLC.',
    'Choose “add playlist” (M3U URL) and type the address above, or scan the code with a phone.',
    'Pick a channel. TV and relay must be on the same network.',
  ],
};

const CHINESE: Words = {
  language: 'zh-CN',
  title: 'Hearthcast 正在运行',
  ready: (count) => `已有 ${count} 个频道。请在电视的 IPTV 应用中添加这个播放列表地址：`,
  steps: [
    '在电视上打开 IPTV 应用：TiviMate、IPTV Smarters、SS IPTV、Kodi、VLC。',
    '选择“添加播放列表”（M3U URL），输入上面的地址，或用手机扫描二维码。',
    '选一个频道即可观看。电视和这台电脑必须在同一个网络中。',
  ],
};

/**
 * The page behind the bare address, for a phone or a TV's browser: how to add the list. No script, nothing from elsewhere.
 * @param acceptLanguage the header of the request: Chinese for whoever asks for it first, English for everybody else
 */
export function renderHomePage({
  baseUrl,
  channelCount,
  acceptLanguage = '',
}: {
  baseUrl: string;
  channelCount: number;
  acceptLanguage?: string;
}): string {
  const listUrl = `${baseUrl}/tv`;
  const words = /^\s*zh\b/i.test(acceptLanguage) ? CHINESE : ENGLISH;
  return `<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Hearthcast</title>
<style>
  :root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
  body { margin: 0 auto; padding: 2rem 1.25rem; max-width: 34rem; }
  h1 { font-size: 1.6rem; margin: 0; }
  code { display: block; font-size: 1.35rem; padding: .8rem 1rem; border-radius: .6rem; background: #8883; overflow-wrap: anywhere; }
  svg { display: block; width: 11rem; margin: 1.5rem 0; border-radius: .6rem; background: #fff; }
  a { color: inherit; }
</style>
</head>
<body>
<h1>${words.title}</h1>
<p>${words.ready(channelCount)}</p>
<p><a href="/tv"><code>${escapeHtml(listUrl)}</code></a></p>
${renderSVG(listUrl)}
<ol>
${words.steps.map((step) => `  <li>${step}</li>`).join('\n')}
</ol>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
